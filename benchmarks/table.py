"""One printed row per claim: ours, the other way, their ratio, and the bar it must stay under."""

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    name: str
    ours: str
    other: str
    ratio: str
    bar: str
    ok: bool


def row(name: str, ours: str, other: str, ratio: str, bar: str, ok: bool) -> Row:
    """A finished claim; the texts are printed as they are, so they carry their own units."""
    return Row(name, ours, other, ratio, bar, ok)


def show(title: str, rows: list[Row]) -> None:
    """Print the table on stdout."""
    head = ("claim", "ours", "other", "ratio", "bar", "")
    cells = [head] + [
        (r.name, r.ours, r.other, r.ratio, r.bar, "ok" if r.ok else "FAILED") for r in rows
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    print(f"\n{title}")
    for line in cells:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)))
    sys.stdout.flush()


def finish(title: str, rows: list[Row]) -> None:
    """Print the table and leave the process: status 1 when a bar failed, else 0."""
    show(title, rows)
    raise SystemExit(0 if all(r.ok for r in rows) else 1)
