"""The prompt line: what is typed, shown as it is typed."""

import shutil
import sys

from command_center.demo.keys import Key

PROMPT, MORE = "demo> ", "....> "


class Editor:
    """A few lines of text. Enter submits; a paste and Alt-Enter or C-j keep line ends."""

    def __init__(self) -> None:
        self._lines = [""]

    def show(self) -> None:
        """Draw all lines anew from the start of the current screen line."""
        for number in range(len(self._lines)):
            self._draw(number)
            if number < len(self._lines) - 1:
                sys.stdout.write("\n")
        sys.stdout.flush()

    def press(self, key: Key) -> str | None:
        """The whole text when `key` submits it; then the line is empty again."""
        if key.name == "enter":
            text, self._lines = "\n".join(self._lines), [""]
            sys.stdout.write("\n")
            sys.stdout.flush()
            return text
        if key.name in ("text", "paste"):
            self._insert(key.text)
        elif key.name == "newline":
            self._insert("\n")
        elif key.name == "backspace":
            self._erase()
        elif key.name in ("clear", "interrupt"):
            self._clear()
        sys.stdout.flush()
        return None

    @property
    def is_empty(self) -> bool:
        return self._lines == [""]

    def _insert(self, text: str) -> None:
        first, *more = text.split("\n")
        self._lines[-1] += first
        self._draw(len(self._lines) - 1)
        for line in more:
            self._lines.append(line)
            sys.stdout.write("\n")
            self._draw(len(self._lines) - 1)

    def _erase(self) -> None:
        if self._lines[-1]:
            self._lines[-1] = self._lines[-1][:-1]
        elif len(self._lines) > 1:
            self._lines.pop()
            sys.stdout.write("\r\x1b[K\x1b[A")
        self._draw(len(self._lines) - 1)

    def _clear(self) -> None:
        up = len(self._lines) - 1
        sys.stdout.write("\r" + (f"\x1b[{up}A" if up else "") + "\x1b[J")
        self._lines = [""]
        self._draw(0)

    def _draw(self, number: int) -> None:
        """One line, its end if it is longer than the terminal is wide."""
        start = MORE if number else PROMPT
        shown = "".join(c if c.isprintable() else " " for c in self._lines[number])
        room = max(8, shutil.get_terminal_size().columns - len(start) - 1)
        sys.stdout.write(f"\r\x1b[K{start}{shown[-room:]}")
