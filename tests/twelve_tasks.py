"""A plan of twelve tasks in Markdown, and what has to hold for the log of its dispatch."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from command_center.domain.events import Record
from command_center.domain.model import Agent, Fleet, Phase, State
from command_center.domain.placement import Worker, misfit
from command_center.domain.reduce import reduce
from command_center.domain.task_life import unmet
from command_center.domain.tasks import Life, Task
from tests.gitrepo import commit, write

CHECK = """\
# Every file is there; what is missing is asked for, in the words of both kinds of agent.
for file; do
    test -e "$file" && continue
    echo "$file is missing. SM[write:$file|made ;; say:Made.]SM [write:$file]"
    exit 1
done
"""
NEEDS: dict[str, tuple[str, ...]] = {
    "Lay the ground": (),
    "Raise the walls": ("Lay the ground",),
    "Dig the well": ("Lay the ground",),
    "Plant the hedge": ("Lay the ground",),
    "Set the roof": ("Raise the walls", "Dig the well"),
    "Draw the map": (),
    "Colour the map": ("Draw the map",),
    "Hang the gate": ("Plant the hedge",),
    "Paint it all": ("Set the roof", "Hang the gate"),
    "Bring the tools": (),
    "Sharpen the tools": ("Bring the tools",),
    "Open the house": ("Paint it all", "Colour the map", "Sharpen the tools"),
}
FAILS = "Hang the gate"
"""Its done-check wants a file of which the prompt says nothing."""
LIMITED = "Bring the tools"
KEPT = ("Colour the map", "Sharpen the tools", "Open the house")
"""Told in the conversation that the agent has."""
Work = Callable[[str, str], str]
"""What an agent is told, by the title of its task and the file that it makes."""


def file_of(title: str) -> str:
    return f"{title.split()[0].lower()}-{title.split()[-1]}.txt"


def plan(work: Work, specs: Mapping[str, str] = MappingProxyType({})) -> str:
    """Markdown as a user writes it. Every check wants the files of what was needed, too."""
    found = (_section(title, work, specs.get(title, "")) for title in NEEDS)
    return "# A house\n\n" + "\n\n".join(found)


def _section(title: str, work: Work, spec: str) -> str:
    wanted = [file_of(each) for each in (*NEEDS[title], title)]
    wanted += ["latch.txt"] if title == FAILS else []
    lines = [f"## {title}", f"- check: sh check.sh {' '.join(wanted)}"]
    lines += [f"- needs: {', '.join(NEEDS[title])}"] if NEEDS[title] else []
    lines += ["- conversation: kept"] if title in KEPT else []
    lines += [f"- spec: {spec}"] if spec else []
    return "\n".join((*lines, "", work(title, file_of(title))))


def lay_check(repo: Path) -> None:
    write(repo / "check.sh", CHECK)
    commit(repo, "How it is checked")


def fleets(records: Iterable[Record]) -> Iterator[tuple[float, Fleet]]:
    """When each fleet came to be, and the fleet."""
    fleet = Fleet()
    for record in records:
        fleet = reduce(fleet, record)
        yield record.at, fleet


def longest_idle(records: Iterable[Record]) -> tuple[float, str]:
    """The longest time for which an agent stood idle while a task it could take was queued.

    In seconds, with the agent's and the task's name.
    """
    since: dict[tuple[str, str], float] = {}
    worst = (0.0, "")
    for at, fleet in fleets(records):
        idle = [agent for agent in fleet.agents.values() if _stands_idle(agent, fleet)]
        ready = list(_ready(fleet))
        pairs = {(a.name, t.id) for a in idle for t in ready if not misfit(t, seen_as(a))}
        for pair in set(since) | pairs:
            if pair in since:
                worst = max(worst, (at - since[pair], " ".join(pair)))
            if pair in pairs:
                since.setdefault(pair, at)
            else:
                del since[pair]
    return worst


def _stands_idle(agent: Agent, fleet: Fleet) -> bool:
    taken = any(t.agent == agent.id and t.takes_agent for t in fleet.tasks.values())
    return agent.phase is Phase.LIVE and agent.state is State.IDLE and not taken


def _ready(fleet: Fleet) -> Iterator[Task]:
    for task in fleet.tasks.values():
        if task.life is Life.QUEUED and not task.is_held and not unmet(task, fleet.tasks):
            yield task


def seen_as(agent: Agent) -> Worker:
    return Worker(agent.id, agent.name, agent.order.spec, agent.order.repo, agent.since)


def check_order(fleet: Fleet) -> None:
    """Nothing began before what it needs had passed its check."""
    tasks = fleet.tasks
    for task in tasks.values():
        for need in task.brief.needs:
            assert tasks[need].ended_at <= task.started_at, (task.id, need)


def check_all_done(fleet: Fleet) -> None:
    """Each by its own command, and only one after it was sent back."""
    for task in fleet.tasks.values():
        assert (task.life, task.is_held) == (Life.REVIEW, False), task
        assert task.returns == (1 if task.brief.title == FAILS else 0), task
