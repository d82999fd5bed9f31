"""A backlog as a supervisor would have left it, and its answers about tasks."""

from collections.abc import Iterable

from command_center.domain import events as ev, task_events as tev
from command_center.domain.intents import Intent
from command_center.domain.model import State
from command_center.domain.task_intents import AddTasks, ReviseTask
from command_center.domain.tasks import Brief
from tests.cli.house import House

ADA = "ada-1a2b"


def add_tasks(house: House, *briefs: Brief, is_queued: bool = True) -> None:
    """T1 and on, in the repository of the agents."""
    house.add_agent("ada")
    house.say("ada", State.IDLE)
    for number, brief in enumerate(briefs, 1):
        house.write(tev.TaskAdded(f"T{number}", brief, "cli", is_queued))


def taken(intent: str, asked: Intent) -> Iterable[ev.Event]:
    """Everything is done as asked; what happens to the tasks is left to the tests."""
    yield ev.IntentTaken(intent, type(asked).__name__)
    if isinstance(asked, AddTasks):
        ids = [f"T{number}" for number in range(1, len(asked.briefs) + 1)]
        for name, brief in zip(ids, asked.briefs, strict=True):
            yield tev.TaskAdded(name, brief, "cli", asked.is_queued, intent)
        yield ev.IntentDone(intent, text=" ".join(ids))
    else:
        if isinstance(asked, ReviseTask):
            yield tev.TaskRevised(asked.task, asked.brief)
        yield ev.IntentDone(intent, text=getattr(asked, "mode", ""))


def refused(intent: str, asked: Intent) -> Iterable[ev.Event]:
    del asked
    yield ev.IntentRefused(intent, "no such luck")
