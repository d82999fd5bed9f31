"""What the user marks in a pane: a search through its history, and a selection to copy."""

from collections.abc import Sequence

from textual import events

from command_center.domain.errors import TmuxError
from command_center.tui import theme
from command_center.tui.ansi import strip_of
from command_center.tui.cells import Part
from command_center.tui.marks import Mark, Selection, Spot, word_around
from command_center.tui.pane_search import Search, searched
from command_center.tui.pane_sight import PaneSight

_NEEDLE = 200
"""Characters that may be looked for."""


class PaneMarks(PaneSight):
    """Lays a search and a selection over what is seen."""

    _search: Search | None = None
    _searchable: Sequence[str] = ()
    """Everything the pane had shown when the search began."""
    _selection: Selection | None = None
    _dragged_from: Spot | None = None

    # Search

    async def start_search(self) -> None:
        if self._glass is None or self._seen is None:
            return
        try:
            self._searchable = await self._glass.read(self._pane)
        except TmuxError as error:
            self._note(f"cannot search: {error}")
        else:
            self._find(Search())

    def end_search(self) -> None:
        self._searchable = ()
        self._find(None)

    def write_needle(self, needle: str) -> None:
        """Look for `needle`, from the end of what is in view upward."""
        below = self._top + self.body_height
        self._find(searched(self._searchable, needle[:_NEEDLE], below))

    def _search_key(self, event: events.Key) -> bool:
        """Whether the key belonged to the search."""
        search, key = self._search, event.key
        if search is None:
            return False
        if key == "escape":
            self.end_search()
            self.go_live()
        elif not search.is_open:
            steps = {"n": -1, "N": 1, "upper_n": 1}.get(key)
            if steps is None:
                return False
            self._find(search.stepped(steps))
        elif key == "enter":
            self._find(search.stepped(0) if search.matches else None)
        elif key == "backspace":
            self.write_needle(search.needle[:-1])
        elif key in ("up", "down"):
            self._find(search.stepped(1 if key == "down" else -1, is_open=True))
        elif event.is_printable and event.character:
            self.write_needle(search.needle + event.character)
        return True

    def _find(self, search: Search | None) -> None:
        self._search = search
        match = search.match if search else None
        if match is not None and not self._top <= match.line < self._top + self.body_height:
            self._pin(match.line - self.body_height // 2)
        self._show_bars()
        self._remark()

    def _banner(self) -> list[Part]:
        search = self._search
        if search is None:
            return super()._banner()
        ways = "enter keeps, esc ends" if search.is_open else "n older, N newer, esc ends"
        return [
            (f" /{search.needle}", theme.STRONG),
            (" " if search.is_open else "", theme.CURSOR),
            (f"  {search.count} — {ways}", theme.QUIET),
        ]

    # Selection

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self.unselect()
        if event.button == 1 and event.y >= len(self._bars) and self._rows:
            self._dragged_from = self._spot(event)
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragged_from is None:
            return
        spot = self._spot(event)
        if self._selection is not None or spot != self._dragged_from:
            self._select(Selection(self._dragged_from, spot))
            if event.y < len(self._bars):
                self.scroll_history(1)
            elif event.y >= self.size.height:
                self.scroll_history(-1)

    async def on_mouse_up(self) -> None:
        if self._dragged_from is not None:
            self._dragged_from = None
            self.release_mouse()
        if self._selection is not None:
            await self.copy_selection()

    async def copy_word(self, event: events.MouseEvent) -> None:
        spot = self._spot(event)
        y = spot.line - self._top
        if 0 <= y < len(self._rows):
            start, end = word_around(strip_of(self._rows[y].raw, self._columns).text, spot.column)
            self._select(Selection(Spot(spot.line, start), Spot(spot.line, end)))
            await self.copy_selection()

    async def copy_selection(self) -> None:
        """To the clipboard of the user's own terminal."""
        if self._selection is None:
            return
        text = self._selection.text(await self._lines(self._selection.lines), self._columns)
        if text:
            self.app.copy_to_clipboard(text)
            self._note(f"copied {len(text)} character{'s' if len(text) > 1 else ''}")

    def unselect(self) -> None:
        self._select(None)

    def _select(self, selection: Selection | None) -> None:
        if selection != self._selection:
            self._selection = selection
            self._remark()

    async def _lines(self, lines: range) -> Sequence[str]:
        """As captured: those in view as they are seen, others from the history."""
        first, last = lines.start - self._top, lines.stop - self._top
        if (first >= 0 and last <= len(self._rows)) or self._glass is None:
            return [row.raw for row in self._rows[max(0, first) : max(0, last)]]
        try:
            return (await self._glass.read(self._pane))[lines.start : lines.stop]
        except TmuxError as error:
            self._note(f"not copied: {error}")
            return ()

    def _spot(self, event: events.MouseEvent) -> Spot:
        row = min(max(0, event.y - len(self._bars)), max(0, len(self._rows) - 1))
        return Spot(self._top + row, self._left + min(max(0, event.x), self.size.width - 1))

    # Both

    def _forget(self) -> None:
        self._search, self._searchable, self._selection = None, (), None
        super()._forget()

    def _remark(self) -> None:
        if self._rows:
            self._paint(self._rows, self._top, self._columns)

    def _marks_on(self, line: int, columns: int) -> list[Mark]:
        found = self._search.marks(line) if self._search else []
        selected = self._selection.on_line(line, columns) if self._selection else None
        return [*found, selected] if selected else found
