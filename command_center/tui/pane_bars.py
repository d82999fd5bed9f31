"""What stands above a live pane, and in its place while there is nothing to see."""

from collections.abc import Sequence

from textual.reactive import reactive
from textual.timer import Timer

from command_center.domain.model import Agent
from command_center.tui import theme
from command_center.tui.cells import Part
from command_center.tui.pane_words import calm_words, lined, marker_parts, title_parts
from command_center.tui.terminal import Terminal

_NOTICE_S = 4.0


class PaneBars(Terminal):
    """A title, and a second line when something is to be told."""

    agent: reactive[Agent | None] = reactive[Agent | None](None, repaint=False)
    badge: reactive[str] = reactive("", repaint=False)
    caption: reactive[tuple[Part, ...]] = reactive[tuple[Part, ...]]((), repaint=False)
    """Stands in place of the title that the pane would give itself, drawn as a line. Plain."""
    is_typing: reactive[bool] = reactive(False, repaint=False, init=False)
    is_chosen: reactive[bool] = reactive(False, repaint=False)
    """Whether its cursor is shown."""
    is_held: reactive[bool] = reactive(False, repaint=False, init=False)
    """Whether the mouse has hold of its caption."""

    _told = _notice = ""
    _notice_timer: Timer | None = None

    @property
    def _cli_title(self) -> str:
        """The title that the CLI gave itself; untrusted."""
        return ""

    @property
    def _lines_back(self) -> int:
        """How far above the live screen the view is."""
        return 0

    def watch_badge(self) -> None:
        self._show_bars()

    def watch_caption(self) -> None:
        self._show_bars()

    def watch_is_held(self) -> None:
        self._show_bars()

    def _title(self) -> Sequence[Part]:
        return self.caption or title_parts(self.agent, self._cli_title, self.badge)

    def _banner(self) -> list[Part]:
        """The second line; most of the time there is none."""
        if self._notice:
            return [(f" {self._notice}", theme.KEY)]
        return [(f" {self._told}", theme.PROBLEM)] if self._told else []

    def _show_bars(self) -> None:
        marker = tuple(marker_parts(self.is_typing, self._lines_back, self.size.width))
        banner = tuple(self._banner())
        title = tuple(self._title())
        if self.caption:
            title = lined(title, marker, self.size.width, self.is_chosen, self.is_held)
        bars = ((title, marker), (banner, ()))
        self.head(*bars if banner else bars[:1])

    def _show_words(self) -> None:
        self._tell("")
        self.say(calm_words(self.agent))

    def _tell(self, words: str) -> None:
        if words != self._told:
            self._told = words
            self._show_bars()

    def _note(self, words: str) -> None:
        """Tell plain words for a moment."""
        self._notice = words
        if self._notice_timer is not None:
            self._notice_timer.stop()
        self._notice_timer = self.set_timer(_NOTICE_S, lambda: self._note("")) if words else None
        self._show_bars()
