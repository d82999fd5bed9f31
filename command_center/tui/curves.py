"""Curves over the steps of runs, in the terminal's own colours."""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct
from textual_plotext import PlotextPlot

from command_center.tui.figures import short

COLOURS = {
    "cyan": "cyan",
    "orange": "yellow",
    "magenta": "magenta",
    "green": "green",
    "red": "red",
    "blue": "blue",
}
"""As the plot calls them and as the terminal does."""
_PAINTS = tuple(COLOURS)
LARGEST = 1e30
"""Beyond it a value is drawn as a gap: the plot could not be scaled."""
SMALLEST = 1e-300
_ROWS_OF_A_TICK = 4
_COLUMNS_OF_A_MARK = 14


class Curve(Struct, frozen=True):
    points: tuple[tuple[float, float | None], ...]
    """Step and value, in the order of time; None is drawn as a gap."""
    label: str = ""
    """Plain text, written at its end."""


class CurveChart(PlotextPlot):
    DEFAULT_CSS = """
    CurveChart {
        border: round ansi_bright_black;
        border-title-color: ansi_default; border-title-style: bold;
        padding: 0 1 0 0;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        # It names no colours, so the plot has the terminal's.
        self.set_reactive(PlotextPlot.theme, "clear")
        self._shown: tuple[Curve, ...] = ()
        self._is_from_zero = False

    def show(self, title: str, curves: Sequence[Curve], *, is_from_zero: bool = False) -> None:
        """`title` must be plain text."""
        self.border_title = title.replace("[", "\\[")
        if (tuple(curves), is_from_zero) != (self._shown, self._is_from_zero):
            self._shown, self._is_from_zero = tuple(curves), is_from_zero
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        plot = self.plt
        plot.clear_figure()
        # Set again at each paint, but names are written on the ground that is known now.
        plot.theme("clear")
        plot.frame(False)
        pieces = [(place, p) for place, curve in enumerate(self._shown) for p in _pieces(curve)]
        self.border_subtitle = "" if pieces else "nothing yet"
        # The first one last, so that it lies above the others.
        for place, (steps, values) in reversed(pieces):
            paint = plot.plot if len(steps) > 1 else plot.scatter
            paint(steps, values, color=_PAINTS[place % len(_PAINTS)], marker="hd")
        if pieces:
            self._mark([p for _, p in pieces])
        self.refresh()

    def _mark(self, pieces: Sequence[tuple[list[float], list[float]]]) -> None:
        """The axes, and whose each curve is."""
        steps = [step for each, _ in pieces for step in each]
        values = [value for _, each in pieces for value in each]
        if self._is_from_zero:
            values.append(0.0)
            self.plt.ylim(min(values), max(values) or 1.0)
        height, width = self.size.height, self.size.width
        across = _ticks(min(steps), max(steps), width // _COLUMNS_OF_A_MARK)
        up = _ticks(min(values), max(values), height // _ROWS_OF_A_TICK)
        self.plt.xticks(across, [_figure(tick) for tick in across])
        self.plt.yticks(up, [f"{_figure(tick)} " for tick in up])
        self._name_ends((max(values) - min(values)) / max(1, height - 3))

    def _name_ends(self, row: float) -> None:
        """Write whose each curve is at its end, each name in a row of its own."""
        ends: list[tuple[float, float, int, str]] = []
        for place, curve in enumerate(self._shown):
            if curve.label and (pieces := list(_pieces(curve))):
                steps, values = pieces[-1]
                ends.append((values[-1], steps[-1], place, curve.label))
        lowest = -math.inf
        for value, step, place, label in sorted(ends):
            lowest = max(value, lowest + row)
            colour = _PAINTS[place % len(_PAINTS)]
            self.plt.text(label, step, lowest, color=colour, alignment="right")


def _pieces(curve: Curve) -> Iterator[tuple[list[float], list[float]]]:
    """What was told without a gap."""
    for is_drawn, piece in groupby(curve.points, _is_drawn):
        if is_drawn:
            pairs = [(step, value) for step, value in piece if value is not None]
            yield [step for step, _ in pairs], [value for _, value in pairs]


def _is_drawn(point: tuple[float, float | None]) -> bool:
    step, value = point
    return value is not None and abs(value) < LARGEST and abs(step) < LARGEST


def _figure(value: float) -> str:
    return short(round(value)) if 10_000 <= value < 1e15 else f"{value:.6g}"


def _ticks(least: float, most: float, count: int) -> list[float]:
    """Round values between the two, about `count` of them; at least the two themselves."""
    if most <= least:
        return [least]
    for wanted in (max(1, count), max(2, 2 * count), max(4, 4 * count)):
        if len(found := _round_values(least, most, (most - least) / wanted)) > 1:
            return found
    return [least, most]


def _round_values(least: float, most: float, distance: float) -> list[float]:
    """Multiples of a round number that is `distance` or more."""
    if distance < SMALLEST:
        return []
    size = 10.0 ** math.floor(math.log10(distance))
    step = size * next(times for times in (1, 2, 5, 10) if distance <= times * size * 1.001)
    first, last = math.ceil(least / step - 1e-9), math.floor(most / step + 1e-9)
    found = (float(f"{number * step:.12g}") for number in range(first, last + 1))
    return list(dict.fromkeys(found))
