"""Lines of styled parts, as many as there are; those that do not fit are scrolled to."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from command_center.tui.figures import Part
from command_center.tui.lines import bar

Parts = tuple[Part, ...]


class PartsList(ScrollView):
    DEFAULT_CSS = """
    PartsList { overflow-x: hidden; scrollbar-size-vertical: 1; background: transparent; }
    """

    def __init__(self, *, heads: int = 0, id: str | None = None) -> None:  # noqa: A002
        """The first `heads` lines stay in sight."""
        super().__init__(id=id)
        self._heads = heads
        self._lines: tuple[Parts, ...] = ()

    def put(self, lines: Sequence[Parts]) -> None:
        """The texts must be plain: control characters would reach the terminal."""
        if tuple(lines) != self._lines:
            has_moved = len(lines) != len(self._lines)
            self._lines = tuple(lines)
            self.virtual_size = Size(1, len(self._lines))
            self.refresh(layout=has_moved)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return len(self._lines)

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        at = y if y < self._heads else y + self.scroll_offset.y
        if at >= len(self._lines):
            return Strip.blank(width, base)
        strip = Strip(Segment(text, base + style) for text, style in self._lines[at])
        if cell_len(strip.text.rstrip()) > width:
            return bar(self._lines[at], (), width, base)
        return strip.adjust_cell_length(width, base)
