"""Keys from a terminal in raw mode, bracketed pastes included."""

import codecs
import os
import re
import select
import sys
import termios
from types import TracebackType
from typing import NamedTuple

_PASTE, _PASTE_END = "\x1b[200~", "\x1b[201~"
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.)")
_HALF_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|O)?")
_NAMES = {
    "\r": "enter",
    "\n": "newline",
    "\x03": "interrupt",
    "\x04": "leave",
    "\x15": "clear",
    "\x7f": "backspace",
    "\x08": "backspace",
}
_TEXT = re.compile(r"[^\x00-\x1f\x7f]+")
_ESCAPE_S = 0.05
"""How long the rest of a key's sequence may lag behind its escape character."""


class Key(NamedTuple):
    name: str
    """`text`, `paste`, `escape`, or one of those in the table of control characters."""
    text: str = ""


def parse(typed: str, is_all: bool) -> tuple[list[Key], str]:
    """The keys in `typed` and what is left: the beginning of one more, unless `is_all`."""
    keys: list[Key] = []
    while typed:
        if typed.startswith(_PASTE):
            pasted, end, rest = typed.removeprefix(_PASTE).partition(_PASTE_END)
            if not end:
                return keys, typed
            keys.append(Key("paste", pasted.replace("\r\n", "\n").replace("\r", "\n")))
            typed = rest
        elif found := _SEQUENCE.match(typed):
            typed = typed[found.end() :]
        elif not is_all and _HALF_SEQUENCE.fullmatch(typed):
            return keys, typed
        elif typed.startswith("\x1b\r"):
            keys.append(Key("newline"))
            typed = typed[2:]
        elif found := _TEXT.match(typed):
            keys.append(Key("text", found[0]))
            typed = typed[found.end() :]
        else:
            name = "escape" if typed[0] == "\x1b" else _NAMES.get(typed[0])
            keys += [Key(name)] if name else []
            typed = typed[1:]
    return keys, ""


class Hangup(Exception):
    """The terminal is gone."""


class Keyboard:
    """Puts standard input, a terminal, into raw mode while it is open."""

    def __init__(self) -> None:
        self._fd = sys.stdin.fileno()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._typed = ""

    def __enter__(self) -> "Keyboard":
        self._before = termios.tcgetattr(self._fd)
        raw = termios.tcgetattr(self._fd)
        raw[0] &= ~(termios.ICRNL | termios.INLCR | termios.IXON)
        raw[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
        termios.tcsetattr(self._fd, termios.TCSADRAIN, raw)
        sys.stdout.write("\x1b[?2004h")
        sys.stdout.flush()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not Hangup:
            sys.stdout.write("\x1b[?2004l")
            sys.stdout.flush()
            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)

    def keys(self, timeout: float | None) -> list[Key]:
        """What is typed within `timeout` seconds, or as soon as something is. Raises Hangup."""
        if not self._read(timeout):
            return []
        keys, self._typed = parse(self._typed, is_all=False)
        if self._typed.startswith("\x1b") and not self._typed.startswith(_PASTE):
            is_all = not self._read(_ESCAPE_S)
            more, self._typed = parse(self._typed, is_all=is_all)
            keys += more
        return keys

    def _read(self, timeout: float | None) -> bool:
        if not select.select([self._fd], [], [], timeout)[0]:
            return False
        try:
            typed = os.read(self._fd, 65536)
        except OSError as error:
            raise Hangup from error
        if not typed:
            raise Hangup
        self._typed += self._decoder.decode(typed)
        return True
