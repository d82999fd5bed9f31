"""`acc task add` and `acc task import`: tasks for the backlog."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from msgspec.structs import replace

from command_center.cli.desk import Desk
from command_center.cli.here import own_places, project_root
from command_center.cli.options import as_json, timeout_option
from command_center.cli.out import print_json, print_table
from command_center.cli.prompts import STDIN
from command_center.cli.task_reports import Asked, BriefReport, task_reports
from command_center.cli.task_words import (
    complete_templates,
    repo_option,
    said,
    settings_of,
    task_options,
    with_files,
)
from command_center.domain.errors import IntentError
from command_center.domain.issues import parse_issues
from command_center.domain.task_intents import AddTasks
from command_center.domain.task_markdown import Per, parse_tasks
from command_center.domain.tasks import Brief, Judge
from command_center.domain.templates import filled
from command_center.domain.text import one_line
from command_center.domain.wordings import Wording, brief_of
from command_center.store.templates import load_templates

WAIT = 60.0
_HEAD = ("KIND", "NEEDS", "DONE WHEN", "TITLE")


@click.command("add")
@click.argument("title", default="")
@click.option("--template", shell_complete=complete_templates, help="What it is made from.")
@click.option("--set", "values", multiple=True, metavar="NAME=VALUE", help="A template's variable.")
@task_options
@click.option("--draft", is_flag=True, help="Keep it back until `acc task queue`.")
@repo_option
@timeout_option(WAIT)
@as_json
def add(
    title: str,
    template: str | None,
    values: Sequence[str],
    draft: bool,
    repo: Path,
    timeout: float,
    as_json: bool,
    **options: object,
) -> None:
    """Add one task.

    Without TITLE the first line of its prompt is the title.
    """
    own = said(options)
    title = title.strip() or (own.prompt or "").strip().partition("\n")[0]
    if not title:
        raise click.UsageError("give a TITLE, or a prompt")
    if template is not None:
        made_from = load_templates(own_places()).template(template)
        own = filled(made_from, title, own, settings_of(values))
    elif values:
        raise click.UsageError("--set is for the variables of a --template")
    brief = brief_of(title, _with_files(own, repo))
    with Desk() as desk:
        added(desk, [brief], repo, not draft, timeout, as_json)


def _with_files(words: Wording, repo: Path) -> Wording:
    return replace(words, prompt=with_files(words.prompt, repo)) if words.prompt else words


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--github", is_flag=True, help="FILE is the JSON of `gh issue list`.")
@click.option(
    "--per", type=click.Choice([str(per) for per in Per]), help="What stands for one task."
)
@click.option(
    "--draft/--queue", default=None, help="Keep them back.  [default: only those of --github]"
)
@click.option("--dry-run", is_flag=True, help="Show the tasks and add none.")
@repo_option
@timeout_option(WAIT)
@as_json
def import_tasks(
    file: Path,
    github: bool,
    per: str | None,
    draft: bool | None,
    dry_run: bool,
    repo: Path,
    timeout: float,
    as_json: bool,
) -> None:
    """Add the tasks of a Markdown file, or the issues of a repository.

    `-` reads standard input. docs/tasks.md has the grammar.
    """
    if github and per:
        raise click.UsageError("--per is for Markdown, not for --github")
    body, name = _read(file)
    with Desk() as desk:
        if github:
            briefs = _new(desk, parse_issues(body, name), repo)
        else:
            briefs = list(parse_tasks(_text(body, name), name, Per(per) if per else None))
        if not briefs:
            click.echo(f"acc: {name}: nothing is left to be added", err=True)
        elif dry_run:
            _show(briefs, as_json)
        else:
            is_draft = github if draft is None else draft
            added(desk, briefs, repo, not is_draft, timeout, as_json)


def _read(file: Path) -> tuple[bytes, str]:
    if str(file) == STDIN:
        return sys.stdin.buffer.read(), "standard input"
    return file.read_bytes(), str(file)


def _text(body: bytes, name: str) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{name}: not UTF-8 text (byte {error.start})") from None


def _new(desk: Desk, briefs: Sequence[Brief], repo: Path) -> list[Brief]:
    """Those whose issue is no task of the repository yet."""
    fleet = desk.fleet
    root = str(project_root(repo) or repo.absolute())
    known = {
        tag
        for task in fleet.tasks.values()
        if (found := fleet.repos.get(task.brief.repo)) and found.root == root
        for tag in task.brief.tags
    }
    new = [brief for brief in briefs if brief.tags[0] not in known]
    if len(new) < len(briefs):
        click.echo(f"acc: {len(briefs) - len(new)} are in the backlog already", err=True)
    return new


def _show(briefs: Sequence[Brief], as_json: bool) -> None:
    if as_json:
        for number, brief in enumerate(briefs, 1):
            print_json(BriefReport(number, brief.title, Asked.of(brief)))
        return
    rows = [(f"#{number}", *_row(brief)) for number, brief in enumerate(briefs, 1)]
    print_table(("NUMBER", *_HEAD), rows)


def _row(brief: Brief) -> tuple[str, ...]:
    return str(brief.kind), " ".join(brief.needs), done_when(brief), brief.title


def done_when(brief: Brief) -> str:
    """How it is known that the task is done, in a few words."""
    match brief.check.judge:
        case Judge.COMMAND:
            return one_line(shlex.join(brief.check.command), 40)
        case Judge.REVIEW:
            return "reviewed"
        case Judge.USER:
            return "you say so"


def added(
    desk: Desk, briefs: Sequence[Brief], repo: Path, is_queued: bool, timeout: float, as_json: bool
) -> None:
    """Ask for the tasks and print each. Raises IntentError when they are refused."""
    intent = AddTasks(tuple(briefs), str(repo.absolute()), is_queued)
    [answer] = desk.answers(desk.ask([intent]), timeout)
    if answer.is_refused:
        raise IntentError(answer.text)
    fleet = desk.fleet
    tasks = [fleet.tasks[task] for task in answer.text.split()]
    if as_json:
        for report in task_reports(fleet, tasks):
            print_json(report)
        return
    rows = [(task.id, str(task.life), *_row(task.brief)) for task in tasks]
    print_table(("TASK", "LIFE", *_HEAD), rows)
