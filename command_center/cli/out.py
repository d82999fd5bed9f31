"""What goes to standard output: tables for people, one JSON object per line for programs."""

import shutil
import sys
import time
import unicodedata
from collections.abc import Sequence

import click
import msgspec

from command_center.domain.text import one_line, plain


def print_json(thing: msgspec.Struct) -> None:
    click.echo(msgspec.json.encode(thing))


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns two spaces apart; the last one is cut at the terminal's edge, nowhere else."""
    lines = [head, *([one_line(cell) for cell in row] for row in rows)]
    widths = [max(columns_of(line[i]) for line in lines) for i in range(len(head) - 1)]
    edge = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for line in lines:
        padded = (c + " " * (w - columns_of(c)) for c, w in zip(line, widths, strict=False))
        click.echo(_cut("  ".join((*padded, line[-1])).rstrip(), edge))


def print_fields(fields: Sequence[tuple[str, str]]) -> None:
    """One `name  value` per line; empty values are left out, further lines are indented."""
    shown = [(name, plain(value).strip()) for name, value in fields if value.strip()]
    width = max((len(name) for name, _ in shown), default=0) + 2
    for name, value in shown:
        first, *more = value.splitlines()
        click.echo(f"{name:<{width}}{first}")
        for line in more:
            click.echo(" " * width + line)


def problem(text: str) -> None:
    """One line on standard error."""
    click.echo(f"acc: {one_line(text)}", err=True)


def columns_of(text: str) -> int:
    """Terminal columns; wide and combining characters count as they are drawn."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _cut(line: str, edge: int) -> str:
    if not edge or columns_of(line) <= edge:
        return line
    kept = line
    while columns_of(kept) > edge - 1:
        kept = kept[:-1]
    return kept + "…"


def age(since: float, until: float = 0.0) -> str:
    """How long ago, or up to `until`, in the largest unit that is not zero; empty without one."""
    if not since:
        return ""
    seconds = max(0, int((until or time.time()) - since))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def clock(at: float) -> str:
    """Local time of day, with the date when it was not today."""
    then = time.localtime(at)
    is_today = then[:3] == time.localtime()[:3]
    return time.strftime("%H:%M:%S" if is_today else "%Y-%m-%d %H:%M:%S", then)
