"""`acc runs compare` and `acc runs export`: many runs side by side."""

import time
from collections.abc import Iterable, Sequence

import click

from command_center.cli.desk import Desk
from command_center.cli.options import as_json
from command_center.cli.out import print_json, print_table
from command_center.cli.run_diff import code_diff
from command_center.cli.run_names import complete_runs, pick_runs, runs_argument
from command_center.cli.run_reports import run_report
from command_center.domain.model import Fleet
from command_center.domain.run_words import number, rank, took
from command_center.domain.runs import Run
from command_center.domain.sweeps import differences
from command_center.domain.text import one_line
from command_center.store.runs import RunLedger

_COLUMNS = (
    *("run", "life", "reason", "exit_code", "metric", "result", "seed", "commit", "command"),
    *("queued_at", "started_at", "ended_at", "attempt", "contention", "sweep"),
)


@click.command()
@runs_argument
@click.option("--diff", "with_diff", is_flag=True, help="Also what differs in the code of two.")
@as_json
def compare(names: Sequence[str], with_diff: bool, as_json: bool) -> None:
    """Show runs side by side, with only what tells them apart.

    The id of a sweep stands for all its runs; the best come first.
    """
    with Desk() as desk:
        fleet = desk.fleet
        runs = sorted(pick_runs(fleet, names), key=rank)
        if as_json:
            for run in runs:
                print_json(run_report(run, fleet, desk.places))
        else:
            _print(runs)
        if with_diff:
            click.echo(_diff(fleet, runs))


def _print(runs: Sequence[Run]) -> None:
    told_apart = differences([run.order for run in runs])
    # What the grid set says all that the command line says.
    if len(told_apart) > 1:
        told_apart.pop("command", None)
    metrics = dict.fromkeys(run.order.metric for run in runs if run.order.metric)
    head = ("RUN", "LIFE", " ".join(metrics) or "RESULT", "TOOK", "NOISE", *told_apart)
    rows = [
        (
            run.id,
            str(run.life),
            number(run.result),
            took(run, time.time()),
            f"{run.contention.index:.2f}" if run.contention else "",
            *(_cell(values[place]) for values in told_apart.values()),
        )
        for place, run in enumerate(runs)
    ]
    print_table(head, rows)


def _diff(fleet: Fleet, runs: Sequence[Run]) -> str:
    """Raises GitError."""
    import asyncio

    if len(runs) != 2:
        raise click.UsageError("--diff takes two runs")
    old, new = runs
    return asyncio.run(code_diff(fleet, old, new))


@click.command()
@click.argument("names", metavar="[RUN...]", nargs=-1, shell_complete=complete_runs)
@click.option("--tsv/--jsonl", default=True, help="Tab-separated values, or one object per line.")
@click.option("--curves", is_flag=True, help="Every figure they told, instead of the last ones.")
def export(names: Sequence[str], tsv: bool, curves: bool) -> None:
    """Write runs, all unless some are named, to standard output."""
    with Desk() as desk:
        fleet = desk.fleet
        runs = pick_runs(fleet, names) if names else list(fleet.runs.values())
        if curves:
            with RunLedger(desk.places.ledger) as ledger:
                _write_curves(ledger, runs, tsv)
        elif tsv:
            _write_table(runs)
        else:
            for run in runs:
                print_json(run_report(run, fleet, desk.places))


def _write_table(runs: Sequence[Run]) -> None:
    configs = dict.fromkeys(name for run in runs for name in run.order.config)
    figures = dict.fromkeys(name for run in runs for name in run.figures)
    _write_row((*_COLUMNS, *(f"config.{c}" for c in configs), *(f"figures.{f}" for f in figures)))
    for run in runs:
        order = run.order
        fixed = (
            *(run.id, run.life, run.reason, run.exit_code, order.metric, run.result, order.seed),
            *(order.commit, " ".join(order.command), run.queued_at, run.started_at, run.ended_at),
            *(run.attempt, run.contention.index if run.contention else None, order.sweep),
        )
        config = (order.config.get(name) for name in configs)
        _write_row((*fixed, *config, *(run.figures.get(name) for name in figures)))


def _write_curves(ledger: RunLedger, runs: Sequence[Run], tsv: bool) -> None:
    import msgspec

    if tsv:
        _write_row(("run", "metric", "step", "value", "at"))
    for run in runs:
        for metric in ledger.metrics(run.id):
            for point in ledger.curve(run.id, metric, points=0):
                row = {"run": run.id, "metric": metric, "step": point.step}
                row |= {"value": point.value, "at": point.at}
                if tsv:
                    _write_row(row.values())
                else:
                    click.echo(msgspec.json.encode(row))


def _write_row(values: Iterable[object]) -> None:
    click.echo("\t".join(_cell(value) for value in values))


def _cell(value: object) -> str:
    return (
        "" if value is None else one_line(repr(value) if isinstance(value, float) else str(value))
    )
