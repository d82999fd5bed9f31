"""A one-line widget made of styled parts; it repaints only when they differ."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from command_center.tui.cells import Part


class PartsLine(Widget):
    """Holds parts at the left and at the right; the left ones give way when both do not fit."""

    DEFAULT_CSS = "PartsLine { height: 1; }"
    DROPS_WHOLE = False
    """Whether a word at the left that does not fit is left out rather than cut."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._left: tuple[Part, ...] = ()
        self._right: tuple[Part, ...] = ()

    def put(self, left: Sequence[Part], right: Sequence[Part] = ()) -> None:
        """The texts must be plain: control characters would reach the terminal."""
        if (tuple(left), tuple(right)) != (self._left, self._right):
            self._left, self._right = tuple(left), tuple(right)
            self.refresh()

    @property
    def text(self) -> str:
        return "".join(text for text, _ in (*self._left, *self._right))

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        if y:
            return Strip.blank(width, base)
        right = strip_of_parts(self._right, base)
        room = max(0, width - right.cell_length)
        left = _whole(self._left, room) if self.DROPS_WHOLE else self._left
        return bar(left, self._right, width, base)


def bar(left: Sequence[Part], right: Sequence[Part], width: int, base: Style) -> Strip:
    """`left` and `right` at the two ends of one line; the left gives way when both do not fit."""
    end = strip_of_parts(right, base)
    room = max(0, width - end.cell_length)
    start = strip_of_parts(left, base)
    if start.cell_length > room > 1:
        start = Strip([*start.crop(0, room - 1), Segment("…", base + Style(dim=True))])
    return Strip.join([start.adjust_cell_length(room, base), end]).adjust_cell_length(width, base)


def _whole(parts: Sequence[Part], room: int) -> Sequence[Part]:
    """As many words of `parts` as fit into `room` columns; a word's first part begins blank."""
    end = 0
    for number, (text, _) in enumerate(parts):
        if text.startswith(" "):
            end = number
        room -= cell_len(text)
        if room < 0:
            return parts[:end]
    return parts


def strip_of_parts(parts: Sequence[Part], base: Style) -> Strip:
    return Strip([Segment(text, base + style) for text, style in parts if text])
