"""`acc runs export`: runs as text, and as the trackers of others keep them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click
import msgspec

from command_center.cli.desk import Desk
from command_center.cli.out import print_json
from command_center.cli.run_names import complete_runs, pick_runs
from command_center.cli.run_reports import run_report
from command_center.domain.run_words import title
from command_center.domain.runs import Run
from command_center.domain.text import one_line
from command_center.store.runs import RunLedger

TEXTS = ("tsv", "jsonl")
TRACKERS = ("tensorboard", "trackio", "wandb")
_COLUMNS = (
    *("run", "life", "reason", "exit_code", "metric", "result", "seed", "commit", "command"),
    *("queued_at", "started_at", "ended_at", "attempt", "contention", "sweep"),
)


@click.command()
@click.argument("names", metavar="[RUN...]", nargs=-1, shell_complete=complete_runs)
@click.option("--to", type=click.Choice(TEXTS + TRACKERS), default="tsv", show_default=True)
@click.option("--curves", is_flag=True, help="Every figure, not the last ones; as text.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Where a tracker's go.")
@click.option("--project", default="command-center", help="Its name in a tracker.")
@click.option("--python", default="", metavar="PATH", help="Interpreter that has the tracker.")
def export(
    names: Sequence[str], to: str, curves: bool, out: Path | None, project: str, python: str
) -> None:
    """Write runs, all unless some are named: as text to standard output, or for a tracker."""
    if (to in TRACKERS) is (out is None):
        raise click.UsageError(
            f"--to {to} writes into a folder; name it with --out"
            if out is None
            else f"--to {to} writes to standard output"
        )
    with Desk() as desk, RunLedger(desk.places.ledger) as ledger:
        fleet = desk.fleet
        runs = pick_runs(fleet, names) if names else list(fleet.runs.values())
        if out is not None:
            from command_center.drivers.exporter import write_tracked

            write_tracked(to, _tracked(ledger, runs), out.absolute(), project, python)
        elif curves:
            _write_curves(ledger, runs, to)
        elif to == "tsv":
            _write_table(runs)
        else:
            for run in runs:
                print_json(run_report(run, fleet, desk.places))


def _tracked(ledger: RunLedger, runs: Iterable[Run]) -> Iterator[bytes]:
    """The lines that `exporting.py` reads. Runs that have not told anything are left out."""
    for run in runs:
        if rows := _rows(ledger, run):
            order, seed = run.order, run.order.seed
            about = {
                "id": run.id,
                "title": title(run),
                "group": order.sweep,
                "tags": order.tags,
                "config": order.config | ({} if seed is None else {"seed": seed}),
                "summary": {
                    "life": run.life,
                    "commit": order.commit,
                    "command": one_line(" ".join(order.command), 1000),
                    **{name: value for name, value in run.figures.items() if value is not None},
                },
                "rows": len(rows),
            }
            yield from (msgspec.json.encode(line) + b"\n" for line in (about, *rows))


def _rows(ledger: RunLedger, run: Run) -> list[dict[str, object]]:
    """What the newest attempt told, one row for each step; values that are no numbers are gaps."""
    values: defaultdict[tuple[float, int], dict[str, float]] = defaultdict(dict)
    told_at: dict[tuple[float, int], float] = {}
    for metric in ledger.metrics(run.id):
        times = defaultdict[float, int](int)
        for point in ledger.curve(run.id, metric, points=0):
            # One that is told twice at a step needs a row of its own.
            place = point.step, times[point.step]
            times[point.step] += 1
            if point.value is not None:
                values[place][metric] = point.value
                told_at[place] = point.at
    return [
        {"step": place[0], "at": told_at[place], "values": values[place]}
        for place in sorted(values)
    ]


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


def _write_curves(ledger: RunLedger, runs: Sequence[Run], to: str) -> None:
    if to == "tsv":
        _write_row(("run", "metric", "step", "value", "at"))
    for run in runs:
        for metric in ledger.metrics(run.id):
            for point in ledger.curve(run.id, metric, points=0):
                row = {"run": run.id, "metric": metric, "step": point.step}
                row |= {"value": point.value, "at": point.at}
                if to == "tsv":
                    _write_row(row.values())
                else:
                    click.echo(msgspec.json.encode(row))


def _write_row(values: Iterable[object]) -> None:
    click.echo("\t".join(cell(value) for value in values))


def cell(value: object) -> str:
    """One field of a row, without anything that would end it."""
    if value is None:
        return ""
    return one_line(repr(value) if isinstance(value, float) else str(value))
