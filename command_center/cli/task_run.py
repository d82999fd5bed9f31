"""`acc task run`: the experiment of a task becomes runs."""

import shlex
from pathlib import Path
from typing import Unpack

import click

from command_center.cli.desk import Desk
from command_center.cli.options import as_json
from command_center.cli.run import carry_out
from command_center.cli.run_options import Asked, named, orders_of, run_options
from command_center.cli.task_names import complete_tasks, pick_task
from command_center.domain.errors import IntentError
from command_center.domain.model import Fleet
from command_center.domain.tasks import Task
from command_center.store.run_templates import RunTemplates, load_run_templates


@click.command("run")
@click.argument("which", metavar="TASK", shell_complete=complete_tasks)
@click.argument("command", metavar="[-- COMMAND...]", nargs=-1, type=click.UNPROCESSED)
@run_options
@click.option("--wait", is_flag=True, help="Wait for the end; exit code 1 unless all went well.")
@as_json
def run_task(
    which: str, command: tuple[str, ...], wait: bool, as_json: bool, **asked: Unpack[Asked]
) -> None:
    """Run the experiment of a task.

    What it runs is what the task says, unless a command or a template is given; it starts at
    what the task has brought. When the runs have ended, the task goes to review with the result.
    """
    with Desk() as desk:
        fleet = desk.fleet
        task = pick_task(fleet, which)
        root = _root(fleet, task)
        templates = load_run_templates(desk.places, Path(root))
        meant = asked["template"], command
        if not any(meant):
            meant = _said_by(task, templates)
        asked["template"] = meant[0]
        template = templates.template(meant[0]) if meant[0] else None
        orders = orders_of(meant[1], asked, template, task=task.id)
        carry_out(desk, named(fleet, orders), root, wait, as_json)


def _root(fleet: Fleet, task: Task) -> str:
    if (repo := fleet.repos.get(task.brief.repo)) is None:
        raise IntentError(f"{task.id}: its repository is not known any more")
    return repo.root


def _said_by(task: Task, templates: RunTemplates) -> tuple[str, tuple[str, ...]]:
    """The template and the command that the task names."""
    if not (words := tuple(shlex.split(task.brief.run))):
        raise IntentError(
            f"{task.id} does not say what it runs; give --template NAME, or -- COMMAND"
        )
    return (words[0], ()) if len(words) == 1 and words[0] in templates.by_name else ("", words)
