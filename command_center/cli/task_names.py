"""Tasks by their names on the command line, with shell completion."""

from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from command_center.cli.options import known_fleet
from command_center.cli.task_words import task_id
from command_center.domain.errors import NotFound
from command_center.domain.model import Fleet
from command_center.domain.tasks import Task
from command_center.domain.text import one_line


def complete_tasks(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Those that are not over."""
    del ctx, param
    return [
        CompletionItem(task.id, help=one_line(f"{task.life} {task.brief.title}", 60))
        for task in known_fleet().tasks.values()
        if not task.life.is_over and task.id.startswith(incomplete.upper())
    ]


task_argument = click.argument("name", metavar="TASK", shell_complete=complete_tasks)
tasks_argument = click.argument(
    "names", metavar="TASK...", nargs=-1, required=True, shell_complete=complete_tasks
)


def pick_task(fleet: Fleet, name: str) -> Task:
    """By its id, in capitals or not, with its T or without. Raises NotFound."""
    if (found := fleet.tasks.get(task_id(name))) is not None:
        return found
    raise NotFound(f"no task '{one_line(name, 60)}'; see `acc task list`")


def pick_tasks(fleet: Fleet, names: Sequence[str]) -> list[Task]:
    """Each once. Raises NotFound."""
    found = [pick_task(fleet, name) for name in names]
    return list({task.id: task for task in found}.values())
