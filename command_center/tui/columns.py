"""The columns of the fleet list: what each is for, how wide, and which go first without room."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct


class Column(StrEnum):
    """In the order in which they stand unless the user says otherwise."""

    AGE = "time"
    NAME = "name"
    SPEC = "agent"
    TASK = "task"
    DOING = "doing"
    TREND = "trend"
    RATE = "rate"
    CONTEXT = "context"
    TOKENS = "tokens"
    MONEY = "money"
    CPU = "cpu"
    MEMORY = "memory"
    TAGS = "tags"
    BRANCH = "branch"
    DIFF = "diff"


class Shape(Struct, frozen=True):
    help: str
    most: int
    """Columns of the terminal that it takes at most."""
    least: int = 0
    """It is left out rather than cut to fewer; 0 stands for all that it needs."""


SHAPES: Mapping[Column, Shape] = {
    Column.AGE: Shape("time in its state", 4),
    Column.NAME: Shape("name", 18),
    Column.SPEC: Shape("kind of agent", 16),
    Column.TASK: Shape("why it waits, and its task", 30),
    Column.DOING: Shape("its last tool call or sentence", 24),
    Column.TREND: Shape("tokens a second in the last ten minutes", 10),
    Column.RATE: Shape("tokens a second in the last minute", 7),
    Column.CONTEXT: Shape("how full its context window is", 9),
    Column.TOKENS: Shape("tokens since its launch", 6),
    Column.MONEY: Shape("their price at the API", 7),
    Column.CPU: Shape("what it takes of one CPU", 6),
    Column.MEMORY: Shape("resident memory of its processes", 6),
    Column.TAGS: Shape("its tags", 16, least=8),
    Column.BRANCH: Shape("its branch", 24, least=8),
    Column.DIFF: Shape("lines added and removed", 12),
}

ALWAYS = frozenset({Column.NAME, Column.TASK})
"""Who it is and why it waits can be moved, not left out."""
MOVING = frozenset({Column.CPU, Column.MEMORY})
"""They change every second, and every change is painted: for those who ask for them."""
DEFAULT = tuple(column for column in Column if column not in MOVING)
GRANTS = (
    Column.SPEC,
    Column.DIFF,
    Column.TREND,
    Column.MONEY,
    Column.CONTEXT,
    Column.RATE,
    Column.DOING,
    Column.TOKENS,
    Column.CPU,
    Column.MEMORY,
    Column.BRANCH,
    Column.TAGS,
)
"""Who gets room first."""
AT_RIGHT = frozenset(
    {Column.TREND, Column.RATE, Column.CONTEXT, Column.TOKENS, Column.MONEY, Column.DIFF, *MOVING}
)
"""Of the first of two lines; the words stand on the second."""


def chosen(names: Iterable[str]) -> tuple[Column, ...]:
    """The columns with these names, in order. Names that mean nothing are passed over, as from
    a newer program; without any name it is the default."""
    by_name = {str(column): column for column in Column}
    known = [by_name[name] for name in dict.fromkeys(names) if name in by_name]
    if not known:
        return DEFAULT
    return (*known, *(column for column in Column if column in ALWAYS - set(known)))
