"""`acc plan`: from a goal to tasks, shown and edited before anything is added."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from msgspec.structs import replace

from command_center.cli.desk import Desk
from command_center.cli.here import project_root
from command_center.cli.options import as_json, complete_specs, timeout_option
from command_center.cli.out import print_json, print_table, problem
from command_center.cli.prompts import STDIN, read_prompt
from command_center.cli.task_add import added, done_when
from command_center.cli.task_words import repo_option
from command_center.domain.budgets import Bill, shown_money
from command_center.domain.errors import IntentError, ModelMissing, OverBudget
from command_center.domain.niches import Niche
from command_center.domain.plans import Proposal, checked_goal, depths
from command_center.domain.specs import AgentSpec
from command_center.domain.task_markdown import parse_tasks, written
from command_center.domain.tasks import Brief
from command_center.store.catalog import load_catalog
from command_center.store.settings import Settings, read_settings

WAIT = 60.0
"""Seconds for the supervisor to add the tasks."""
BY_HAND = (
    "plan by hand: write the tasks into a file and show them with `acc plan --from FILE.md`, or add"
    " each with `acc task add`; docs/models.md says how to set a model"
)


@click.command()
@click.argument("goal", default="")
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take the tasks of a Markdown file; no model is asked.",
)
@click.option(
    "--niche", type=click.Choice([str(each) for each in Niche]), help="The kind of model to ask."
)
@click.option(
    "--with", "spec", shell_complete=complete_specs, help="Ask this agent CLI, without its screen."
)
@click.option("--edit", is_flag=True, help="Open the plan in your editor first.")
@click.option("--yes", is_flag=True, help="Add the tasks without asking.")
@click.option("--draft", is_flag=True, help="Add them as drafts, without asking.")
@click.option("--markdown", is_flag=True, help="Print the plan as Markdown and add nothing.")
@repo_option
@timeout_option(600)
@as_json
def plan(
    goal: str,
    source: Path | None,
    niche: str | None,
    spec: str | None,
    edit: bool,
    yes: bool,
    draft: bool,
    markdown: bool,
    repo: Path,
    timeout: float,
    as_json: bool,
) -> None:
    """Make a plan of tasks for GOAL, show it, and add the tasks when you agree.

    `-` reads the goal from standard input.
    """
    if source is not None and (goal or niche or spec):
        raise click.UsageError("--from is a plan already; give no goal, --niche or --with")
    if niche and spec:
        raise click.UsageError("--niche is for models and --with for an agent CLI; give one")
    with Desk() as desk:
        if source is not None:
            made = Proposal(str(source), parse_tasks(read_prompt(None, source), str(source)))
        else:
            wanted = Niche(niche) if niche else None
            text = checked_goal(read_prompt(goal, None) if goal == STDIN else goal)
            made = _Planner(desk, repo, timeout).plan(text, wanted, spec)
            _tell(made)
        if edit:
            made = replace(made, tasks=_edited(made.tasks))
        if as_json and not (yes or draft):
            print_json(made)
        elif markdown:
            click.echo(written(made.tasks), nl=False)
        else:
            _decide(desk, made.tasks, repo, yes=yes, draft=draft, as_json=as_json)


class _Planner:
    """Knows who can be asked."""

    def __init__(self, desk: Desk, repo: Path, seconds: float) -> None:
        self._desk, self._seconds = desk, seconds
        self._root = project_root(repo) or repo.absolute()
        self._settings: Settings = read_settings(desk.places.settings)

    def plan(self, goal: str, niche: Niche | None, spec: str | None) -> Proposal:
        # Late: `acc plan --from` asks nobody.
        from command_center.engine.models import open_router
        from command_center.engine.planner import plan_with_model

        if spec is not None:
            return self._ask(load_catalog(self._desk.places, self._root).spec(spec), goal)
        models = self._settings.models
        router = open_router(self._desk.places, models, lambda: self._desk.fleet)
        try:
            return plan_with_model(router, goal, self._root, niche)
        except ModelMissing as missing:
            if niche is not None or (found := self._first()) is None:
                raise ModelMissing(f"{missing}; or {BY_HAND}") from missing
            problem(f"{missing}")
            return replace(self._ask(found, goal), note=str(missing))

    def _first(self) -> AgentSpec | None:
        """The agent CLI of the settings, else any that answers without its screen."""
        from command_center.engine.planner import headless_specs

        specs = load_catalog(self._desk.places, self._root).specs.values()
        found = list(headless_specs(specs, os.environ))
        chosen = [spec for spec in found if spec.id == self._settings.spec]
        return next(iter(chosen or found), None)

    def _ask(self, spec: AgentSpec, goal: str) -> Proposal:
        from command_center.engine.models import why_not
        from command_center.engine.planner import plan_with_cli

        if reason := why_not(self._desk.places, self._desk.fleet, Bill()):
            raise OverBudget(reason)
        click.echo(f"acc: asking {spec.name}, on its own account", err=True)
        return plan_with_cli(spec, goal, self._root, os.environ, self._seconds)


def _tell(made: Proposal) -> None:
    cost = "" if made.dollars is None else f" for {shown_money(made.dollars)}"
    click.echo(f"acc: planned by {made.by}{cost}", err=True)


def _decide(
    desk: Desk, briefs: tuple[Brief, ...], repo: Path, *, yes: bool, draft: bool, as_json: bool
) -> None:
    is_asked = not (yes or draft) and sys.stdin.isatty() and sys.stdout.isatty()
    while True:
        if not as_json:
            show(briefs)
        if not is_asked:
            break
        kind = click.Choice(["y", "d", "e", "n"])
        words = "Add them: [y]es, as [d]rafts, [e]dit them first, or [n]o"
        match click.prompt(words, type=kind, default="n", show_choices=False):
            case "e":
                briefs = _edited(briefs)
                continue
            case "d":
                draft = True
            case "y":
                yes = True
        break
    if yes or draft:
        added(desk, briefs, repo, not draft, WAIT, as_json)
    else:
        click.echo("acc: nothing was added; `--yes` or `--draft` add what is shown", err=True)


def show(briefs: Sequence[Brief]) -> None:
    """A table; what needs another task stands further in."""
    rows = [
        (
            f"#{number}",
            str(brief.kind),
            " ".join(brief.needs),
            done_when(brief),
            f"└{'─' * (depth - 1)} {brief.title}" if depth else brief.title,
        )
        for number, (brief, depth) in enumerate(zip(briefs, depths(briefs), strict=True), 1)
    ]
    print_table(("NUMBER", "KIND", "NEEDS", "DONE WHEN", "TITLE"), rows)


def _edited(briefs: tuple[Brief, ...]) -> tuple[Brief, ...]:
    """As Markdown in the user's editor, until it can be read."""
    text = written(briefs)
    while True:
        changed = click.edit(text, extension=".md")
        if changed is None:
            return briefs
        try:
            return parse_tasks(changed, "your edit")
        except IntentError as error:
            problem(str(error))
            click.confirm("Edit it again?", default=True, abort=True)
            text = changed
