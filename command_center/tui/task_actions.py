"""Everything a key can do to a task, in one table; hints and reasons come from it."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from rich.style import Style

from command_center.domain.model import Fleet
from command_center.domain.task_life import unmet
from command_center.domain.tasks import Life, Task, TaskKind
from command_center.tui import theme
from command_center.tui.figures import Part

if TYPE_CHECKING:
    from textual.worker import Worker

    from command_center.tui.following import KeyDeed

AUTOMATIC = "automatic"
WhyNot = Callable[[Task, Fleet], str | None]


class TaskAction(Struct, frozen=True):
    id: str
    key: str
    """As Textual names it."""
    shown: str
    label: str
    help: str
    why_not: WhyNot


def never(_: Task, __: Fleet) -> None:
    return None


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


TASK_ACTIONS = (
    TaskAction("details", "enter", "enter", "details", "All that is known of it", never),
    TaskAction("approve", "a", "a", "approve", "Say yes to what it waits for", no_yes),
    TaskAction("return", "R", "R", "return", "Send it back with words", no_return),
    TaskAction("queue", "q", "q", "queue", "Make it ready, or take it back", no_queue),
    TaskAction("assign", "s", "s", "assign", "Give it to an agent of your choice", no_assign),
    TaskAction("edit", "e", "e", "edit", "Revise what it asks for", no_edit),
    TaskAction("priority", "p", "p", "priority", "Set its priority", no_edit),
    TaskAction("run", "x", "x", "run", "Run its experiment", no_run),
    TaskAction("discard", "x", "x", "discard", "Discard it; its branch stays", no_discard),
    TaskAction("give_up", "delete", "del", "discard", "Discard it, whatever it is", no_discard),
    TaskAction("go", "o", "o", "agent", "Go to its agent", no_agent),
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


def _offered(task: Task | None) -> list[TaskAction]:
    """Every key once."""
    is_run = task is not None and task.brief.kind is TaskKind.EXPERIMENT
    unwanted = ("discard",) if is_run else ("run", "give_up")
    return [action for action in TASK_ACTIONS if action.id not in unwanted]


def ways(task: Task | None, fleet: Fleet, clicked: str = "") -> list[Part]:
    """The keys that do something to the task; those that apply come first.

    `clicked` is the action of the mouse that takes a key.
    """
    parts = list[Part]()
    offered = _offered(task)
    applying = [a for a in offered if task is not None and a.why_not(task, fleet) is None]
    for action in (*applying, *(a for a in offered if a not in applying)):
        click = Style(meta={"@click": f"{clicked}('{action.key}')"}) if clicked else theme.PLAIN
        if action in applying:
            parts += [(f" {action.shown} ", theme.KEY + click), (f"{action.label} ", click)]
        else:
            parts.append((f" {action.shown} {action.label} ", theme.QUIET + click))
    return parts
