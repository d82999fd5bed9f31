"""Which agents may be launched for tasks: as many as the caps and the memory allow."""

from collections import Counter
from collections.abc import Iterator, Sequence

from command_center.domain.errors import LaunchError, SpecError
from command_center.domain.model import Repo
from command_center.domain.placement import Nursery
from command_center.domain.tasks import Life
from command_center.drivers.memory import memory
from command_center.engine.core import Engine
from command_center.engine.recipes import find_binary
from command_center.store.settings import Dispatch

GIB = 1 << 30
RESERVE_GIB = 0.5
"""Memory that has to stay available when somebody launches an agent himself."""
Expected = Sequence[tuple[str, str]]
"""The spec of each agent, and the id of its repository."""


def demand_memory(settings: Dispatch) -> None:
    """Raises LaunchError when the machine would begin to swap or kill for one more agent."""
    needed, there = settings.agent_gib + RESERVE_GIB, memory().available / GIB
    if there < needed:
        raise LaunchError(
            f"only {there:.1f} GiB of memory is available and an agent needs {needed:g}; "
            "stop something, or lower `agent_gib` in [dispatch]"
        )


def nurseries(engine: Engine, expected: Expected = ()) -> list[Nursery]:
    """One for each spec and each repository that has queued tasks.

    `expected` are agents that are just being made.
    """
    queued = [t for t in engine.fleet.tasks.values() if t.life is Life.QUEUED]
    repos = {t.brief.repo: engine.fleet.repos[t.brief.repo] for t in queued}
    named = {(t.brief.repo, t.brief.spec) for t in queued if t.brief.spec}
    return [
        _nursery(engine, repo, spec, expected)
        for repo in repos.values()
        for spec in dict.fromkeys(
            (*_usual(engine, repo), *(spec for where, spec in named if where == repo.id))
        )
    ]


def _usual(engine: Engine, repo: Repo) -> Iterator[str]:
    """What may be launched unasked: as configured, else what works on the repository already."""
    if engine.settings.dispatch.specs:
        yield from engine.settings.dispatch.specs
        return
    there = [a.order.spec for a in engine.fleet.agents.values() if a.order.repo == repo.id]
    yield from (spec for spec, _ in Counter(there).most_common())


def _nursery(engine: Engine, repo: Repo, spec: str, expected: Expected) -> Nursery:
    why = ""
    room = 0
    try:
        found = engine.catalog(repo).spec(spec)
        find_binary(found, engine.environ)
    except (SpecError, LaunchError) as error:
        why = str(error)
    else:
        room, why = _room(engine, spec, repo, expected)
    return Nursery(spec, repo.id, room, niches(engine, spec), why)


def niches(engine: Engine, spec: str) -> tuple[str, ...]:
    return tuple(name for name, specs in engine.settings.dispatch.niches.items() if spec in specs)


def _room(engine: Engine, spec: str, repo: Repo, expected: Expected) -> tuple[int, str]:
    if engine.quota_left(spec) == 0:
        return 0, f"{spec} has no quota left"
    settings = engine.settings.dispatch
    agents = engine.fleet.agents.values()
    running = [(a.order.spec, a.order.repo) for a in agents if not a.is_resumable]
    running += expected
    rooms = [(settings.most_agents - len(running), f"{len(running)} agents run already")]
    if spec in settings.most_of:
        count = sum(each == spec for each, _ in running)
        rooms.append((settings.most_of[spec] - count, f"{count} agents of {spec} run already"))
    if repo.name in settings.most_in:
        count = sum(place == repo.id for _, place in running)
        rooms.append((settings.most_in[repo.name] - count, f"{count} run in {repo.name} already"))
    spare = int((memory().available / GIB - settings.least_free_gib) / settings.agent_gib)
    # Not how much is free: that changes all the time, and every other reason would be news.
    needed = settings.least_free_gib + settings.agent_gib
    rooms.append((spare, f"another agent needs {needed:g} GiB of memory to be free"))
    room, why = min(rooms, key=lambda each: each[0])
    return max(0, room), why if room <= 0 else ""
