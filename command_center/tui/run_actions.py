"""Everything a key can do to a run, in one table."""

from command_center.domain.model import Fleet
from command_center.domain.runs import Run, RunLife
from command_center.tui.figures import Part
from command_center.tui.item_actions import ItemAction, hints, never


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


RUN_ACTIONS: tuple[ItemAction[Run], ...] = (
    ItemAction("details", "enter", "details", never),
    ItemAction("cancel", "x", "cancel", no_cancel),
    ItemAction("requeue", "r", "run again", no_requeue),
    ItemAction("log", "L", "log", no_log),
    ItemAction("tell", "p", "tell an agent", no_tell),
)
RUN_ACTION = {action.id: action for action in RUN_ACTIONS}


def ways(run: Run | None, fleet: Fleet, clicked: str = "", but: str = "") -> list[Part]:
    """Hints on the keys; the action `but` is left out."""
    return hints([action for action in RUN_ACTIONS if action.id != but], run, fleet, clicked)
