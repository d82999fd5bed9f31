"""Which part of a terminal screen fits into a widget, row by row: pure, so it can be proved."""

from collections.abc import Iterable
from typing import NamedTuple

from textual.geometry import Offset, Size

from command_center.drivers.glass import PaneScreen
from command_center.tui.ansi import PLAIN, Pen, pen_after

SMALLEST = Size(80, 24)
"""A program in the pane never gets less; a smaller widget shows a part of it."""


def pane_size(widget: Size) -> Size:
    """What a program gets in a widget whose top row is a title."""
    return Size(max(SMALLEST.width, widget.width), max(SMALLEST.height, widget.height - 1))


class Row(NamedTuple):
    """One line as captured. Equal rows are drawn equally."""

    raw: str
    pen: Pen
    """What the line above left the terminal drawing with."""
    cursor: int = -1
    """Column of the cursor on this line; -1 where it is not."""


def rows_of(lines: Iterable[str]) -> list[Row]:
    """One capture as rows. It begins with the plain pen."""
    rows, pen = [], PLAIN
    for raw in lines:
        rows.append(Row(raw, pen))
        pen = pen_after(raw, pen)
    return rows


def seen_from(screen: PaneScreen, size: Size, follows_cursor: bool) -> Offset:
    """The cell of `screen` that belongs into the upper left corner of a widget of `size`.

    The last line in use is at the bottom, unless the cursor would be out of sight above; only
    `follows_cursor` moves the view to the right.
    """
    lines = screen.lines
    used = next((y for y in reversed(range(len(lines))) if lines[y].strip()), 0)
    x, y = screen.cursor or (0, used)
    top = max(0, max(used, y) - size.height + 1)
    left = max(0, x - size.width + 1) if follows_cursor else 0
    return Offset(left, min(top, y))


def rows_in_view(screen: PaneScreen, size: Size, origin: Offset, with_cursor: bool) -> list[Row]:
    """At most `size.height` rows of `screen`, from `origin` down."""
    rows = rows_of(screen.lines)
    if with_cursor and screen.cursor and screen.cursor[1] < len(rows):
        x, y = screen.cursor
        rows[y] = rows[y]._replace(cursor=x)
    return rows[origin.y : origin.y + size.height]
