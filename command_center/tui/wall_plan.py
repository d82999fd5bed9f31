"""Where the cells of a wall lie, and which cell is beside which: pure, so it can be proved."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from msgspec import Struct
from textual.geometry import Region, Size

SMALLEST = Size(38, 8)
"""A cell is still readable, its title line included."""
LEAST = Size(16, 3)
"""What a cell keeps when the mouse makes another larger."""


class Shares(Struct, frozen=True):
    """The weights that a user gave to rows and columns; for a grid of this shape alone."""

    shape: tuple[int, ...]
    """Cells in each row."""
    heights: tuple[int, ...]
    widths: dict[int, tuple[int, ...]]
    """By the cells in a row: the lines between columns go on through rows of as many."""


class Divider(Struct, frozen=True):
    """The line between two columns, or the title lines below one row and above the next."""

    cell: int
    """Number of a cell at the right of it, or below it."""
    is_upright: bool


def capacity(size: Size) -> int:
    """How many cells of the smallest size fit, at least one; between columns is a line."""
    columns, rows = _most(size)
    return columns * rows


def planned(count: int, size: Size, shares: Shares | None = None) -> tuple[Region, ...]:
    """The places of `count` cells, in reading order, that leave no room unused.

    Of all divisions into rows the one whose cells come nearest to 80 columns by 24 lines; all
    are of one size, unless `shares` are those of this very division.
    """
    shape = _shape(count, size)
    if shares is None or shares.shape != shape:
        shares = Shares(shape, (1,) * len(shape), {each: (1,) * each for each in shape})
    cells: list[Region] = []
    rows = _portions(size.height, shares.heights, LEAST.height)
    for in_row, (top, height) in zip(shape, rows, strict=True):
        columns = _portions(size.width - (in_row - 1), shares.widths[in_row], LEAST.width)
        cells += [Region(x + n, top, width, height) for n, (x, width) in enumerate(columns)]
    return tuple(cells)


def shape_of(cells: Sequence[Region]) -> tuple[int, ...]:
    """Cells in each row."""
    return tuple(Counter(cell.y for cell in cells).values())


def divider_at(cells: Sequence[Region], x: int, y: int) -> Divider | None:
    for number, cell in enumerate(cells):
        if x == cell.x - 1 and cell.y <= y < cell.bottom:
            return Divider(number, is_upright=True)
        if cell.x <= x < cell.right and y == cell.y > 0:
            return Divider(number, is_upright=False)
    return None


def pulled(cells: Sequence[Region], divider: Divider, by: int) -> Shares:
    """Those of `cells` with `divider` so many columns or lines further right or down."""
    rows = [list(row) for _, row in groupby(cells, key=lambda cell: cell.y)]
    heights = [row[0].height for row in rows]
    widths = {len(row): [cell.width for cell in row] for row in rows}
    place = cells[divider.cell]
    at = [row[0].y for row in rows].index(place.y)
    if divider.is_upright:
        _pull(widths[len(rows[at])], rows[at].index(place), by, LEAST.width)
    else:
        _pull(heights, at, by, LEAST.height)
    return Shares(shape_of(cells), tuple(heights), {each: tuple(widths[each]) for each in widths})


def _pull(lengths: list[int], at: int, by: int, least: int) -> None:
    """Give what one loses to the one before it, or the other way round."""
    by = max(least - lengths[at - 1], min(by, lengths[at] - least))
    lengths[at - 1] += by
    lengths[at] -= by


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


def _shape(count: int, size: Size) -> tuple[int, ...]:
    """How many cells each row has; those that do not fit are left out."""
    count = min(count, capacity(size))
    most_columns, most_rows = _most(size)
    fits = [
        rows for rows in range(1, min(count, most_rows) + 1) if -(-count // rows) <= most_columns
    ]
    if not fits:
        return ()
    rows = max(fits, key=lambda rows: _readable(count, rows, size))
    return tuple(count // rows + (row < count % rows) for row in range(rows))


def _readable(count: int, rows: int, size: Size) -> float:
    columns = -(-count // rows)
    return min(size.width / columns / 80, size.height / rows / 24)


def _portions(whole: int, weights: Sequence[int], least: int) -> list[tuple[int, int]]:
    """Start and length of each, by weight; the first ones get what is left over.

    `whole` holds the `least` of all, unless there is only one.
    """
    portions: list[tuple[int, int]] = []
    at, left = 0, max(0, whole)
    for number, weight in enumerate(weights):
        after = weights[number + 1 :]
        share = -(-left * weight // (weight + sum(after)))
        length = min(max(share, least), left - least * len(after))
        portions.append((at, length))
        at, left = at + length, left - length
    return portions
