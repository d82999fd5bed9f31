"""`acc run --study` and `acc runs studies`: settings chosen one trial after the other."""

from collections.abc import Callable, Sequence
from typing import TypedDict, TypeVar

import click

from command_center.cli.codes import REFUSED
from command_center.cli.desk import Desk
from command_center.cli.options import as_json
from command_center.cli.out import print_json, print_table, problem
from command_center.cli.reports import Report
from command_center.cli.run_waiting import ANSWER_SECONDS, wait_until
from command_center.domain.model import Fleet
from command_center.domain.run_intents import BeginSearch
from command_center.domain.run_words import number, rank
from command_center.domain.runs import RunLife, RunOrder
from command_center.domain.searches import MOST_TRIALS, SAMPLERS, Search, may_go_on, trials_of
from command_center.domain.spaces import space_of, value_text
from command_center.domain.text import one_line

F = TypeVar("F", bound=Callable[..., object])
_HEAD = ("STUDY", "STANDS", "TRIALS", "FAILED", "METRIC", "BEST", "RUN", "WITH")


class StudyAsked(TypedDict):
    """What the options of a study say."""

    study: str
    trials: int
    space: tuple[str, ...]
    sampler: str
    parallel: int


class StudyReport(Report, frozen=True, tag="study"):
    name: str
    stands: str
    """`going on`, `over`, or why it was ended."""
    metric: str
    trials: int
    """That were asked for in all."""
    over: int
    failed: int
    """Of those that are over: without a result."""
    best: float | None
    run: str
    """That has the best result; empty without one."""
    config: dict[str, str | int | float | bool]
    """Its values."""


_OPTIONS = (
    click.option("--study", default="", metavar="NAME", help="Choose settings with Optuna."),
    click.option(
        "--trials", type=click.IntRange(1, MOST_TRIALS), default=20, help="Of the study: runs."
    ),
    click.option("--space", multiple=True, metavar="NAME=A..B", help="What it may choose."),
    click.option(
        "--sampler", type=click.Choice(SAMPLERS), default=SAMPLERS[0], help="How it chooses."
    ),
    click.option(
        "--parallel", type=click.IntRange(0), default=0, help="Trials at a time; else all that fit."
    ),
)


def study_options(command: F) -> F:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def search_of(asked: StudyAsked, orders: Sequence[RunOrder], draw: int) -> Search | None:
    """None without a study. Raises UsageError."""
    if not asked["study"]:
        if asked["space"]:
            raise click.UsageError("--space belongs to a study; name it with --study")
        return None
    if len(orders) != 1:
        raise click.UsageError("a study runs each trial once: no --grid, and at most one seed")
    try:
        axes = space_of(asked["space"])
    except ValueError as error:
        raise click.UsageError(f"--space: {error}") from None
    chosen, sampler, most = asked["study"], asked["sampler"], asked["trials"]
    return Search(chosen, orders[0], axes, most, sampler, draw, asked["parallel"])


def begin(desk: Desk, search: Search, place: str, wait: bool, as_json: bool) -> None:
    """Begin it and print it; leaves with exit code 1 unless it found something."""
    [answer] = desk.answers(desk.ask([BeginSearch(search, place)]), ANSWER_SECONDS)
    if answer.is_refused:
        problem(f"study refused: {answer.text}")
        click.get_current_context().exit(REFUSED)
    if wait:
        wait_until(desk, lambda fleet: _is_over(fleet, search.id), f"study {search.id}")
    report = study_report(desk.fleet.searches[search.id], desk.fleet)
    _print([report], as_json)
    if wait and report.best is None:
        click.get_current_context().exit(REFUSED)


@click.command()
@as_json
def studies(as_json: bool) -> None:
    """Show studies, and the best that each has found."""
    with Desk() as desk:
        fleet = desk.fleet
    _print([study_report(search, fleet) for search in fleet.searches.values()], as_json)


def study_report(search: Search, fleet: Fleet) -> StudyReport:
    trials = trials_of(search.id, fleet.runs)
    over = [run for run in trials if run.life.is_over]
    done = [run for run in over if run.life is RunLife.DONE and run.result is not None]
    best = min(done, key=rank, default=None)
    is_over = _is_over(fleet, search.id)
    return StudyReport(
        name=search.id,
        stands=search.ended or ("over" if is_over else "going on"),
        metric=search.order.metric,
        trials=search.trials,
        over=len(over),
        failed=len(over) - len(done),
        best=best.result if best else None,
        run=best.id if best else "",
        config={name: best.order.config[name] for name in search.axes} if best else {},
    )


def _is_over(fleet: Fleet, name: str) -> bool:
    trials = trials_of(name, fleet.runs)
    return not may_go_on(fleet.searches[name], trials) and all(run.life.is_over for run in trials)


def _print(reports: Sequence[StudyReport], as_json: bool) -> None:
    if as_json:
        for report in reports:
            print_json(report)
    elif reports:
        print_table(_HEAD, [_row(report) for report in reports])
    else:
        click.echo("acc: no studies; `acc run --study NAME` begins one", err=True)


def _row(report: StudyReport) -> tuple[str, ...]:
    values = (f"{name}={value_text(value)}" for name, value in report.config.items())
    return (
        report.name,
        one_line(report.stands, 60),
        f"{report.over}/{report.trials}",
        str(report.failed or ""),
        report.metric,
        number(report.best),
        report.run,
        one_line(" ".join(values), 200),
    )
