"""The live screen of one agent, and the keyboard into it."""

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import suppress

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from command_center.domain.errors import TmuxError, TmuxUnreachable
from command_center.domain.model import Agent
from command_center.drivers.glass import Glass, Key, PaneScreen
from command_center.tui import theme
from command_center.tui.chord import LEAVE_KEY
from command_center.tui.lines import PartsLine
from command_center.tui.pane_rows import pane_size, rows_in_view, rows_of, seen_from
from command_center.tui.pane_words import calm_words, ended_words, marker_parts, title_parts
from command_center.tui.terminal import Terminal

_WATCHING_S = 0.2
_TYPING_S = 0.1
_ECHO_S = (0.001, 0.003, 0.005, 0.01, 0.02, 0.04)
"""Pauses between the looks that follow a key: an echo takes a few milliseconds."""
_FIT_DELAY_S = 0.15
_WHEEL_LINES = 3


class PaneView(Widget, can_focus=True):
    """Shows the pane of `agent` through the glass; while typing, every key goes into it.

    Textual runs an app's priority bindings before any widget sees the key, so the app must
    have none: by default `ctrl+q` and the command palette's key are such.
    """

    DEFAULT_CSS = """
    PaneView {
        layout: vertical; width: 1fr; height: 1fr;
        #pane-banner { display: none; }
        &.-told #pane-banner { display: block; }
    }
    """

    agent: reactive[Agent | None] = reactive[Agent | None](None, repaint=False)
    badge: reactive[str] = reactive("", repaint=False)
    is_typing: reactive[bool] = reactive(False, repaint=False)

    class TypingStarted(Message):
        """From now on the keys belong to the agent."""

    class TypingEnded(Message):
        """From now on the keys belong to the dashboard."""

    def __init__(self, glass: Glass | None, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._glass = glass
        self._title = PartsLine(id="pane-title")
        self._banner = PartsLine(id="pane-banner")
        self._terminal = Terminal()
        self._seen: PaneScreen | None = None
        """The last look at this pane."""
        self._origin = Offset()
        """Which cell of the live screen is in the upper left corner."""
        self._pinned: int | None = None
        """The line in the upper row, counted from the start of the history; None: live."""
        self._nudged = asyncio.Event()
        self._echoes: Iterator[float] = iter(())
        self._fit_timer: Timer | None = None
        self._needs_fit = False

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._banner
        yield self._terminal

    def on_mount(self) -> None:
        self._show_words()
        self.run_worker(self._watch(), name="watch the pane")

    def focus_typing(self) -> bool:
        """Give the keyboard to the agent; False when there is no live pane to type into."""
        if not self.can_type:
            return False
        # At once: the very next key is for the agent.
        self.screen.set_focus(self)
        if not self.is_typing:
            self.is_typing = True
            self.post_message(self.TypingStarted())
        return True

    def end_typing(self) -> None:
        if self.is_typing:
            self.is_typing = False
            self.post_message(self.TypingEnded())

    @property
    def can_type(self) -> bool:
        return bool(self._pane) and not (self._seen and self._seen.is_dead)

    def scroll_history(self, lines: int) -> None:
        """Look `lines` further back, or forward again when negative."""
        if self._seen is not None:
            top = self._live_top if self._pinned is None else self._pinned
            self._pin(top - lines)

    # Keys, mouse and paste

    async def on_key(self, event: events.Key) -> None:
        self._go_live()
        if not self.is_typing:
            return
        event.stop()
        if event.key == LEAVE_KEY:
            self.end_typing()
        elif self._glass is not None:
            await self._put_in(self._glass.type_keys(self._pane, [Key(event.key, event.character)]))

    async def on_paste(self, event: events.Paste) -> None:
        if self.is_typing and self._glass is not None:
            event.stop()
            self._go_live()
            await self._put_in(self._glass.paste(self._pane, event.text))

    def on_click(self) -> None:
        self.focus_typing()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_history(_WHEEL_LINES)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_history(-_WHEEL_LINES)

    def on_blur(self) -> None:
        # The terminal losing its focus blurs us too, and gives the focus back later, perhaps
        # before this arrives.
        if self.app.app_focus and self.screen.focused is not self:
            self.end_typing()

    def on_resize(self) -> None:
        self._fit_soon()

    async def _put_in(self, typing: Awaitable[None]) -> None:
        try:
            await typing
        except TmuxError as error:
            self._trouble(f"not typed: {error}")
        else:
            self._echoes = iter(_ECHO_S)
        self._nudged.set()

    # What the widget shows

    def watch_agent(self, old: Agent | None, new: Agent | None) -> None:
        if (old and (old.id, old.pane)) != (new and (new.id, new.pane)):
            self.end_typing()
            self._seen, self._pinned = None, None
            self._fit_soon()
            self._nudged.set()
        if self._seen is None:
            self._show_words()
        self._show_title()

    def watch_badge(self) -> None:
        self._show_title()

    def watch_is_typing(self) -> None:
        self.set_class(self.is_typing, "-typing")
        self._show_title()
        self._nudged.set()

    def _show_title(self) -> None:
        title = self._seen.title if self._seen else ""
        self._title.put(
            title_parts(self.agent, title, self.badge),
            marker_parts(self.is_typing, self._lines_back),
        )

    def _show_words(self) -> None:
        self._tell("")
        self._terminal.say(calm_words(self.agent))

    def _tell(self, words: str) -> None:
        self.set_class(bool(words), "-told")
        self._banner.put([(f" {words}", theme.PROBLEM)] if words else [])

    def _trouble(self, words: str) -> None:
        self._tell(words)
        self._terminal.fade()

    def _go_live(self) -> None:
        if self._pinned is not None:
            self._pin(self._live_top)

    def _pin(self, line: int) -> None:
        self._pinned = max(0, line) if line < self._live_top else None
        self._show_title()
        self._nudged.set()

    @property
    def _live_top(self) -> int:
        return self._seen.history + self._origin.y if self._seen else 0

    @property
    def _lines_back(self) -> int:
        return 0 if self._pinned is None else max(0, self._live_top - self._pinned)

    # Looking

    @property
    def _pane(self) -> str:
        return self.agent.pane if self.agent and self._glass else ""

    @property
    def _is_visible(self) -> bool:
        top = self.app.screen
        return self.is_on_screen and (top is self.screen or top.is_modal)

    async def _watch(self) -> None:
        """One look at a time, for as long as the widget lives."""
        while True:
            self._nudged.clear()
            if self._glass and self._pane and self._is_visible:
                await self._look(self._glass)
            pause = next(self._echoes, _TYPING_S if self.is_typing else _WATCHING_S)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._nudged.wait(), pause)

    async def _look(self, glass: Glass) -> None:
        asked = pane, pinned = self._pane, self._pinned
        try:
            if pinned is None or self._seen is None:
                screen, above = (await glass.look([pane])).get(pane), 0
            else:
                # A page more than is shown, because lines may scroll up in the meantime.
                height = self._terminal.size.height
                above = self._seen.history - pinned + height
                screen = await glass.look_back(pane, above, 2 * height)
            if asked == (self._pane, self._pinned):
                self._show(screen, above)
                await self._fit(glass)
        except TmuxUnreachable as error:
            self._trouble(f"tmux does not answer: {error}")
        except TmuxError:
            self._show(None, 0)

    def _show(self, screen: PaneScreen | None, above: int) -> None:
        """`above` says how far above the live screen the lines of `screen` begin."""
        self._seen = screen
        if screen is None:
            self.end_typing()
            self._show_words()
        elif self._pinned is None:
            self._show_live(screen)
        else:
            self._show_history(screen, self._pinned, max(0, screen.history - above))
        self._show_title()

    def _show_live(self, screen: PaneScreen) -> None:
        self._tell(ended_words(self.agent) if screen.is_dead and self.agent else "")
        if screen.is_dead:
            self.end_typing()
        self._origin = seen_from(screen, self._terminal.size, self.is_typing)
        rows = rows_in_view(screen, self._terminal.size, self._origin, self.is_typing)
        self._terminal.put(rows, screen.width, self._origin.x)

    def _show_history(self, screen: PaneScreen, pinned: int, first: int) -> None:
        if pinned >= self._live_top:
            # The history was cleared, or flowed back onto a taller screen.
            self._go_live()
        elif first <= pinned:
            rows = rows_of(screen.lines)[pinned - first :][: self._terminal.size.height]
            self._terminal.put(rows, screen.width, self._origin.x)

    # Giving the agent the size of the widget

    def _fit_soon(self) -> None:
        if self._fit_timer is not None:
            self._fit_timer.stop()
        self._fit_timer = self.set_timer(_FIT_DELAY_S, self._ask_to_fit)

    def _ask_to_fit(self) -> None:
        self._needs_fit = True
        self._nudged.set()

    async def _fit(self, glass: Glass) -> None:
        screen = self._seen
        if screen is None or not self._needs_fit or screen.viewers or screen.is_dead:
            return
        self._needs_fit = False
        size = pane_size(self.size)
        if (screen.width, screen.height) != size:
            await glass.resize(self._pane, *size)
            self._nudged.set()
