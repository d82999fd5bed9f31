"""Rows of a captured terminal on the screen: only lines that differ are painted again."""

from collections.abc import Iterable, Mapping, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from command_center.tui import theme
from command_center.tui.ansi import drawn, with_cursor
from command_center.tui.cells import Part, fitted
from command_center.tui.lines import bar
from command_center.tui.marks import Mark, marked
from command_center.tui.pane_rows import Row

Bar = tuple[tuple[Part, ...], tuple[Part, ...]]
"""A line of plain parts: those at its left end and those at its right."""
Marks = Mapping[int, Sequence[Mark]]
_UNMARKED: Marks = {}


class Terminal(Widget):
    """Draws bars at the top, and below them rows, or a few calm words while there are none.

    One widget, because a screen full of panes has many: each costs at every layout.
    """

    DEFAULT_CSS = "Terminal { width: 1fr; height: 1fr; background: transparent; }"
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._bars: tuple[Bar, ...] = ()
        self._rows: Sequence[Row] = ()
        self._marks: Marks = {}
        self._left = 0
        self._columns = 0
        self._is_stale = False
        self._words: tuple[str, ...] = ()
        self._base: Style | None = None
        self._kept: dict[int, Strip] = {}
        """Those drawn since they last changed, of this width."""
        self._width = 0

    def notify_style_update(self) -> None:
        self._base = None
        super().notify_style_update()

    @property
    def _own_style(self) -> Style:
        # Textual works it out from all ancestors every time, at the price of drawing two lines.
        if self._base is None:
            self._base = self.rich_style
        return self._base

    @property
    def body_height(self) -> int:
        """Lines below the bars."""
        return max(0, self.size.height - len(self._bars))

    def head(self, *bars: Bar) -> None:
        """Show these lines above the rows. Their texts must be plain."""
        before, self._bars = self._bars, bars
        if len(before) != len(bars):
            self.refresh()
        else:
            self._repaint(y for y, new in enumerate(bars) if new != before[y])

    def put(
        self, rows: Sequence[Row], columns: int, left: int = 0, marks: Marks = _UNMARKED
    ) -> None:
        """Show `rows` of a terminal `columns` wide, from the column `left` on."""
        before, was_marked = self._rows, self._marks
        self._rows, self._marks = rows, marks
        frame = (columns, left, False, ())
        if frame != (self._columns, self._left, self._is_stale, self._words):
            self._columns, self._left, self._is_stale, self._words = frame
            self.refresh()
        elif len(before) != len(rows):
            self.refresh()
        else:
            self._repaint(
                y + len(self._bars)
                for y, row in enumerate(rows)
                if row != before[y] or marks.get(y) != was_marked.get(y)
            )

    def fade(self) -> None:
        """Dim what is shown: it may no longer be true."""
        if not self._is_stale:
            self._is_stale = True
            self.refresh()

    def say(self, words: tuple[str, ...]) -> None:
        """Show plain `words` instead of rows."""
        said = tuple(word for word in words if word)
        if self._rows or said != self._words:
            self._rows, self._marks, self._words = (), {}, said
            self.refresh()

    def _repaint(self, lines: Iterable[int]) -> None:
        width = self.size.width
        if regions := [Region(0, y, width, 1) for y in lines]:
            self.refresh(*regions)

    def _set_dirty(self, *regions: Region) -> None:
        super()._set_dirty(*regions)
        if not regions:
            self._kept.clear()
        for region in regions:
            for y in region.line_range:
                self._kept.pop(y, None)

    def render_lines(self, crop: Region) -> list[Strip]:
        # Textual's own looks for borders, padding, tints and links in every line of every frame:
        # as much work as all the rest of a frame, for what a terminal never has.
        width = self.size.width
        if width != self._width:
            self._width = width
            self._kept.clear()
        kept = self._kept
        for y in crop.line_range:
            if y not in kept:
                kept[y] = self._line(y, width)
        strips = [kept[y].crop(crop.x, crop.right) for y in crop.line_range]
        for line_filter in self.get_line_filters():
            background = self.background_colors[1]
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        return self._line(y, self.size.width)

    def _line(self, y: int, width: int) -> Strip:
        line = y - len(self._bars)
        if line < 0:
            return bar(*self._bars[y], width, self._own_style)
        base = self._own_style + theme.QUIET if self._is_stale else self._own_style
        strip = self._drawn(line, width) if self._rows else self._said(line, width)
        return strip.adjust_cell_length(width).apply_style(base)

    def _drawn(self, y: int, width: int) -> Strip:
        if y >= len(self._rows):
            return Strip.blank(width)
        row = self._rows[y]
        strip = drawn(row.raw, self._columns, row.pen)
        if row.cursor >= 0:
            strip = with_cursor(strip, row.cursor)
        if marks := self._marks.get(y):
            strip = marked(strip, marks)
        return strip.crop(self._left, self._left + width)

    def _said(self, y: int, width: int) -> Strip:
        number = y - (self.body_height - len(self._words)) // 2
        if not 0 <= number < len(self._words):
            return Strip.blank(width)
        text = self._words[number]
        text = fitted(text, min(width, cell_len(text)))
        style = theme.QUIET if number else Style()
        return Strip([Segment(" " * ((width - cell_len(text)) // 2)), Segment(text, style)])
