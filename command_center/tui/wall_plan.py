"""Where the cells of a wall lie, and which cell is beside which: pure, so it can be proved."""

from collections.abc import Sequence

from textual.geometry import Region, Size

SMALLEST = Size(38, 8)
"""A cell is still readable, its title line included."""


def capacity(size: Size) -> int:
    """How many cells of the smallest size fit, at least one; between columns is a line."""
    columns, rows = _most(size)
    return columns * rows


def planned(count: int, size: Size) -> tuple[Region, ...]:
    """The places of `count` cells, in reading order, that leave no room unused.

    Of all divisions into rows the one whose cells come nearest to 80 columns by 24 lines.
    """
    count = min(count, capacity(size))
    most_columns, most_rows = _most(size)
    fits = [
        rows for rows in range(1, min(count, most_rows) + 1) if -(-count // rows) <= most_columns
    ]
    if not fits:
        return ()
    rows = max(fits, key=lambda rows: _readable(count, rows, size))
    cells: list[Region] = []
    for row, (top, height) in enumerate(_shares(size.height, rows)):
        in_row = count // rows + (row < count % rows)
        widths = _shares(size.width - (in_row - 1), in_row)
        cells += [Region(x + n, top, width, height) for n, (x, width) in enumerate(widths)]
    return tuple(cells)


def beside(cells: Sequence[Region], at: int, dx: int, dy: int) -> int | None:
    """The number of the cell in that direction; None beyond the edge."""
    x, y = cells[at].center
    ahead = [
        (abs(cx - x) + abs(cy - y), number)
        for number, cell in enumerate(cells)
        for cx, cy in (cell.center,)
        if ((cx - x) * dx > 0 and cell.y == cells[at].y) or (cy - y) * dy > 0
    ]
    return min(ahead)[1] if ahead else None


def _most(size: Size) -> tuple[int, int]:
    return (
        max(1, (size.width + 1) // (SMALLEST.width + 1)),
        max(1, size.height // SMALLEST.height),
    )


def _readable(count: int, rows: int, size: Size) -> float:
    columns = -(-count // rows)
    return min(size.width / columns / 80, size.height / rows / 24)


def _shares(whole: int, parts: int) -> list[tuple[int, int]]:
    """Start and length of each of `parts` equal shares; the first ones get what is left over."""
    least, more = divmod(max(0, whole), parts)
    lengths = [least + (n < more) for n in range(parts)]
    return [(sum(lengths[:n]), length) for n, length in enumerate(lengths)]
