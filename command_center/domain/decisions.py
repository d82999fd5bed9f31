"""Which tasks wait for a word of the user, and how much waits behind each: pure."""

from command_center.domain.model import Fleet
from command_center.domain.task_life import Tasks
from command_center.domain.tasks import Life, Task

CONFIRM = "confirm"
"""The mode in which a proposed placement waits for the user."""


def awaits_user(task: Task, mode: str) -> bool:
    """Whether a decision would move it on: a yes, a placement to confirm, a result to take."""
    is_proposed = mode == CONFIRM and task.life is Life.QUEUED and task.proposed != ""
    return task.is_held or task.life is Life.REVIEW or is_proposed


def undecided_count(fleet: Fleet) -> int:
    return sum(awaits_user(task, fleet.dispatch) for task in fleet.tasks.values())


def undecided(fleet: Fleet) -> list[Task]:
    """Those that wait for the user; what holds up the most comes first, then what waits longest."""
    found = [task for task in fleet.tasks.values() if awaits_user(task, fleet.dispatch)]
    behind = held_up(fleet.tasks) if found else {}
    return sorted(found, key=lambda task: (-behind[task.id], task.since, task.number))


def held_up(tasks: Tasks) -> dict[str, int]:
    """How many tasks cannot start, directly or through others, before each of them is done."""
    after: dict[str, list[str]] = {}
    for task in tasks.values():
        if not (task.life.is_done or task.life.is_over):
            for need in task.brief.needs:
                after.setdefault(need, []).append(task.id)
    return {
        task.id: 0 if task.life.is_done else len(_reached(task.id, after))
        for task in tasks.values()
    }


def _reached(start: str, after: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    fresh = [start]
    while fresh:
        fresh = [name for each in fresh for name in after.get(each, ()) if name not in found]
        found.update(fresh)
    return found - {start}
