"""Says on the screen, and through the terminal, what has happened: each thing once."""

import os
from typing import TYPE_CHECKING

from textual.screen import ModalScreen

from command_center.domain.model import Agent, Fleet
from command_center.domain.text import one_line, plain
from command_center.tui.following import Over
from command_center.tui.notify import Call, calls, new_notices, terminal_call

if TYPE_CHECKING:
    from command_center.tui.app import CommandCenter

_CALL_S = 5.0
"""How long a call stands on the screen."""
_CALLS_MOST = 2
"""As many at a time; the head line counts all who wait."""
_TEXT_MOST = 60


class Crier:
    def __init__(self, app: "CommandCenter") -> None:
        self._app = app
        self._began = app.deck.clock()
        self._seen = 0
        """Sequence number of the last notice that was shown or was there before us."""
        self._called = list[float]()
        """When the calls that still stand on the screen were made."""

    def tell(self, text: str, title: str = "") -> None:
        self._app.notify(plain(text), title=title, markup=False)

    def warn(self, text: str, seconds: float = 5.0) -> None:
        text = f"! {plain(text)}"
        self._app.notify(text, severity="warning", markup=False, timeout=seconds)

    def complain(self, text: str) -> None:
        self._app.notify(f"✗ {plain(text)}", severity="error", markup=False, timeout=10)

    def cry(self, before: Fleet, after: Fleet, watched: Agent | None) -> None:
        """`watched` is the agent on the screen, if the user is there to see it."""
        for notice in new_notices(after, self._seen):
            if notice.at >= self._began:
                (self.complain if notice.is_problem else self.tell)(notice.text)
            self._seen = notice.seq
        if not before.seq:
            return
        for call in calls(before, after):
            if watched is None or call.agent != watched.id:
                self._show(call)
                self._ring(call.title)

    def _show(self, call: Call) -> None:
        now = self._app.deck.clock()
        self._called = [at for at in self._called if 0 <= now - at < _CALL_S]
        # It would cover what a dialog asks.
        screen = self._app.screen
        is_dialog = isinstance(screen, ModalScreen) and not isinstance(screen, Over)
        if is_dialog or len(self._called) >= _CALLS_MOST:
            return
        self._called.append(now)
        text = one_line(call.text, _TEXT_MOST) or " "
        self._app.notify(text, title=call.title, severity="warning", markup=False, timeout=_CALL_S)

    def _ring(self, text: str) -> None:
        if self._app.deck.settings.bell:
            self._app.write_terminal(terminal_call(text, inside_tmux=bool(os.environ.get("TMUX"))))
