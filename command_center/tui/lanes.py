"""Lanes of coloured time, one for each agent, drawn line by line."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from command_center.domain.chronicle import Lane, Mark, Span
from command_center.domain.model import State
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.stretch import Stretch

NAMES = 14
"""Columns left of the lanes."""
AXIS = 1
"""Lines above them."""

FILLS = {
    State.WAITING: "▓",
    State.LIMITED: "▒",
    State.LOST: "x",
    State.BUSY: "█",
    State.STARTING: "░",
    State.IDLE: "─",
    State.UNKNOWN: "?",
    State.EXITED: ".",
    State.PARKED: ".",
}
"""In the order in which one column shows them when it has several."""
MARKS = {"problem": "✗", "limit": "▲", "question": "●", "answer": "✓", "prompt": "▸", "notice": "i"}
"""Likewise."""

_RANK = {state: rank for rank, state in enumerate(FILLS)}
_MARK_RANK = {kind: rank for rank, kind in enumerate(MARKS)}
_MARK_STYLES = {"problem": theme.PROBLEM, "limit": theme.LOOKS[State.LIMITED].style}
_LOOKED_AT = 32
"""Things of one column that are looked at, spread evenly."""

Cell = tuple[str, Style]
Thing = TypeVar("Thing", Span, Mark)


class Lanes(Widget, can_focus=True):
    """What it shows is handed over whole; it keeps only how far it is scrolled down."""

    DEFAULT_CSS = "Lanes { height: 1fr; }"

    class Pointed(Message):
        """The user has clicked into a lane."""

        def __init__(self, lane: int, column: int) -> None:
            super().__init__()
            self.lane = lane
            self.column = column

    class Widened(Message):
        """There is another number of columns now."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lanes: Sequence[Lane] = ()
        self._stretch = Stretch(0.0, 1.0, 1)
        self._cursor = (0, 0.0)
        self._top = 0
        self._end = 0.0

    @property
    def columns(self) -> int:
        return max(1, self.size.width - NAMES)

    @property
    def page(self) -> int:
        return max(1, self.size.height - AXIS)

    def show(
        self, lanes: Sequence[Lane], stretch: Stretch, cursor: tuple[int, float], end: float
    ) -> None:
        """`cursor` is a lane and a time; after `end` nothing is known."""
        self._lanes, self._stretch, self._cursor, self._end = lanes, stretch, cursor, end
        self._top = min(max(self._top, cursor[0] - self.page + 1), cursor[0])
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        if y < AXIS:
            return self._axis(base).adjust_cell_length(width, base)
        number = self._top + y - AXIS
        if number >= len(self._lanes):
            return Strip.blank(width, base)
        lane = self._lanes[number]
        is_chosen = number == self._cursor[0]
        name = set_cell_size(one_line(lane.name, 40), NAMES - 3)
        bar = theme.CURSOR_GLYPH if is_chosen else " "
        head = [
            Segment(f"{bar} ", base + theme.CURSOR_BAR),
            Segment(f"{name} ", base + (theme.STRONG if is_chosen else theme.PLAIN)),
        ]
        line = cells(lane, self._stretch, self._end)
        at = self._stretch.column(self._cursor[1])
        if is_chosen and 0 <= at < len(line):
            line[at] = (line[at][0], line[at][1] + theme.CURSOR)
        return Strip([*head, *_segments(line, base)]).adjust_cell_length(width, base)

    def _axis(self, base: Style) -> Strip:
        text = [" "] * (NAMES + self._stretch.columns)
        for column, label in self._stretch.labels():
            text[NAMES + column : NAMES + column + len(label) + 1] = f"╵{label}"
        return Strip([Segment("".join(text[: self.size.width]), base + theme.QUIET)])

    def on_click(self, event: events.Click) -> None:
        lane = self._top + event.y - AXIS
        if event.y >= AXIS and event.x >= NAMES and lane < len(self._lanes):
            self.post_message(self.Pointed(lane, event.x - NAMES))

    def on_resize(self, event: events.Resize) -> None:
        if event.size != Size():
            self.post_message(self.Widened())


def cells(lane: Lane, stretch: Stretch, end: float) -> list[Cell]:
    """A character for each column: what happened, or the state that needs the user most."""
    edges = [stretch.at(column) for column in range(stretch.columns + 1)]
    marks = [lane.marks_before(edge) for edge in edges]
    return [
        _mark(lane.marks[marks[c] : marks[c + 1]])
        or _fill(_spans(lane, left, edges[c + 1]) if left <= end else ())
        for c, left in enumerate(edges[:-1])
    ]


def _spans(lane: Lane, left: float, right: float) -> Sequence[Span]:
    return lane.spans[max(0, lane.spans_until(left) - 1) : lane.spans_before(right)]


def _mark(marks: Sequence[Mark]) -> Cell | None:
    if not marks:
        return None
    kind = min((mark.kind for mark in _some(marks)), key=_MARK_RANK.__getitem__)
    return MARKS[kind], _MARK_STYLES.get(kind, theme.STRONG)


def _fill(spans: Sequence[Span]) -> Cell:
    states = [span.state for span in _some(spans) if span.state is not None]
    if not states:
        return " ", theme.PLAIN
    state = min(states, key=_RANK.__getitem__)
    return FILLS[state], theme.LOOKS[state].style


def _some(things: Sequence[Thing]) -> Sequence[Thing]:
    """Not more than can be looked at while the screen is painted."""
    return things[:: len(things) // _LOOKED_AT + 1]


def _segments(line: Iterable[Cell], base: Style) -> Iterable[Segment]:
    text, style = "", theme.PLAIN
    for character, wanted in line:
        if wanted != style and text:
            yield Segment(text, base + style)
            text = ""
        text, style = text + character, wanted
    if text:
        yield Segment(text, base + style)
