"""`acc runs`: what was run, how it ended, and what it told."""

import time
from collections.abc import Sequence
from pathlib import Path

import click

from command_center.cli.codes import REFUSED
from command_center.cli.desk import Desk
from command_center.cli.options import as_json, complete_agents
from command_center.cli.out import clock, print_fields, print_json, problem
from command_center.cli.run_compare import compare
from command_center.cli.run_export import export
from command_center.cli.run_names import (
    complete_runs,
    pick_run,
    pick_runs,
    run_argument,
    runs_argument,
)
from command_center.cli.run_reports import run_report
from command_center.cli.run_sites import executors
from command_center.cli.run_study import studies
from command_center.cli.run_table import print_runs
from command_center.cli.run_waiting import ANSWER_SECONDS
from command_center.domain.errors import IntentError
from command_center.domain.intents import Intent
from command_center.domain.model import Fleet
from command_center.domain.run_intents import CancelRun, EndSearch, RequeueRun, TellOfRun
from command_center.domain.run_words import devices, limits, title, took
from command_center.domain.runs import Run
from command_center.domain.searches import may_go_on, trials_of
from command_center.domain.text import plain

SHOWN = 20
"""Of those that are over, unless all are asked for."""
POLL_SECONDS = 0.2


@click.group(invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Also older ones that are over.")
@click.option("--tag", "tags", multiple=True, help="Only runs with this tag.")
@click.option("--sweep", default="", metavar="ID", help="Only the runs of this sweep.")
@as_json
@click.pass_context
def runs(
    ctx: click.Context, everything: bool, tags: Sequence[str], sweep: str, as_json: bool
) -> None:
    """Show runs, compare them, end them, queue them again."""
    if ctx.invoked_subcommand is not None:
        return
    with Desk() as desk:
        fleet = desk.fleet
        found = [
            run
            for run in fleet.runs.values()
            if {*tags} <= {*run.order.tags} and sweep in ("", run.order.sweep)
        ]
        over = [run for run in found if run.life.is_over]
        hidden = set() if everything or sweep else {run.id for run in over[:-SHOWN]}
        _print(desk, fleet, [run for run in found if run.id not in hidden], as_json)


def _print(desk: Desk, fleet: Fleet, found: Sequence[Run], as_json: bool) -> None:
    if as_json:
        for run in found:
            print_json(run_report(run, fleet, desk.places))
    elif found:
        print_runs(found)
    else:
        click.echo("acc: no runs; `acc run -- COMMAND` queues one", err=True)


for _command in (compare, export, executors, studies):
    runs.add_command(_command)


@runs.command()
@run_argument
@as_json
def show(name: str, as_json: bool) -> None:
    """Show everything known about one run."""
    with Desk() as desk:
        fleet = desk.fleet
        run = pick_run(fleet, name)
        if as_json:
            print_json(run_report(run, fleet, desk.places))
            return
        print_fields(_fields(run, fleet))
        if run.attempt:
            print_fields([("folder", str(desk.places.run(run.id, run.attempt)))])


def _fields(run: Run, fleet: Fleet) -> list[tuple[str, str]]:
    order, repo = run.order, fleet.repos.get(run.order.repo)
    contention = run.contention
    noise = (
        f"{contention.index:.2f} (CPU pressure {contention.cpu_pressure:.2f}, steal "
        f"{contention.steal:.2f}, clock {contention.clock:.2f}, neighbours "
        f"{contention.neighbours:.1f})"
        if contention
        else ""
    )
    return [
        ("run", f"{run.id} {title(run)}"),
        ("life", f"{run.life}{f': {run.reason}' if run.reason else ''}"),
        ("command", " ".join(order.command)),
        ("at", f"{repo.root if repo else order.folder} {order.commit[:10]} {order.base}"),
        ("config", ", ".join(f"{key}={value}" for key, value in order.config.items())),
        ("seed", "" if order.seed is None else str(order.seed)),
        ("devices", devices(run)),
        ("limits", ", ".join(map(str, limits(order)))),
        ("queued", clock(run.queued_at)),
        ("started", clock(run.started_at) if run.started_at else ""),
        ("took", took(run, time.time())),
        ("attempt", str(run.attempt or "")),
        ("exit status", "" if run.exit_code is None else str(run.exit_code)),
        ("contention", noise),
        ("sweep", order.sweep),
        ("task", order.task),
        ("template", order.template),
        ("figures", "\n".join(f"{key}: {value}" for key, value in run.figures.items())),
    ]


@runs.command()
@run_argument
@click.option("--attempt", type=click.IntRange(1), default=None, help="An earlier attempt.")
@click.option("--follow", is_flag=True, help="Go on as it prints more, until it ends.")
def logs(name: str, attempt: int | None, follow: bool) -> None:
    """Print what a run has printed."""
    with Desk() as desk:
        run = pick_run(desk.fleet, name)
        file = desk.places.run(run.id, attempt or max(1, run.attempt)) / "log.txt"
        offset = _echo_from(file, 0)
        while follow and not run.life.is_over:
            time.sleep(POLL_SECONDS)
            # Looked at first: what was printed before the end is then read after it.
            run = pick_run(desk.fleet, name)
            offset = _echo_from(file, offset)


def _echo_from(file: Path, offset: int) -> int:
    try:
        with file.open("rb") as opened:
            opened.seek(offset)
            while chunk := opened.read(1 << 16):
                click.echo(plain(chunk.decode("utf-8", "replace")), nl=False)
                offset += len(chunk)
    except FileNotFoundError:
        return offset
    return offset


@runs.command()
@runs_argument
def cancel(names: Sequence[str]) -> None:
    """End runs, or take them out of the queue.

    A sweep's id stands for all its runs; a study is ended with its name.
    """
    with Desk() as desk:
        fleet = desk.fleet
        going = [s for s in fleet.searches.values() if may_go_on(s, trials_of(s.id, fleet.runs))]
        ended = [search.id for search in going if search.id in names]
        if ended:
            desk.answers(desk.ask([EndSearch(name) for name in ended]), ANSWER_SECONDS)
        trials = [run for name in ended for run in trials_of(name, desk.fleet.runs)]
    for name in ended:
        click.echo(name)
    live = [run.id for run in trials if not run.life.is_over]
    if rest := [*live, *(name for name in names if name not in ended)]:
        _ask("cancel", rest, CancelRun)


@runs.command()
@run_argument
@click.argument("agent", metavar="AGENT", shell_complete=complete_agents)
@click.option("--against", default="", metavar="RUN", shell_complete=complete_runs)
def tell(name: str, agent: str, against: str) -> None:
    """Prompt an agent with the result: now, or when the run ends."""
    with Desk() as desk:
        fleet = desk.fleet
        run, beside = pick_run(fleet, name), pick_run(fleet, against).id if against else ""
        intent = TellOfRun(run.id, desk.agent(agent).id, beside)
        [answer] = desk.answers(desk.ask([intent]), ANSWER_SECONDS)
    if answer.is_refused:
        raise IntentError(answer.text)
    click.echo(run.id)


@runs.command()
@runs_argument
def requeue(names: Sequence[str]) -> None:
    """Run them again from the start, under the same names."""
    _ask("requeue", names, RequeueRun)


def _ask(verb: str, names: Sequence[str], wanted: type[CancelRun] | type[RequeueRun]) -> None:
    with Desk() as desk:
        found = pick_runs(desk.fleet, names)
        if verb == "cancel" and len(found) > len(names):
            found = [run for run in found if not run.life.is_over]
        intents: list[Intent] = [wanted(run.id) for run in found]
        answers = desk.answers(desk.ask(intents), ANSWER_SECONDS)
    for run, answer in zip(found, answers, strict=True):
        if answer.is_refused:
            problem(f"{run.id}: {verb} refused: {answer.text}")
        else:
            click.echo(run.id)
    if any(answer.is_refused for answer in answers):
        click.get_current_context().exit(REFUSED)
