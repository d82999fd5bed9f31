"""What each task has cost, as the screen shows it."""

from command_center.cli.task_spending import spent_per_task
from command_center.cli.usage_report import share_of
from command_center.domain.model import Fleet
from command_center.domain.places import Places
from command_center.tui.usage_report import Share


def task_costs(places: Places, fleet: Fleet) -> dict[str, Share]:
    """By the task's id; without those that spent nothing yet. Raises LogError."""
    return {task: share_of(task, spent) for task, spent in spent_per_task(places, fleet).items()}
