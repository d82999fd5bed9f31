"""The lines between the cells of a wall, which the mouse moves."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment
from textual import events
from textual.geometry import Offset, Region
from textual.strip import Strip

from command_center.tui import theme
from command_center.tui.lines import bar
from command_center.tui.wall_grid import WallGrid
from command_center.tui.wall_plan import Divider, Shares, divider_at, pulled, shape_of
from command_center.tui.wall_words import page_parts


class _Hold(NamedTuple):
    """A line that the mouse has hold of."""

    divider: Divider
    places: tuple[Region, ...]
    """Of the cells, before it was moved."""
    start: Offset
    """On the screen."""


class WallLines(WallGrid):
    """Draws the rules between columns and the line that tells the page.

    Rows are divided by the title lines of the lower one, whose events come up to here.
    """

    _hold: _Hold | None = None
    _has_pulled = False
    """Since the button went down."""

    def focus_on_click(self) -> bool:
        # Who moves a line goes on typing where he was.
        return self._divider_under(self.app.mouse_position) is None

    def _divider_under(self, on_screen: Offset) -> Divider | None:
        return divider_at(self._places(), *(on_screen - self.region.offset))

    def _held_place(self, places: Sequence[Region], *, is_upright: bool) -> Region | None:
        """Of a cell at the line that is held, if that is such a one."""
        if self._hold is None or self._hold.divider.is_upright is not is_upright:
            return None
        cell = self._hold.divider.cell
        return places[cell] if cell < len(places) else None

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        if y == self._room.height:
            return bar(page_parts(self._page, self._per_page, len(self._agents)), (), width, base)
        places = self._places()
        held = self._held_place(places, is_upright=True)
        segments, at = [], 0
        for place in places:
            if place.y <= y < place.bottom and place.x > at:
                is_held = held is not None and held.x == place.x
                sign = theme.HELD_COLUMN_RULE if is_held else theme.COLUMN_RULE
                style = base + (theme.HELD if is_held else theme.RULE)
                segments += [Segment(" " * (place.x - 1 - at), base), Segment(sign, style)]
                at = place.x
        return Strip([*segments, Segment(" " * (width - at), base)], width)

    def _fill(self, places: Sequence[Region]) -> None:
        if self._hold is not None and len(self._hold.places) != len(places):
            self._let_go()
        super()._fill(places)
        held = self._held_place(places, is_upright=False)
        for name, place in zip(self._on_page, places, strict=False):
            self._cells[name].is_held = held is not None and held.y == place.y

    # The mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._has_pulled = False
        divider = self._divider_under(event.screen_offset)
        if event.button == 1 and divider is not None:
            self._hold = _Hold(divider, self._places(), event.screen_offset)
            self.capture_mouse()
            self._show_hold()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._hold is None:
            return
        if not event.button:
            # It was let go before the mouse was ours.
            self._let_go()
            return
        divider, places, start = self._hold
        moved = event.screen_offset - start
        if by := moved.x if divider.is_upright else moved.y:
            self._has_pulled = True
        if self._has_pulled:
            self._share(pulled(places, divider, by))

    def on_mouse_up(self) -> None:
        self._let_go()

    def on_hide(self) -> None:
        self._let_go()

    def on_click(self, event: events.Click) -> None:
        divider = self._divider_under(event.screen_offset)
        if divider is None or self._has_pulled:
            return
        if event.chain == 2 and self._is_uneven:
            self._share(None)
        elif not divider.is_upright:
            self._cells[self._on_page[divider.cell]].choose(is_double=event.chain == 2)

    @property
    def _is_uneven(self) -> bool:
        return self._shares is not None and self._shares.shape == shape_of(self._places())

    def _share(self, shares: Shares | None) -> None:
        if shares != self._shares:
            self._shares = shares
            self._deal()
            self._place_again()

    def _let_go(self) -> None:
        if self._hold is not None:
            self._hold = None
            self.release_mouse()
            self._show_hold()

    def _show_hold(self) -> None:
        self._fill(self._places())
        self.refresh()
