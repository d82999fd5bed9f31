"""A plot over time in the terminal's own colours."""

import time
from collections.abc import Iterator, Sequence
from itertools import groupby

from textual_plotext import PlotextPlot

from command_center.tui.figures import short

_ROWS_OF_A_TICK = 3
_COLUMNS_OF_A_MARK = 9
_HOUR = 3600
_STEPS = (
    *(5, 10, 15, 30, 60, 120, 300, 600, 900, 1800),
    *(_HOUR * hours for hours in (1, 2, 3, 4, 6, 12, 24, 48, 120, 168, 240)),
)
"""Seconds between two marks."""


class TimeChart(PlotextPlot):
    """Values that are not negative, at equal steps of time; None where nothing was measured."""

    DEFAULT_CSS = """
    TimeChart {
        border: round ansi_bright_black;
        border-title-color: ansi_default; border-title-style: bold;
        padding: 0 1 0 0;
    }
    """

    def __init__(self, title: str, colour: str, unit: str) -> None:
        """`unit` stands before each value at the left edge: `$`, or nothing."""
        super().__init__()
        # It names no colours, so the plot has the terminal's.
        self.set_reactive(PlotextPlot.theme, "clear")
        self.border_title = title
        self._colour = colour
        self._unit, self._after = unit, ""
        self._shown: tuple[Sequence[float], Sequence[float | None], float] = ((), (), 0.0)

    def paint(self, colour: str, after: str) -> None:
        """From the next `show` on; `after` stands behind each value at the left edge: `%`."""
        if (colour, after) != (self._colour, self._after):
            self._colour, self._after = colour, after
            self._shown = ((), (), 0.0)

    def show(
        self, starts: Sequence[float], values: Sequence[float | None], top: float = 0.0
    ) -> None:
        """`starts` are Unix seconds, oldest first, one for each value; `top` is the largest value
        that there can be, 0 where nobody knows."""
        if (starts, values, top) != self._shown:
            self._shown = (starts, values, top)
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        starts, values, top = self._shown
        plot = self.plt
        plot.clear_figure()
        plot.frame(False)
        known = [value for value in values if value is not None]
        is_empty = not any(known) and not (top and known)
        self.border_subtitle = "nothing yet" if starts and is_empty else ""
        if is_empty:
            self.refresh()
            return
        for piece in _pieces(starts, values):
            plot.plot(*piece, color=self._colour, fillx=True, marker="hd")
        most = top or _round_up(max(known))
        plot.ylim(0, most)
        if len(starts) > 1:
            # Holes at the ends are a part of the time.
            plot.xlim(starts[0], starts[-1])
        ticks = [most * part / 2 for part in range(3)] if self._is_high else [0.0, most]
        plot.yticks(ticks, [f"{self._unit}{_figure(tick)}{self._after} " for tick in ticks])
        marks = _marks(starts[0], starts[-1], self.size.width // _COLUMNS_OF_A_MARK)
        plot.xticks(marks, [_moment(mark, starts[-1] - starts[0]) for mark in marks])
        self.refresh()

    @property
    def _is_high(self) -> bool:
        return self.size.height >= 2 * _ROWS_OF_A_TICK


def _pieces(
    starts: Sequence[float], values: Sequence[float | None]
) -> Iterator[tuple[list[float], list[float]]]:
    """What was measured without a hole."""
    both = zip(starts, values, strict=True)
    for is_known, piece in groupby(both, lambda each: each[1] is not None):
        if is_known:
            pairs = [(at, value) for at, value in piece if value is not None]
            yield [at for at, _ in pairs], [value for _, value in pairs]


def _marks(first: float, last: float, most: int) -> list[float]:
    """At most so many moments at whole steps of the local day of `first`."""
    span = last - first
    step = next((s for s in _STEPS if span / s < max(1, most)), _STEPS[-1])
    day = time.localtime(first)
    midnight = first - (day.tm_hour * _HOUR + day.tm_min * 60 + day.tm_sec + first % 1)
    begin = midnight + -(-(first - midnight) // step) * step
    return [begin + number * step for number in range(int((last - begin) // step) + 1)]


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 6, 8 and 10 times a power of ten, which halve well."""
    size = 1e-6
    while True:
        for step in (1, 2, 4, 6, 8):
            if value <= step * size:
                return step * size
        size *= 10


def _figure(value: float) -> str:
    if value >= 1000:
        return short(round(value))
    return f"{value:.3g}"


def _moment(at: float, span: float) -> str:
    then = time.localtime(at)
    if span <= 24 * _HOUR:
        return time.strftime("%H:%M" if span > 300 else "%H:%M:%S", then)
    return time.strftime("%a %d" if span <= 8 * 24 * _HOUR else "%d %b", then)
