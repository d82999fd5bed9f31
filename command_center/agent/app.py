"""The agent in its terminal: keys in, and the session that they drive."""

import asyncio
import os
import signal
import sys
import time

from command_center.agent.keys import LAG, Key, Keyboard
from command_center.agent.markdown import DIM
from command_center.agent.session import Options, Session
from command_center.agent.terminal import raw_mode
from command_center.agent.view import View

TYPING_SECONDS = 0.7
"""After a key, in which another one is still part of the same text and answers no question."""
AGAIN_SECONDS = 2.0
VERDICTS = ("y", "a", "n")


class App:
    """One process."""

    def __init__(self, options: Options) -> None:
        self._over = asyncio.Event()
        self._view = View()
        self._session = Session(options, self._view, self._over.set)
        self._keyboard = Keyboard()
        self._lag: asyncio.TimerHandle | None = None
        self._typed = self._interrupted = 0.0
        """When the last key that writes, and the last Ctrl-C, came."""

    async def run(self) -> None:
        """Until the user leaves or the terminal is gone."""
        loop = asyncio.get_running_loop()
        with raw_mode():
            loop.add_reader(sys.stdin.fileno(), self._read)
            loop.add_signal_handler(signal.SIGWINCH, self._view.draw)
            for sign in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(sign, self._over.set)
            try:
                self._session.open()
                await self._over.wait()
            finally:
                loop.remove_reader(sys.stdin.fileno())
                await self._session.close()
                self._view.leave()
        if self._session.problem is not None:
            raise self._session.problem

    def _read(self) -> None:
        try:
            typed = os.read(sys.stdin.fileno(), 65536)
        except OSError:
            typed = b""
        if not typed:
            self._over.set()
            return
        if self._lag is not None:
            self._lag.cancel()
        self._press(self._keyboard.feed(typed))
        if self._keyboard.is_waiting:
            loop = asyncio.get_running_loop()
            self._lag = loop.call_later(LAG, lambda: self._press(self._keyboard.flush()))

    def _press(self, keys: list[Key]) -> None:
        for key in keys:
            self._take(key)
        self._view.draw()

    def _take(self, key: Key) -> None:
        match key.name:
            case "escape":
                self._session.stop()
            case "interrupt":
                self._interrupt()
            case "leave" if not self._view.box.text:
                self._over.set()
            case "enter" if self._view.question is None:
                self._submit()
            case "enter" | "redraw":
                return
            case "text" if self._is_verdict(key.text):
                self._session.answer(key.text)
            case _:
                self._typed = time.monotonic() if key.name == "text" else self._typed
                self._view.box.press(key)

    def _is_verdict(self, text: str) -> bool:
        """A letter of a text that was begun before the question came is none."""
        is_writing = time.monotonic() - self._typed < TYPING_SECONDS
        return self._view.question is not None and text in VERDICTS and not is_writing

    def _submit(self) -> None:
        is_typed = not self._view.box.has_paste
        self._session.submit(self._view.box.take(), is_typed=is_typed)

    def _interrupt(self) -> None:
        if self._session.is_busy:
            self._session.stop()
        elif self._view.box.text:
            self._view.box.take()
        elif time.monotonic() - self._interrupted < AGAIN_SECONDS:
            self._over.set()
        else:
            self._interrupted = time.monotonic()
            self._view.say("Press Ctrl-C again to leave.", DIM)
