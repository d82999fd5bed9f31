"""`acc usage`: what the agents spent."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
import msgspec

from command_center.cli.attribution import KINDS, spent_by
from command_center.cli.desk import Desk
from command_center.cli.options import as_json
from command_center.cli.out import print_json, print_table
from command_center.cli.reports import Spending, UsageReport
from command_center.cli.spending import Spent, first_day

_HEAD = ("INPUT", "OUTPUT", "CACHE READ", "CACHE WRITE", "TOTAL", "MONEY")


def _written(context: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    del context, parameter
    if value is not None and value.suffix not in (".json", ".csv"):
        raise click.BadParameter("the file's name has to end in .json or .csv")
    return value


@click.command()
@click.option(
    "--by",
    type=click.Choice(KINDS),
    default="agent",
    show_default=True,
    help="What the sums are told apart by.",
)
@click.option(
    "--since",
    type=click.IntRange(min=1, max=36500),
    metavar="DAYS",
    help="Only the last DAYS days; 1 is today.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values.")
@click.option(
    "--export",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=_written,
    metavar="FILE",
    help="Write to FILE, a .json or a .csv file.",
)
@as_json
def usage(by: str, since: int | None, as_csv: bool, export: Path | None, as_json: bool) -> None:
    """Show what the agents spent.

    Money is what the tokens would cost at the providers' list prices.
    """
    with Desk() as desk:
        sums = spent_by(desk.places, desk.view, by, first_day(since) if since else "")
    reports = [UsageReport(by, name, spent.report) for name, spent in sums.items()]
    if export is not None:
        _save(export, reports)
    elif as_csv:
        click.echo(_csv(reports), nl=False)
    elif as_json:
        for report in reports:
            print_json(report)
    elif sums:
        _print(by, sums)
    else:
        click.echo("acc: nothing was counted; see docs/usage.md for what each CLI tells", err=True)


def _print(by: str, sums: dict[str, Spent]) -> None:
    rows = [_row(name, spent) for name, spent in sums.items()]
    if len(rows) > 1:
        rows.append(_row("total", Spent.of(sums.values())))
    print_table((by.upper(), *_HEAD), rows)


def _row(name: str, spent: Spent) -> tuple[str, ...]:
    tokens = spent.tokens
    kinds = (tokens.input, tokens.output, tokens.cache_read, tokens.cache_write, tokens.total)
    return (name, *(f"{count:,}" for count in kinds), spent.shown_money)


def _save(file: Path, reports: Sequence[UsageReport]) -> None:
    if file.suffix == ".csv":
        text = _csv(reports)
    else:
        text = msgspec.json.format(msgspec.json.encode(reports).decode()) + "\n"
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise click.FileError(str(file), str(error.strerror)) from error


def _csv(reports: Iterable[UsageReport]) -> str:
    """One line per name; models without a price are told apart by spaces."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(("by", "name", *Spending.__struct_fields__))
    for report in reports:
        fields = msgspec.structs.asdict(report.spent) | {
            "unpriced": " ".join(report.spent.unpriced)
        }
        writer.writerow((report.by, _tame(report.name), *fields.values()))
    return lines.getvalue()


def _tame(text: str) -> str:
    """A task that begins like a formula is not to be one in a spreadsheet."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
