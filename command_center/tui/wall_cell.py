"""A pane among others: the mouse can move its title line."""

from textual import events

from command_center.tui.pane import PaneView


class WallCell(PaneView):
    divides = False
    """Whether its title line stands between its row and the one above."""

    def focus_on_click(self) -> bool:
        # Who moves a line goes on typing where he was.
        return not self.divides or self.app.mouse_position.y != self.region.y

    def choose(self, *, is_double: bool) -> None:
        """As a click does that moved no line."""
        self.screen.set_focus(self, scroll_visible=False)
        if is_double:
            self.focus_typing()
        self.post_message(self.Chosen(self, is_double))

    async def on_click(self, event: events.Click) -> None:
        if self.divides and event.y == 0:
            # The wall knows whether the line was moved.
            event.prevent_default()
