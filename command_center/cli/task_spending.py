"""What each task has cost: what its agent spent from its start to its end."""

from bisect import bisect_right
from collections import defaultdict

from command_center.cli.attribution import owned_messages
from command_center.cli.spending import Spent
from command_center.domain.model import Fleet
from command_center.domain.places import Places
from command_center.domain.tasks import Task
from command_center.store.usage_view import UsageView


def spent_per_task(places: Places, fleet: Fleet) -> dict[str, Spent]:
    """By the task's id; without those that spent nothing yet. Raises LogError."""
    begun = _begun(fleet)
    if not begun or not places.usage.exists():
        return {}
    sums = defaultdict[str, Spent](Spent)
    with UsageView(places.usage) as view:
        for agent, at, total in owned_messages(view, fleet, ""):
            if (task := _task_at(begun.get(agent.id, []), at)) is not None:
                sums[task.id].add(total)
    return dict(sums)


def _begun(fleet: Fleet) -> dict[str, list[Task]]:
    """The tasks that were started, by their agent, in order."""
    found = defaultdict[str, list[Task]](list)
    for task in sorted(fleet.tasks.values(), key=lambda task: task.started_at):
        if task.started_at:
            found[task.agent].append(task)
    return found


def _task_at(tasks: list[Task], at: float) -> Task | None:
    """What the agent was at work on then: the task it began last, unless that was over."""
    place = bisect_right(tasks, at, key=lambda task: task.started_at)
    task = tasks[place - 1] if place else None
    return task if task is not None and (not task.ended_at or at <= task.ended_at) else None
