"""`acc launch`: one agent or many, each in its own worktree."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from command_center.cli.codes import REFUSED
from command_center.cli.desk import Desk, near_names
from command_center.cli.here import project_root
from command_center.cli.options import as_json, complete_specs, timeout_option
from command_center.cli.out import print_json, print_table, problem
from command_center.cli.prompts import STDIN, read_prompt
from command_center.cli.reports import AnswerReport
from command_center.domain.budgets import Cap, parse_cap
from command_center.domain.errors import NotFound
from command_center.domain.intents import Launch
from command_center.domain.model import Answer, Fleet
from command_center.domain.places import Places
from command_center.domain.scopes import Scope
from command_center.domain.specs import Mode
from command_center.domain.text import one_line
from command_center.store.catalog import Catalog, load_catalog
from command_center.store.settings import read_settings

MOST = 100
"""Agents of one SPEC:COUNT; more is a slip of the finger."""
PLAIN = ("demo", "shell")
"""Specs of ours that are nobody's first choice."""


@click.command()
@click.argument("specs", metavar="[SPEC[:COUNT]...] [-]", nargs=-1, shell_complete=complete_specs)
@click.option("-p", "--prompt", help="The task.")
@click.option("-f", "--file", type=click.Path(path_type=Path), help="Read the task from FILE.")
@click.option("--per-line", is_flag=True, help="Each line of the prompt is a task of its own.")
@click.option(
    "--repo",
    type=click.Path(path_type=Path),
    default=".",
    help="A folder inside the repository.  [default: the current one]",
)
@click.option("--base", default="HEAD", show_default=True, help="The commit to start from.")
@click.option("--branch", default="", help="Branch name; may hold {name}, {spec} and {slug}.")
@click.option("--model", default="", help="The model, in the agent's own words.")
@click.option("--mode", type=click.Choice([str(m) for m in Mode]), help="What it may do unasked.")
@click.option("--name", default="", help="The agent's name, when launching one.")
@click.option("--tag", "tags", multiple=True, help="A word to find it by; may be given again.")
@click.option("--trust", is_flag=True, help="Vouch for the repository: no first-start questions.")
@click.option("--budget", metavar="AMOUNT", help="What it may spend: 5usd, 200ktok, or both.")
@click.option(
    "--resume-after-limit/--no-resume-after-limit",
    default=None,
    help="Go on, once, when a limit of its plan ends.",
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([*map(str, Scope), "none"]),
    help="What it may do through our tools; may be given again.  [default: the settings']",
)
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait until they run.")
@timeout_option(120)
@as_json
def launch(
    specs: tuple[str, ...],
    prompt: str | None,
    file: Path | None,
    per_line: bool,
    repo: Path,
    base: str,
    branch: str,
    model: str,
    mode: str | None,
    name: str,
    tags: tuple[str, ...],
    trust: bool,
    budget: str | None,
    resume_after_limit: bool | None,
    scopes: tuple[str, ...],
    wait: bool,
    timeout: float,
    as_json: bool,
) -> None:
    """Launch agents, each in its own worktree and pane.

    `-` reads the prompt from standard input. With --per-line every line of the prompt
    gets the given agents.
    """
    if STDIN in specs:
        specs, prompt = tuple(s for s in specs if s != STDIN), _only(prompt)
    tasks, cap = _tasks(read_prompt(prompt, file), per_line), _cap(budget)
    with Desk() as desk:
        catalog = load_catalog(desk.places, project_root(repo))
        each = list(_expanded(specs, catalog)) if specs else [_first_spec(desk.places, catalog)]
        wanted = [
            Launch(
                spec=spec,
                repo=str(repo.absolute()),
                prompt=task,
                name=name,
                base=base,
                branch=branch,
                model=model,
                mode=mode or "",
                trusts_repo=trust,
                budget=cap,
                comes_back=resume_after_limit,
                tags=tags,
                scopes=tuple(s for s in scopes if s != "none") if scopes else None,
            )
            for task in tasks
            for spec in each
        ]
        if name and len(wanted) > 1:
            raise click.UsageError(f"--name is for one agent, and this launches {len(wanted)}")
        ask_for(desk, wanted, timeout if wait else None, as_json)


def ask_for(
    desk: Desk, wanted: Sequence[Launch], timeout: float | None, as_json: bool = False
) -> list[str]:
    """Ask and print what became of each; ids of the agents. None: do not wait for answers.

    Leaves with exit code 1 when one was refused.
    """
    ids = desk.ask(wanted)
    if timeout is None:
        pairs = zip(wanted, ids, strict=True)
        reports = [AnswerReport("launch", False, text=w.spec, intent=i) for w, i in pairs]
    else:
        answers = desk.answers(ids, timeout)
        reports = [_report(desk.fleet, answer) for answer in answers]
    _print(wanted, reports, as_json)
    if any(report.is_refused for report in reports):
        click.get_current_context().exit(REFUSED)
    return [report.agent for report in reports]


def _cap(budget: str | None) -> Cap:
    try:
        return parse_cap(budget) if budget is not None else Cap()
    except ValueError as error:
        raise click.UsageError(f"--budget: {error}") from None


def _only(prompt: str | None) -> str:
    if prompt is not None:
        raise click.UsageError("two prompts: give `-p PROMPT` or `-`, not both")
    return STDIN


def _tasks(prompt: str, per_line: bool) -> list[str]:
    if not per_line:
        return [prompt]
    if lines := [line.strip() for line in prompt.splitlines() if line.strip()]:
        return lines
    raise click.UsageError("--per-line: the prompt has no lines; give -p, -f or `-`")


def _expanded(specs: Sequence[str], catalog: Catalog) -> Iterator[str]:
    for word in specs:
        name, colon, count = word.partition(":")
        if name not in catalog.specs:
            there_are = f"there are: {', '.join(sorted(catalog.specs))}"
            raise NotFound(
                f"no agent spec '{one_line(name, 60)}'"
                + near_names(name, list(catalog.specs), there_are)
            )
        if colon and not (count.isascii() and count.isdigit() and 0 < int(count) <= MOST):
            raise click.UsageError(f"{word}: the count must be 1 to {MOST}, as in {name}:3")
        yield from [name] * (int(count) if colon else 1)


def _first_spec(places: Places, catalog: Catalog) -> str:
    """The one from the settings, else the first whose CLI is installed."""
    if chosen := read_settings(places.settings).spec:
        return catalog.spec(chosen).id
    for spec in catalog.specs.values():
        if spec.id not in PLAIN and any(map(shutil.which, spec.binary.names)):
            return spec.id
    raise NotFound("no agent CLI is installed; `acc doctor` says how to install one; or try `demo`")


def _report(fleet: Fleet, answer: Answer) -> AnswerReport:
    agent = fleet.agents.get(answer.agent)
    return AnswerReport(
        asked="launch",
        is_refused=answer.is_refused,
        agent=answer.agent,
        name=agent.name if agent else "",
        text=answer.text,
        branch=agent.order.branch if agent else "",
        worktree=agent.order.worktree if agent else "",
        intent=answer.intent,
    )


def _print(wanted: Sequence[Launch], reports: Sequence[AnswerReport], as_json: bool) -> None:
    if as_json:
        for report in reports:
            print_json(report)
    elif done := [(r.name, r.branch, r.worktree) for r in reports if r.agent and not r.is_refused]:
        print_table(("NAME", "BRANCH", "WORKTREE"), done)
    for launch, report in zip(wanted, reports, strict=True):
        if report.is_refused:
            problem(f"{launch.name or launch.spec}: launch refused: {report.text}")
