"""The live screen of one agent, with the keyboard and the mouse."""

from collections.abc import Awaitable, Iterator

from textual import events
from textual.message import Message

from command_center.domain.errors import TmuxError
from command_center.drivers.glass import Key
from command_center.tui.chord import LEAVE_KEY
from command_center.tui.links import link_at, opened
from command_center.tui.pane_marks import PaneMarks

_ECHO_S = (0.001, 0.003, 0.005, 0.01, 0.02, 0.04)
"""Pauses between the looks that follow a key: an echo takes a few milliseconds."""
_WHEEL_LINES = 3


class PaneView(PaneMarks, can_focus=True):
    """Shows the pane of `agent` through the glass; while typing, every key goes into it.

    Textual runs an app's priority bindings before any widget sees the key, so the app must
    have none: by default `ctrl+q` and the command palette's key are such.
    """

    class TypingStarted(Message):
        """From now on the keys belong to the agent."""

    class TypingEnded(Message):
        """From now on the keys belong to the dashboard."""

        def __init__(self, view: "PaneView") -> None:
            super().__init__()
            self.view = view

    class Chosen(Message):
        """The pane was clicked."""

        def __init__(self, view: "PaneView", is_double: bool) -> None:
            super().__init__()
            self.view = view
            self.is_double = is_double

    _echoes: Iterator[float] = iter(())
    _offered = ""
    """The address that another click opens."""
    _has_dragged = False

    def focus_typing(self) -> bool:
        """Give the keyboard to the agent; False when there is no live pane to type into."""
        if not self.can_type:
            return False
        # At once: the very next key is for the agent.
        self.screen.set_focus(self)
        self.is_typing = True
        return True

    def watch_is_typing(self) -> None:
        super().watch_is_typing()
        self.set_class(self.is_typing, "-typing")
        if self.is_typing and self._search is not None:
            self.end_search()
        self.post_message(self.TypingStarted() if self.is_typing else self.TypingEnded(self))

    def next_pause(self) -> float:
        return next(self._echoes, super().next_pause())

    # Keys and paste

    async def on_key(self, event: events.Key) -> None:
        self.unselect()
        if self.is_typing:
            event.stop()
            self.go_live()
            await self._type(event)
        elif self._search_key(event) or self._move_key(event.key):
            event.stop()
        elif event.key == "slash":
            event.stop()
            await self.start_search()
        else:
            self.go_live()

    async def _type(self, event: events.Key) -> None:
        if event.key == LEAVE_KEY:
            self.end_typing()
        elif self._glass is not None:
            await self._put_in(self._glass.type_keys(self._pane, [Key(event.key, event.character)]))

    def _move_key(self, key: str) -> bool:
        """Whether the key moved through the history."""
        page = max(1, self.body_height - 1)
        lines = {"pageup": page, "pagedown": -page, "shift+up": 1, "shift+down": -1}.get(key, 0)
        if self._lines_back:
            lines += {"home": 1 << 30, "end": -(1 << 30), "escape": -(1 << 30)}.get(key, 0)
        if lines:
            self.scroll_history(lines)
        return bool(lines)

    async def on_paste(self, event: events.Paste) -> None:
        if self.is_typing and self._glass is not None:
            event.stop()
            self.go_live()
            await self._put_in(self._glass.paste(self._pane, event.text))
        elif self._search is not None and self._search.is_open:
            event.stop()
            self.write_needle(self._search.needle + event.text.partition("\n")[0])

    async def _put_in(self, typing: Awaitable[None]) -> None:
        try:
            await typing
        except TmuxError as error:
            self._trouble(f"not typed: {error}")
        else:
            self._echoes = iter(_ECHO_S)
        self._nudge()

    def on_blur(self) -> None:
        # The terminal losing its focus blurs us too, and gives the focus back later, perhaps
        # before this arrives.
        if self.app.app_focus and self.screen.focused is not self:
            self.end_typing()
            if self._search is not None:
                self.end_search()

    # Mouse

    async def on_mouse_up(self) -> None:
        # What the mouse selects is copied by the handler above us.
        self._has_dragged = self._selection is not None

    async def on_click(self, event: events.Click) -> None:
        if self._has_dragged:
            self._has_dragged = False
            return
        is_copying = self.is_typing or self._lines_back
        address = self._address_under(event)
        if address:
            await self._offer(address)
        elif event.chain == 2 and is_copying:
            await self.copy_word(event)
        elif event.chain == 2:
            self.focus_typing()
        self.post_message(self.Chosen(self, event.chain == 2))

    def _address_under(self, event: events.MouseEvent) -> str:
        y = event.y - len(self._bars)
        if not 0 <= y < len(self._rows):
            return ""
        return link_at(self._rows[y], self._left + event.x)

    async def _offer(self, address: str) -> None:
        """Open it when it is already told what would be opened."""
        if address != self._offered or not self._notice:
            self._offered = address
            self._note(f"click again to open {address}")
            return
        self._offered = ""
        if self.app.is_web:
            self.app.open_url(address)
        elif not await opened(address):
            self.app.copy_to_clipboard(address)
            self._note("no browser can be opened from here; the address is copied")

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_history(_WHEEL_LINES)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_history(-_WHEEL_LINES)
