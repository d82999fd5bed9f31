"""The stretch of time that a row of columns shows: pure, so that it can be proved."""

import time
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

FINEST_S = 0.05
COARSEST_S = 86400.0
"""Seconds of a column."""
_ROUND = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400)
_LABEL = 14
"""Columns that a label of the axis wants at least."""


class Stretch(Struct, frozen=True):
    start: float
    """Unix seconds at the left edge of the first column."""
    per_column: float
    columns: int

    @property
    def end(self) -> float:
        return self.start + self.per_column * self.columns

    def at(self, column: int) -> float:
        """The left edge of the column."""
        return self.start + self.per_column * column

    def column(self, at: float) -> int:
        """May lie outside of what is shown."""
        return int((at - self.start) // self.per_column)

    def holds(self, at: float) -> bool:
        return 0 <= self.column(at) < self.columns

    def zoomed(self, factor: float, about: float) -> "Stretch":
        """With `factor` times the seconds a column; `about` keeps its column."""
        per = min(max(self.per_column * factor, FINEST_S), COARSEST_S)
        start = about - (about - self.start) * per / self.per_column
        return replace(self, start=start, per_column=per)

    def showing(self, at: float) -> "Stretch":
        """Moved as little as brings `at` into sight, with an eighth of the width beyond it."""
        beyond = self.columns // 8 * self.per_column
        if at < self.start:
            return replace(self, start=at - beyond)
        if at >= self.end:
            return replace(self, start=at + beyond - self.per_column * self.columns)
        return self

    def labels(self) -> Iterator[tuple[int, str]]:
        """Columns for which a time of day is written, with what is written there."""
        least = self.per_column * _LABEL
        step = next((s for s in _ROUND if s >= least), _ROUND[-1])
        form = "%H:%M:%S" if step < 60 else "%H:%M" if step < 14400 else "%d %b %H:%M"
        # Round in the user's own time zone, not in UTC.
        zone = time.localtime(self.start).tm_gmtoff
        tick = (self.start + zone) // step * step + step - zone
        taken = 0
        while tick < self.end:
            column = self.column(tick)
            if column >= taken:
                yield column, time.strftime(form, time.localtime(tick))
                taken = column + _LABEL
            tick += step


def fitting(begin: float, end: float, columns: int) -> Stretch:
    """All from `begin` to `end`."""
    columns = max(1, columns)
    # The last event is to stand inside the last column, not on its edge.
    per = min(max((end - begin) / max(1, columns - 1) * (1 - 1e-9), FINEST_S), COARSEST_S)
    return Stretch(begin, per, columns)
