"""Entries of one line or more, under headings; one of them is selected. Drawn line by line."""

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from command_center.tui import theme
from command_center.tui.figures import Part

INDENT = 2
"""Columns before what an entry says."""


class Entry(Struct, frozen=True):
    id: str
    """Empty for a heading, at which the cursor does not stop."""
    lines: tuple[tuple[Part, ...], ...]
    """Plain texts: control characters would reach the terminal."""


class EntryList(ScrollView, can_focus=True):
    """The selection follows its entry; when that is gone, it goes to the one in its place."""

    HINT = "↑ ↓ choose"
    ALLOW_SELECT = False
    DEFAULT_CSS = "EntryList { overflow-x: hidden; scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("home,g", "move(-10000)", show=False),
        Binding("end,G", "move(10000)", show=False),
    ]

    class Selected(Message):
        """The cursor is at another entry."""

    class Opened(Message):
        """An entry was double-clicked."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._entries: tuple[Entry, ...] = ()
        self._lines: list[tuple[str, bool, tuple[Part, ...]]] = []
        """Of each line: the id of its entry, whether it is the first of it, and what it says."""
        self.selected = ""

    @property
    def ids(self) -> list[str]:
        return [entry.id for entry in self._entries if entry.id]

    def put(self, entries: Sequence[Entry]) -> None:
        if tuple(entries) == self._entries:
            return
        before = self.ids
        self._entries = tuple(entries)
        self._lines = [
            (entry.id, number == 0, line)
            for entry in entries
            for number, line in enumerate(entry.lines)
        ]
        self.virtual_size = Size(1, len(self._lines))
        self._keep_selection(before)
        self.refresh(layout=self.styles.is_auto_height)

    def _keep_selection(self, before: list[str]) -> None:
        now = self.ids
        if self.selected not in now:
            at = before.index(self.selected) if self.selected in before else 0
            self.selected = now[min(at, len(now) - 1)] if now else ""
            self.post_message(self.Selected())

    def select(self, name: str) -> None:
        if name in self.ids and name != self.selected:
            self.selected = name
            self.refresh()
            self.post_message(self.Selected())
        self._reveal()

    def action_move(self, by: int) -> None:
        if ids := self.ids:
            at = ids.index(self.selected) if self.selected in ids else 0
            self.select(ids[min(max(0, at + by), len(ids) - 1)])

    def _reveal(self) -> None:
        at = [n for n, (name, _, _) in enumerate(self._lines) if name == self.selected]
        if at:
            # The heading above the first comes along.
            top = 0 if self.selected in self.ids[:1] else at[0]
            region = Region(0, top, 1, at[-1] - top + 1)
            self.scroll_to_region(region, animate=False, force=True, immediate=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return max(1, len(self._lines))

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        if line < len(self._lines) and (name := self._lines[line][0]):
            self.select(name)
            if event.chain == 2:
                self.post_message(self.Opened())

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        at = y + self.scroll_offset.y
        if at >= len(self._lines):
            return Strip.blank(width, base)
        name, is_first, parts = self._lines[at]
        is_here = name == self.selected != ""
        over = theme.PLAIN
        if is_here and is_first:
            over = theme.CURSOR if self.has_focus else theme.STRONG
        sign = theme.CURSOR_GLYPH if is_here else " "
        lead = [(f"{sign:<{INDENT}}", theme.CURSOR_BAR)] if name else []
        segments = [Segment(text, base + style + over) for text, style in (*lead, *parts) if text]
        return Strip(segments).adjust_cell_length(width, base + over)
