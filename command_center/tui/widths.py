"""How a line of the fleet list shares its width among the columns: pure."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from command_center.tui.cells import Cells
from command_center.tui.columns import AT_RIGHT, DEFAULT, GRANTS, SHAPES, Column

GAP = 2
"""Columns of the terminal between two of ours."""
STATE = 8
HEAD = 1 + 1 + 2 + STATE + 1
"""Cursor, mark of the unseen, glyph and word of the state."""
INDENT = 4
"""The second line of an agent begins below the word of its state."""
_REASON_WANTS = 50
"""Columns that an agent which waits may claim to say why."""
_DOING_MOST = 60


class Widths(Struct, frozen=True):
    """How wide each column is, from left to right. All lines of a list share one."""

    columns: tuple[tuple[Column, int], ...]
    what: int
    """Columns for reason and task: those of `TASK`, or of the second line."""
    is_roomy: bool = False
    """Two lines: figures stand at the right of the first, words on the second."""

    def of(self, column: Column) -> int:
        """0 if it is left out."""
        return dict(self.columns).get(column, 0)


def shared(width: int, lines: Sequence[Cells], columns: Sequence[Column] = DEFAULT) -> Widths:
    """Every column as wide as its widest text, up to a cap, while the task keeps a rest."""
    wants = _widest(lines)
    sizes = _firm(columns, wants)
    rest = width - HEAD - 1 - sum(size + GAP for size in sizes.values())
    task = SHAPES[Column.TASK].most
    what = max(task, min(_REASON_WANTS, wants[Column.TASK]))
    is_badged = any(line.badge for line in lines)
    for column in GRANTS:
        if column in columns:
            # A badge that loses its column takes as much from the task, so it does not make way.
            keeps = task if column is Column.SPEC and is_badged else what
            size = min(wants[column], rest - keeps - GAP)
            if size >= _least(column, wants[column]):
                sizes[column] = size
                rest -= size + GAP
    if Column.DOING in sizes:
        more = min(max(0, rest - what) // 2, _DOING_MOST - sizes[Column.DOING])
        sizes[Column.DOING] += more
        rest -= more
    sizes[Column.TASK] = max(0, rest)
    shown = tuple((column, sizes[column]) for column in columns if column in sizes)
    return Widths(shown, sizes[Column.TASK])


def shared_roomy(width: int, lines: Sequence[Cells], columns: Sequence[Column] = DEFAULT) -> Widths:
    """As `shared`, for two lines each."""
    wants = _widest(lines)
    sizes = _firm(columns, wants)
    rest = width - HEAD - 1 - sum(size + GAP for size in sizes.values())
    for column in GRANTS:
        is_here = column in AT_RIGHT or column is Column.SPEC
        if column in columns and is_here and 0 < wants[column] <= rest - GAP:
            sizes[column] = wants[column]
            rest -= sizes[column] + GAP
    # What is not on the first line is a part of the sentence on the second.
    words = [c for c in columns if c in (Column.DOING, Column.TAGS, Column.BRANCH)]
    shown = [(c, sizes[c]) for c in columns if c in sizes] + [(c, 0) for c in words]
    return Widths(tuple(shown), max(0, width - INDENT - 1), is_roomy=True)


def _firm(columns: Sequence[Column], wants: dict[Column, int]) -> dict[Column, int]:
    """Those that have room whatever the width."""
    return {c: wants[c] for c in columns if c in (Column.AGE, Column.NAME) and wants[c]}


def _least(column: Column, wanted: int) -> int:
    """So much it must have; more than any line holds if there is nothing to show."""
    least = SHAPES[column].least
    return (min(wanted, least) if least else wanted) or 1


def _widest(lines: Iterable[Cells]) -> dict[Column, int]:
    found = map(max, zip(*(line.wants for line in lines), strict=True))
    widest = dict(zip(Column, found, strict=False))
    # The task is as wide as there is room for.
    most = {c: _REASON_WANTS if c is Column.TASK else SHAPES[c].most for c in Column}
    return {c: min(widest.get(c, 0), most[c]) for c in Column}
