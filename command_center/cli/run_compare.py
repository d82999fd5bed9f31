"""`acc runs compare`: many runs side by side."""

import time
from collections.abc import Sequence

import click

from command_center.cli.desk import Desk
from command_center.cli.options import as_json
from command_center.cli.out import print_json, print_table
from command_center.cli.run_diff import code_diff
from command_center.cli.run_export import cell
from command_center.cli.run_names import pick_runs, runs_argument
from command_center.cli.run_reports import run_report
from command_center.domain.model import Fleet
from command_center.domain.run_words import number, rank, took
from command_center.domain.runs import Run
from command_center.domain.sweeps import differences


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
            *(cell(values[place]) for values in told_apart.values()),
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
