"""How the program looks on this terminal and to this user, whatever it shows."""

from collections.abc import Sequence
from functools import cached_property

from textual import events, on
from textual.app import App
from textual.filter import LineFilter

from command_center.tui import styles, theme
from command_center.tui.deck import Deck


# No inherited bindings: ctrl+q would be a priority binding and take the key from an agent.
class Dressed(App[None], inherit_bindings=False):
    TITLE = "Command Center"
    CSS = styles.CSS
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, deck: Deck) -> None:
        """Raises SpecError for a theme that is none."""
        # Said here, because NO_COLOR is looked at before there is a theme to ask.
        super().__init__(ansi_color=True)
        self.deck = deck
        self.register_theme(theme.THEME)
        self.theme = theme.THEME.name
        if deck.theme:
            from command_center.tui.themes import dress

            dress(self, deck.theme)
        if deck.settings.reduced_motion:
            self.animation_level = "none"

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = super().get_line_filters()
        return [*filters, self._ascii] if self.deck.is_ascii else filters

    @cached_property
    def _ascii(self) -> LineFilter:
        from command_center.tui.ascii import AsciiFilter

        return AsciiFilter()

    @on(events.DescendantFocus)
    def _calm(self, event: events.DescendantFocus) -> None:
        """Nor does a cursor blink where nothing is to move."""
        if self.animation_level == "none":
            from textual.widgets import Input, TextArea

            if isinstance(event.widget, Input | TextArea):
                event.widget.cursor_blink = False

    def write_terminal(self, sequence: str) -> None:
        """Past the screen, straight to the terminal: for a bell or a desktop notification."""
        if self._driver is not None:
            self._driver.write(sequence)
