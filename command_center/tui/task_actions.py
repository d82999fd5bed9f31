"""Everything a key can do to a task, in one table."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from command_center.domain.model import Fleet
from command_center.domain.task_life import unmet
from command_center.domain.tasks import Life, Task, TaskKind
from command_center.tui.figures import Part
from command_center.tui.item_actions import ItemAction, hints, never

if TYPE_CHECKING:
    from textual.worker import Worker

    from command_center.tui.following import KeyDeed

AUTOMATIC = "automatic"


def is_proposed(task: Task, fleet: Fleet) -> bool:
    """Whether the user can say yes to where it would go."""
    return fleet.dispatch != AUTOMATIC and task.life is Life.QUEUED and task.proposed != ""


def no_yes(task: Task, fleet: Fleet) -> str | None:
    if task.life in (Life.CHECK, Life.REVIEW) or is_proposed(task, fleet):
        return None
    if task.life.is_over:
        return _over(task)
    return f"{task.id} is {task.life}: there is nothing to approve yet"


def no_return(task: Task, fleet: Fleet) -> str | None:
    agent = fleet.agents.get(task.agent)
    if task.life not in (Life.CHECK, Life.RUNNING, Life.REVIEW) or agent is None:
        return _over(task) or f"{task.id} is {task.life}: no agent has brought anything yet"
    if agent.order.branch != task.branch:
        return f"{agent.name} has gone on to other work: q queues {task.id} again"
    return None


def no_queue(task: Task, _: Fleet) -> str | None:
    if task.life is Life.QUEUED and not task.is_held:
        return f"{task.id} is queued already"
    return _over(task)


def no_discard(task: Task, _: Fleet) -> str | None:
    return _over(task)


def no_run(task: Task, _: Fleet) -> str | None:
    if task.brief.kind is not TaskKind.EXPERIMENT:
        return f"{task.id} is no experiment"
    if task.is_measuring:
        return f"{task.id} waits for the end of its runs: X shows them"
    if task.takes_agent:
        return f"{task.id} is {task.life}: an agent is at work on it"
    return _over(task)


def no_edit(task: Task, _: Fleet) -> str | None:
    if task.life in (Life.DRAFT, Life.QUEUED):
        return None
    return _over(task) or f"{task.id} is {task.life}: q takes it back, then it can be revised"


def no_assign(task: Task, fleet: Fleet) -> str | None:
    if task.life not in (Life.DRAFT, Life.QUEUED):
        return _over(task) or f"{task.id} is {task.life}: q takes it back first"
    missing = unmet(task, fleet.tasks)
    return f"{task.id} waits for {', '.join(missing)}" if missing else None


def no_agent(task: Task, fleet: Fleet) -> str | None:
    return None if task.agent in fleet.agents else f"{task.id} has no agent"


def _over(task: Task) -> str | None:
    return f"{task.id} is {task.life} already" if task.life.is_over else None


TASK_ACTIONS: tuple[ItemAction[Task], ...] = (
    ItemAction("details", "enter", "details", never),
    ItemAction("approve", "a", "approve", no_yes),
    ItemAction("return", "R", "return", no_return),
    ItemAction("queue", "q", "queue", no_queue),
    ItemAction("assign", "s", "assign", no_assign),
    ItemAction("edit", "e", "edit", no_edit),
    ItemAction("priority", "p", "priority", no_edit),
    ItemAction("run", "x", "run", no_run),
    ItemAction("discard", "x", "discard", no_discard),
    ItemAction("give_up", "delete", "discard", no_discard, shown="del"),
    ItemAction("go", "o", "agent", no_agent),
)
"""A later one with the same key has it; `meant` says what it stands for."""
TASK_ACTION = {action.id: action for action in TASK_ACTIONS}
PAGE = 5
"""Cards that a page key moves by."""


def keys_of(
    move: Callable[[int, int], None], perform: "Callable[[str], Worker[None] | None]"
) -> "dict[str, KeyDeed]":
    """What each key does where tasks are shown."""
    steps = {
        ("j", "down"): (0, 1),
        ("k", "up"): (0, -1),
        ("h", "left"): (-1, 0),
        ("l", "right"): (1, 0),
        ("g", "home"): (0, -10_000),
        ("G", "end"): (0, 10_000),
        ("pagedown",): (0, PAGE),
        ("pageup",): (0, -PAGE),
    }
    moves = {key: partial(move, *step) for keys, step in steps.items() for key in keys}
    return {**moves, **{each.key: partial(perform, each.id) for each in TASK_ACTIONS}}


def meant(action: str, task: Task) -> str:
    """What a key does to this task: an experiment is run where others are discarded."""
    if action == "discard" and task.brief.kind is TaskKind.EXPERIMENT:
        return "run"
    return "discard" if action == "give_up" else action


def _offered(task: Task | None) -> list[ItemAction[Task]]:
    """Every key once."""
    is_run = task is not None and task.brief.kind is TaskKind.EXPERIMENT
    unwanted = ("discard",) if is_run else ("run", "give_up")
    return [action for action in TASK_ACTIONS if action.id not in unwanted]


def ways(task: Task | None, fleet: Fleet, clicked: str = "") -> list[Part]:
    """Hints on the keys."""
    return hints(_offered(task), task, fleet, clicked)
