"""How fast tasks reach idle agents, and how busy they keep them.

    python -m benchmarks.dispatch [--quick]

- Latency: 100 agents, and tasks whose turns last 10 to 30 s. From the moment at which an agent
  says that its turn is over until the end of typing of its next prompt: the done-check (`true`),
  the commit of what it left, the choice, the branch, the paste and the spec's pause of 50 ms.
  What 100 agents that are idle at once wait for their first prompts is printed above the table.
- Utilisation: busy agent-time / (agents x time from the first task to the end of the last), on a
  plan of twelve tasks with 4 agents and on 200 tasks, of which some need others, with 20. Against
  a plain FIFO, with the same engine: the next task whose needs are done gets a fresh agent as soon
  as one of as many places is free, and the agent is stopped when its turn is over. An agent takes
  0.7 s to start, as Claude Code does; the FIFO checks nothing and merges nothing.
"""

import asyncio
import random
import statistics
import sys
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from benchmarks.supervised import generated_repository, launch_many, ram_folder, supervised
from benchmarks.table import Row, finish, row
from command_center.domain import events as ev
from command_center.domain.intents import Launch, Stop
from command_center.domain.model import Delivery, Fleet, State
from command_center.domain.task_events import TaskAdded
from command_center.domain.task_intents import AddTasks, SetDispatch
from command_center.domain.tasks import Brief, Check, Conversation, Judge, Life
from tests.center import ECHO_SPEC, Center
from tests.twelve_tasks import NEEDS, fleets

LATENCY_AGENTS = 100
LATENCY_TASKS = 300
TURNS = (10.0, 30.0)
LATENCY_MS = 500.0
MANY_AGENTS, MANY_TASKS = 20, 200
FEW_AGENTS = 4
STARTS = 0.7
SEED = 5
PATIENCE = 400.0

PASSES = Check(Judge.COMMAND, ("true",))
SETTINGS = """
[dispatch]
most_agents = {agents}
specs = ["echo"]
least_free_gib = 0
"""
SLOW_START = ECHO_SPEC.replace(
    'argv = ["${binary}",',
    f'argv = ["sh", "-c", \'sleep {STARTS}; exec "$$0" "$$@"\', "${{binary}}",',
)


@asynccontextmanager
async def stage(folder: Path, agents: int, spec: str = ECHO_SPEC) -> AsyncIterator[Center]:
    repo = generated_repository(folder / "project", 20)
    home = folder / "home"
    (home / "config").mkdir(parents=True)
    center = Center(home, repo)
    center.places.settings.parent.mkdir(parents=True, exist_ok=True)
    center.places.settings.write_text(SETTINGS.format(agents=agents), "utf-8")
    async with supervised(home, repo) as center:
        center.add_spec("echo", spec)
        yield center


def told(title: str, seconds: float) -> str:
    return f"{title} [for:{seconds:.2f}]"


def many(count: int) -> list[Brief]:
    """Tasks of 2 to 6 s; three in ten need one or two that come before."""
    dice, briefs = random.Random(SEED), []
    for place in range(1, count + 1):
        needs: tuple[str, ...] = ()
        if place > 10 and dice.random() < 0.3:
            before = dice.sample(range(1, place), dice.randint(1, 2))
            needs = tuple(f"#{each}" for each in sorted(before))
        title = f"Task number {place}"
        briefs.append(Brief(title, prompt=told(title, dice.uniform(2, 6)), needs=needs))
    return briefs


def twelve() -> list[Brief]:
    """The plan of the tests, each of 3 to 6 s."""
    dice, titles = random.Random(SEED), list(NEEDS)
    return [
        Brief(
            title,
            prompt=told(title, dice.uniform(3, 6)),
            needs=tuple(f"#{titles.index(need) + 1}" for need in NEEDS[title]),
        )
        for title in titles
    ]


def kept(briefs: Iterable[Brief], conversation: Conversation) -> tuple[Brief, ...]:
    return tuple(replace(brief, check=PASSES, conversation=conversation) for brief in briefs)


def is_done(count: int, fleet: Fleet) -> bool:
    return sum(task.life is Life.REVIEW for task in fleet.tasks.values()) == count


async def dispatched(center: Center, briefs: Sequence[Brief], how: Conversation) -> None:
    await center.answer(SetDispatch("automatic"))
    asked = await center.answer(AddTasks(kept(briefs, how), str(center.repo)))
    assert not asked.is_refused, asked.text
    await center.until(partial(is_done, len(briefs)), PATIENCE)


async def first_come(center: Center, briefs: Sequence[Brief], places: int) -> None:
    """The plain FIFO."""
    waiting = {f"#{place}": brief for place, brief in enumerate(briefs, 1)}
    at_work: dict[str, str] = {}
    done: set[str] = set()
    while len(done) < len(briefs):
        fleet = center.fleet
        for task, agent in list(at_work.items()):
            now = fleet.agents.get(agent)
            if now and now.receipts and now.receipts[-1].delivery is Delivery.FINISHED:
                del at_work[task]
                done.add(task)
                center.ask(Stop(agent))
        ready = (task for task, brief in waiting.items() if done.issuperset(brief.needs))
        if len(at_work) < places and (task := next(ready, "")):
            intent = Launch("echo", str(center.repo), waiting.pop(task).prompt)
            answered = asyncio.create_task(center.answer(intent))
            at_work[task] = (await answered).agent
        else:
            await asyncio.sleep(0.01)


def utilisation(center: Center, places: int) -> tuple[float, float]:
    """The share, and the seconds from the first task to the end of the last."""
    begun = ended = 0.0
    busy, since = 0.0, dict[str, float]()
    for at, fleet in fleets(center.view.records()):
        if not begun and any(agent.receipts for agent in fleet.agents.values()):
            begun = at
        for agent in fleet.agents.values():
            if agent.state is State.BUSY:
                since.setdefault(agent.id, at)
            elif agent.id in since:
                busy += at - since.pop(agent.id)
                ended = at
    return busy / (places * (ended - begun)), ended - begun


async def kept_busy(name: str, briefs: list[Brief], places: int) -> list[Row]:
    shares: dict[str, tuple[float, float]] = {}
    for how in ("kept", "fresh", "fifo"):
        with ram_folder() as ram:
            async with stage(ram, places, SLOW_START) as center:
                if how == "fifo":
                    await first_come(center, briefs, places)
                else:
                    await launch_many(center, places)
                    await dispatched(center, briefs, Conversation(how))
                shares[how] = utilisation(center, places)
    return [
        row(
            f"{name}: utilisation, {how} conversations",
            f"{shares[how][0]:.0%} in {shares[how][1]:.0f} s",
            f"{shares['fifo'][0]:.0%} in {shares['fifo'][1]:.0f} s",
            f"{shares[how][0] / shares['fifo'][0]:.2f}",
            f">= {bar}",
            shares[how][0] / shares["fifo"][0] >= bar,
        )
        for how, bar in (("kept", 1.1), ("fresh", 0.95))
    ]


def latencies(records: Iterable[ev.Record]) -> tuple[list[float], list[float]]:
    """Seconds from the end of a turn to the end of typing the next prompt; and of first prompts,
    from the tasks' arrival."""
    first, later = list[float](), list[float]()
    idle_since: dict[str, float] = {}
    added = 0.0
    for record in records:
        match record.event:
            case TaskAdded():
                added = added or record.at
            case ev.StateClaimed(agent=agent, claim=claim) if added:
                if claim.state is State.IDLE:
                    idle_since.setdefault(agent, claim.at)
            case ev.PromptTyped(agent=agent):
                if agent in idle_since:
                    later.append(record.at - idle_since.pop(agent))
                else:
                    first.append(record.at - added)
            case ev.PromptAccepted(agent=agent):
                idle_since.pop(agent, None)
            case _:
                pass
    return later, first


async def latency(agents: int, tasks: int) -> list[Row]:
    dice = random.Random(SEED)
    briefs = [
        Brief(f"Task number {n}", prompt=told(f"Task number {n}", dice.uniform(*TURNS)))
        for n in range(tasks)
    ]
    with ram_folder() as ram:
        async with stage(ram, agents) as center:
            await launch_many(center, agents)
            await dispatched(center, briefs, Conversation.KEPT)
            later, first = latencies(center.view.records())
    print(
        f"{agents} idle at once: typed after {statistics.median(first):.2f} s (median), "
        f"{max(first):.2f} s (last); {len(later)} prompts later: "
        f"median {statistics.median(later) * 1e3:.0f} ms, longest {max(later) * 1e3:.0f} ms"
    )
    ms = statistics.quantiles(later, n=20)[-1] * 1e3
    name = f"{agents} agents: idle until the next prompt is typed, p95"
    return [row(name, f"{ms:.0f} ms", "-", "-", f"<= {LATENCY_MS:.0f} ms", ms <= LATENCY_MS)]


async def measure(*, is_quick: bool) -> list[Row]:
    begun = time.monotonic()
    rows = await latency(LATENCY_AGENTS, 160 if is_quick else LATENCY_TASKS)
    rows += await kept_busy("12 tasks, 4 agents", twelve(), FEW_AGENTS)
    count = 60 if is_quick else MANY_TASKS
    rows += await kept_busy(f"{count} tasks, {MANY_AGENTS} agents", many(count), MANY_AGENTS)
    print(f"took {time.monotonic() - begun:.0f} s")
    return rows


def main() -> None:
    finish("Dispatching", asyncio.run(measure(is_quick=sys.argv[1:] == ["--quick"])))


if __name__ == "__main__":
    main()
