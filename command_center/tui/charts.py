"""A plot over time in the terminal's own colours."""

import time
from collections.abc import Sequence

from textual_plotext import PlotextPlot

from command_center.tui.figures import short

_ROWS_OF_A_TICK = 3
_COLUMNS_OF_A_MARK = 9
_HOURS = (1, 2, 3, 4, 6, 12, 24, 48, 120, 168, 240)
"""Between two marks."""


class TimeChart(PlotextPlot):
    """Values that are not negative, at equal steps of time."""

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
        self._unit = unit
        self._shown: tuple[Sequence[float], Sequence[float]] = ((), ())

    def show(self, starts: Sequence[float], values: Sequence[float]) -> None:
        """`starts` are Unix seconds, oldest first, one for each value."""
        if (starts, values) != self._shown:
            self._shown = (starts, values)
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        starts, values = self._shown
        plot = self.plt
        plot.clear_figure()
        plot.frame(False)
        is_empty = not any(values)
        self.border_subtitle = "nothing yet" if starts and is_empty else ""
        if is_empty:
            self.refresh()
            return
        plot.plot(list(starts), list(values), color=self._colour, fillx=True, marker="hd")
        most = _round_up(max(values))
        plot.ylim(0, most)
        ticks = [most * part / 2 for part in range(3)] if self._is_high else [0.0, most]
        plot.yticks(ticks, [f"{self._unit}{_figure(tick)} " for tick in ticks])
        marks = _marks(starts[0], starts[-1], self.size.width // _COLUMNS_OF_A_MARK)
        plot.xticks(marks, [_moment(mark, starts[-1] - starts[0]) for mark in marks])
        self.refresh()

    @property
    def _is_high(self) -> bool:
        return self.size.height >= 2 * _ROWS_OF_A_TICK


def _marks(first: float, last: float, most: int) -> list[float]:
    """At most so many moments at whole hours or days; `first` is a midnight."""
    hours = next((h for h in _HOURS if (last - first) / (3600 * h) < max(1, most)), _HOURS[-1])
    count = int((last - first) / (3600 * hours)) + 1
    return [first + number * 3600 * hours for number in range(count)]


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
    return f"{value:g}"


def _moment(at: float, span: float) -> str:
    then = time.localtime(at)
    if span <= 86400:
        return time.strftime("%H:%M", then)
    return time.strftime("%a %d" if span <= 8 * 86400 else "%d %b", then)
