"""Rows of a captured terminal on the screen: only lines that differ are painted again."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from command_center.tui import theme
from command_center.tui.ansi import drawn, with_cursor
from command_center.tui.cells import fitted
from command_center.tui.pane_rows import Row


class Terminal(Widget):
    """Draws rows, or a few calm words in the middle while there are none."""

    DEFAULT_CSS = "Terminal { width: 1fr; height: 1fr; background: transparent; }"

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[Row] = ()
        self._left = 0
        self._columns = 0
        self._is_stale = False
        self._words: tuple[str, ...] = ()

    def put(self, rows: Sequence[Row], columns: int, left: int = 0) -> None:
        """Show `rows` of a terminal `columns` wide, from the column `left` on."""
        before, self._rows = self._rows, rows
        frame = (columns, left, False, ())
        if frame != (self._columns, self._left, self._is_stale, self._words):
            self._columns, self._left, self._is_stale, self._words = frame
            self.refresh()
        elif len(before) != len(rows):
            self.refresh()
        elif changed := [y for y, row in enumerate(rows) if row != before[y]]:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def fade(self) -> None:
        """Dim what is shown: it may no longer be true."""
        if not self._is_stale:
            self._is_stale = True
            self.refresh()

    def say(self, words: tuple[str, ...]) -> None:
        """Show plain `words` instead of rows."""
        said = tuple(word for word in words if word)
        if self._rows or said != self._words:
            self._rows, self._words = (), said
            self.refresh()

    def render_line(self, y: int) -> Strip:
        base = self.rich_style + theme.QUIET if self._is_stale else self.rich_style
        strip = self._drawn(y) if self._rows else self._said(y)
        return strip.adjust_cell_length(self.size.width).apply_style(base)

    def _drawn(self, y: int) -> Strip:
        if y >= len(self._rows):
            return Strip.blank(self.size.width)
        row = self._rows[y]
        strip = drawn(row.raw, self._columns, row.pen)
        if row.cursor >= 0:
            strip = with_cursor(strip, row.cursor)
        return strip.crop(self._left, self._left + self.size.width)

    def _said(self, y: int) -> Strip:
        width, height = self.size
        number = y - (height - len(self._words)) // 2
        if not 0 <= number < len(self._words):
            return Strip.blank(width)
        text = self._words[number]
        text = fitted(text, min(width, cell_len(text)))
        style = theme.QUIET if number else Style()
        return Strip([Segment(" " * ((width - cell_len(text)) // 2)), Segment(text, style)])
