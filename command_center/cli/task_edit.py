"""`acc task edit`: what a task asks for, by options or as Markdown in an editor."""

import sys
from pathlib import Path

import click
from msgspec.structs import replace

from command_center.cli.desk import Desk
from command_center.cli.options import as_json, timeout_option
from command_center.cli.out import print_json, problem
from command_center.cli.task_names import pick_task, task_argument
from command_center.cli.task_reports import task_reports
from command_center.cli.task_words import said, task_id, task_options, with_files
from command_center.domain.errors import IntentError
from command_center.domain.model import Fleet
from command_center.domain.task_intents import ReviseTask
from command_center.domain.task_markdown import parse_task, written_task
from command_center.domain.tasks import Brief, Life, Task
from command_center.domain.wordings import Wording, brief_of, laid_over, wording_of

WAIT = 60.0


@click.command()
@task_argument
@click.option("--title", help="Another title.")
@task_options
@timeout_option(WAIT)
@as_json
def edit(name: str, title: str | None, timeout: float, as_json: bool, **options: object) -> None:
    """Change a task that no agent has yet.

    Without options: as Markdown, in $EDITOR. An option with nothing in it takes away what
    was there, as in --needs ''.
    """
    own = said(options)
    with Desk() as desk:
        task = _editable(pick_task(desk.fleet, name))
        if title is None and own == Wording():
            brief = _edited(task)
        else:
            brief = _changed(desk.fleet, task, title, own)
        if brief == task.brief:
            click.echo(f"acc: {task.id}: nothing was changed", err=True)
            return
        [answer] = desk.answers(desk.ask([ReviseTask(task.id, brief)]), timeout)
        if answer.is_refused:
            raise IntentError(answer.text)
        fleet = desk.fleet
    if as_json:
        print_json(*task_reports(fleet, [fleet.tasks[task.id]]))
    else:
        click.echo(f"{task.id} changed")


def _editable(task: Task) -> Task:
    if task.life not in (Life.DRAFT, Life.QUEUED):
        raise IntentError(f"{task.id} is {task.life}; take it back first: `acc task queue`")
    return task


def _changed(fleet: Fleet, task: Task, title: str | None, own: Wording) -> Brief:
    repo = fleet.repos.get(task.brief.repo)
    if own.prompt and repo is not None:
        own = replace(own, prompt=with_files(own.prompt, Path(repo.root)))
    words = laid_over(wording_of(task.brief), own)
    return _same_place(task, brief_of(title or task.brief.title, words))


def _edited(task: Task) -> Brief:
    text: str | None = written_task(task.brief)
    while (text := click.edit(text, extension=".md")) is not None:
        try:
            brief = parse_task(text, task.id)
        except IntentError as error:
            if not sys.stdin.isatty():
                raise
            problem(str(error))
            click.confirm("Edit it again?", default=True, abort=True, err=True)
            continue
        return _same_place(task, replace(brief, needs=tuple(map(task_id, brief.needs))))
    return task.brief


def _same_place(task: Task, brief: Brief) -> Brief:
    return replace(brief, repo=task.brief.repo, reviews=task.brief.reviews)
