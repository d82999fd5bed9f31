"""Says on the screen, and through the terminal, what has happened: each thing once."""

import os
from typing import TYPE_CHECKING

from command_center.domain.model import Agent, Fleet
from command_center.domain.text import plain
from command_center.tui.notify import calls, new_notices, terminal_call

if TYPE_CHECKING:
    from command_center.tui.app import CommandCenter


class Crier:
    def __init__(self, app: "CommandCenter") -> None:
        self._app = app
        self._began = app.deck.clock()
        self._seen = 0
        """Sequence number of the last notice that was shown or was there before us."""

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
                self._app.notify(
                    call.text or " ", title=call.title, severity="warning", markup=False
                )
                self._ring(call.title)

    def _ring(self, text: str) -> None:
        if self._app.deck.settings.bell:
            self._app.write_terminal(terminal_call(text, inside_tmux=bool(os.environ.get("TMUX"))))
