"""Everything a key can do to a run, in one table; hints and reasons come from it."""

from collections.abc import Callable

from msgspec import Struct
from rich.style import Style

from command_center.domain.model import Fleet
from command_center.domain.runs import Run, RunLife
from command_center.tui import theme
from command_center.tui.figures import Part

WhyNot = Callable[[Run, Fleet], str | None]


class RunAction(Struct, frozen=True):
    id: str
    key: str
    """As Textual names it."""
    label: str
    why_not: WhyNot


def never(_: Run, __: Fleet) -> None:
    return None


def no_cancel(run: Run, _: Fleet) -> str | None:
    if run.life is RunLife.ENDING:
        return f"{run.id} is being ended already"
    return f"{run.id} is over: {run.life}" if run.life.is_over else None


def no_requeue(run: Run, _: Fleet) -> str | None:
    return None if run.life.is_over else f"{run.id} is {run.life}: x cancels it first"


def no_log(run: Run, _: Fleet) -> str | None:
    return None if run.attempt else f"{run.id} was not started yet"


def no_tell(_: Run, fleet: Fleet) -> str | None:
    is_there = any(agent.has_process for agent in fleet.agents.values())
    return None if is_there else "no agent is running"


RUN_ACTIONS = (
    RunAction("details", "enter", "details", never),
    RunAction("cancel", "x", "cancel", no_cancel),
    RunAction("requeue", "r", "run again", no_requeue),
    RunAction("log", "L", "log", no_log),
    RunAction("tell", "p", "tell an agent", no_tell),
)
RUN_ACTION = {action.id: action for action in RUN_ACTIONS}


def ways(run: Run | None, fleet: Fleet, clicked: str = "", but: str = "") -> list[Part]:
    """The keys that do something to the run; those that apply come first.

    `clicked` is the action of the mouse that takes a key; the action `but` is left out.
    """
    parts = list[Part]()
    every = [action for action in RUN_ACTIONS if action.id != but]
    applying = [a for a in every if run is not None and a.why_not(run, fleet) is None]
    for action in (*applying, *(a for a in every if a not in applying)):
        click = Style(meta={"@click": f"{clicked}('{action.key}')"}) if clicked else theme.PLAIN
        if action in applying:
            parts += [(f" {action.key} ", theme.KEY + click), (f"{action.label} ", click)]
        else:
            parts.append((f" {action.key} {action.label} ", theme.QUIET + click))
    return parts
