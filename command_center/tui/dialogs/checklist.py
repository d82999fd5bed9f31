"""A list of things to tick, one a line; perhaps to put in order as well."""

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from command_center.tui import theme
from command_center.tui.cells import Part, fitted


class Item(Struct, frozen=True):
    id: str
    label: str
    """Plain text."""
    hint: str = ""
    is_on: bool = False
    is_firm: bool = False
    """It stays as it is."""
    key: str = ""
    """A character that ticks it."""


class Checklist(ScrollView, can_focus=True):
    HINT = "space ticks"
    DEFAULT_CSS = "Checklist { height: auto; background: transparent; overflow-x: hidden; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("space", "tick", show=False),
    ]

    class Changed(Message):
        """Something is ticked, or no longer, or stands elsewhere."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    def __init__(self, items: Sequence[Item], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._items = list(items)
        self._at = 0
        self.virtual_size = Size(1, len(self._items))

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(self._items)

    def put(self, items: Sequence[Item]) -> None:
        self._items = list(items)
        self.virtual_size = Size(1, len(self._items))
        self._go_to(self._at)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return max(1, len(self._items))

    def action_move(self, by: int) -> None:
        self._go_to(self._at + by)

    def action_tick(self) -> None:
        self._tick(self._at)

    def on_key(self, event: events.Key) -> None:
        for line, item in enumerate(self._items):
            if item.key and event.character == item.key:
                event.stop()
                self._go_to(line)
                self._tick(line)

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        if 0 <= line < len(self._items):
            self._go_to(line)
            self._tick(line)

    def _tick(self, line: int) -> None:
        item = self._items[line] if self._items else None
        if item is not None and not item.is_firm:
            self._items[line] = replace(item, is_on=not item.is_on)
            self._tell(self._items[line])

    def _tell(self, item: Item) -> None:
        self.refresh()
        self.post_message(self.Changed(item))

    def _go_to(self, line: int) -> None:
        self._at = min(max(0, line), max(0, len(self._items) - 1))
        self.scroll_to_region(Region(0, self._at, 1, 1), animate=False)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        line, width = y + self.scroll_offset.y, self.size.width
        if line >= len(self._items):
            return Strip.blank(width, self.rich_style)
        item, is_here = self._items[line], line == self._at
        over = theme.CURSOR if is_here else theme.PLAIN
        segments = [Segment(text, style + over) for text, style in _parts(item, is_here, width)]
        return Strip(segments).adjust_cell_length(width, over).apply_style(self.rich_style)


class Ordered(Checklist):
    """A checklist whose lines can be moved."""

    HINT = "space ticks · J K move it"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("shift+up,K", "shift(-1)", show=False),
        Binding("shift+down,J", "shift(1)", show=False),
    ]

    def action_shift(self, by: int) -> None:
        there = self._at + by
        if self._items and 0 <= there < len(self._items):
            item = self._items.pop(self._at)
            self._items.insert(there, item)
            self._go_to(there)
            self._tell(item)


def _parts(item: Item, is_here: bool, width: int) -> list[Part]:
    bar = (theme.CURSOR_GLYPH if is_here else " ", theme.CURSOR_BAR)
    tick = ("[x] " if item.is_on else "[ ] ", theme.QUIET if item.is_firm else theme.KEY)
    key = (f"{item.key:<2}", theme.KEY) if item.key else ("", theme.PLAIN)
    room = width - 1 - 4 - len(key[0]) - cell_len(item.hint) - 3
    label = fitted(item.label, max(0, room))
    return [
        bar,
        tick,
        key,
        (label, theme.STRONG if item.is_on else theme.PLAIN),
        ("  ", theme.PLAIN),
        (item.hint, theme.QUIET),
    ]
