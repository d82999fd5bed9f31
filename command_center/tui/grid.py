"""Which lines of the list belong to which row, and whether an agent takes one line or two: pure."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from msgspec import Struct

from command_center.tui.rows import AgentRow, Row

ROOMY = 2
"""Lines of an agent when there is room."""
SLACK = 4
"""Lines that must be to spare before an agent that left makes the others grow."""


class Grid(Struct, frozen=True):
    edges: tuple[int, ...] = (0,)
    """The first line of each row, and the line after the last."""
    is_roomy: bool = False

    @property
    def line_count(self) -> int:
        return self.edges[-1]

    def row_at(self, line: int) -> int | None:
        """None below the last row."""
        return bisect_right(self.edges, line) - 1 if 0 <= line < self.line_count else None

    def lines_of(self, row: int) -> range:
        return range(self.edges[row], self.edges[row + 1])


def laid_out(found: Sequence[Row], room: int, was_roomy: bool) -> Grid:
    """All agents take two lines when all rows fit into `room` lines so, else all take one."""
    agents = sum(isinstance(row, AgentRow) for row in found)
    spare = room - len(found) - agents * (ROOMY - 1)
    is_roomy = spare >= (0 if was_roomy else SLACK)
    heights = (ROOMY if is_roomy and isinstance(row, AgentRow) else 1 for row in found)
    return Grid(tuple(accumulate(heights, initial=0)), is_roomy)
