"""Keys as a terminal sends them, bracketed pastes included."""

import codecs
import re
from typing import NamedTuple

PASTE, PASTE_END = "\x1b[200~", "\x1b[201~"
LAG = 0.05
"""Seconds that the rest of a key's sequence may come after its escape character."""
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|[^\[O])", re.DOTALL)
_HALF = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|O)?")
_TEXT = re.compile(r"[^\x00-\x1f\x7f]+")
_CONTROLS = {
    "\r": "enter",
    "\n": "newline",
    "\x01": "home",
    "\x02": "left",
    "\x03": "interrupt",
    "\x04": "leave",
    "\x05": "end",
    "\x06": "right",
    "\x08": "backspace",
    "\x0b": "kill",
    "\x0c": "redraw",
    "\x0e": "down",
    "\x10": "up",
    "\x15": "clear",
    "\x17": "word-back",
    "\x7f": "backspace",
}
_SEQUENCES = {
    "\x1b[A": "up",
    "\x1b[B": "down",
    "\x1b[C": "right",
    "\x1b[D": "left",
    "\x1b[H": "home",
    "\x1b[F": "end",
    "\x1b[1~": "home",
    "\x1b[3~": "delete",
    "\x1b[4~": "end",
    "\x1b[1;5C": "word-right",
    "\x1b[1;5D": "word-left",
    "\x1bf": "word-right",
    "\x1bb": "word-left",
    "\x1b\r": "newline",
    "\x1b\n": "newline",
    "\x1b\x7f": "word-back",
    "\x1bOA": "up",
    "\x1bOB": "down",
    "\x1bOC": "right",
    "\x1bOD": "left",
    "\x1bOH": "home",
    "\x1bOF": "end",
}


class Key(NamedTuple):
    name: str
    """`text`, `paste`, `escape`, or one of the names above."""
    text: str = ""


class Keyboard:
    """Makes keys of bytes, which may come in any pieces."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._typed = ""

    @property
    def is_waiting(self) -> bool:
        """Whether an escape character is the begin of a sequence or the Escape key: see `flush`."""
        return self._typed.startswith("\x1b") and not self._typed.startswith(PASTE)

    def feed(self, typed: bytes) -> list[Key]:
        self._typed += self._decoder.decode(typed)
        return self._keys(is_all=False)

    def flush(self) -> list[Key]:
        """What there is when nothing followed for LAG seconds."""
        return self._keys(is_all=True)

    def _keys(self, *, is_all: bool) -> list[Key]:
        keys: list[Key] = []
        while self._typed:
            if self._typed.startswith(PASTE):
                pasted, end, rest = self._typed.removeprefix(PASTE).partition(PASTE_END)
                if not end:
                    break
                keys.append(Key("paste", pasted.replace("\r\n", "\n").replace("\r", "\n")))
                self._typed = rest
            elif not is_all and _HALF.fullmatch(self._typed):
                break
            else:
                keys += self._next()
        return keys

    def _next(self) -> list[Key]:
        typed = self._typed
        if found := _TEXT.match(typed):
            self._typed = typed[found.end() :]
            return [Key("text", found[0])]
        found = _SEQUENCE.match(typed)
        if found and found[0] in _SEQUENCES:
            self._typed = typed[found.end() :]
            return [Key(_SEQUENCES[found[0]])]
        if found and found[0][1] in "[O":
            self._typed = typed[found.end() :]
            return []
        self._typed = typed[1:]
        name = "escape" if typed[0] == "\x1b" else _CONTROLS.get(typed[0])
        return [Key(name)] if name else []
