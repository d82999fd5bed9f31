"""How many agents of each kind: one line per spec, with a count that keys and wheel change."""

from collections.abc import Mapping
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.cells import Part, fitted
from command_center.tui.kit import Kit

MOST = 99
"""Of one kind in one go; a typing slip should not start a thousand."""


class SpecList(ScrollView, can_focus=True):
    """Installed specs first; those that are missing say how to install them."""

    HINT = "+ − or digits: how many"
    DEFAULT_CSS = "SpecList { height: auto; background: transparent; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("plus,equals_sign,right,l", "add(1)", show=False),
        Binding("minus,underscore,left,h", "add(-1)", show=False),
        Binding("space", "pick", show=False),
    ]

    class Changed(Message):
        """A count is another one now."""

    def __init__(self, kit: Kit, first: str = "") -> None:
        """`first` is the id of the spec to offer; else the first one that is installed."""
        super().__init__()
        self._kit = kit
        self._ids = sorted(kit.specs, key=lambda name: name not in kit.installed)
        self._counts = dict.fromkeys(self._ids, 0)
        offered = [name for name in (first, *self._ids) if name in kit.installed]
        self._at = self._ids.index(offered[0]) if offered else 0
        if offered:
            self._counts[offered[0]] = 1
        self._typed = ""
        self.virtual_size = Size(1, len(self._ids))

    @property
    def counts(self) -> Mapping[str, int]:
        return {name: count for name, count in self._counts.items() if count}

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return max(1, len(self._ids))

    def action_move(self, by: int) -> None:
        self._go_to(self._at + by)

    def action_add(self, by: int) -> None:
        if self._ids:
            self._set(self._counts[self._ids[self._at]] + by)

    def action_pick(self) -> None:
        if self._ids:
            self._set(0 if self._counts[self._ids[self._at]] else 1)

    def on_key(self, event: events.Key) -> None:
        if event.character is None or not event.character.isdecimal() or not self._ids:
            self._typed = ""
            return
        event.stop()
        # Two digits in a row make one number.
        self._typed = (self._typed + event.character)[-2:]
        self._set(int(self._typed))

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        if 0 <= line < len(self._ids):
            was = self._at
            self._go_to(line)
            if was == line:
                self.action_add(1)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def _go_to(self, line: int) -> None:
        self._at = min(max(0, line), max(0, len(self._ids) - 1))
        self._typed = ""
        self.scroll_to_region(Region(0, self._at, 1, 1), animate=False)
        self.refresh()

    def _set(self, count: int) -> None:
        name = self._ids[self._at]
        allowed = min(max(0, count), MOST) if name in self._kit.installed else 0
        if allowed != self._counts[name]:
            self._counts[name] = allowed
            self.refresh()
            self.post_message(self.Changed())

    def render_line(self, y: int) -> Strip:
        line, width = y + self.scroll_offset.y, self.size.width
        if not self._ids and y == 0:
            return self._painted([(" no agent specs: acc doctor says why", theme.PROBLEM)], width)
        if line >= len(self._ids):
            return Strip.blank(width, self.rich_style)
        return self._painted(self._parts(line), width)

    def _painted(self, parts: list[Part], width: int) -> Strip:
        *firm, (said, style) = parts
        segments = [Segment(*part) for part in firm]
        room = width - Segment.get_line_length(segments)
        segments.append(Segment(fitted(said, min(room, cell_len(said))), style))
        return Strip(segments).adjust_cell_length(width).apply_style(self.rich_style)

    def _parts(self, line: int) -> list[Part]:
        name = self._ids[line]
        spec, count = self._kit.specs[name], self._counts[name]
        is_here = line == self._at and self.has_focus
        bar = (theme.CURSOR_GLYPH if is_here else " ", theme.CURSOR_BAR)
        title = f"{one_line(spec.name, 30):<20} "
        if name not in self._kit.installed:
            hint = f"not installed: {one_line(spec.install, 200) or 'not on PATH'}"
            return [bar, ("  –  ", theme.QUIET), (title, theme.QUIET), (hint, theme.QUIET)]
        number = (f"{count:>2} × ", theme.KEY + theme.STRONG) if count else (" · × ", theme.QUIET)
        name_style = theme.STRONG if count or is_here else Style()
        said: list[Part] = [bar, number, (title, name_style)]
        if spec.badge:
            said.append((one_line(spec.badge, 40), theme.BADGE))
        return said
