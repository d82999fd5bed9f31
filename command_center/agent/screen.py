"""What stands on the terminal: everything said so far, which scrolls away, and a foot below it.

The foot is drawn anew with each change. It holds what is not final: the line that is being
written, what goes on, the input box or a question. Its lines are never wider than the terminal.
"""

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from command_center.agent.cells import width

Cursor = tuple[int, int]
"""Row of the foot, and cell in it."""


class Screen:
    def __init__(self, foot: Callable[[int, int], tuple[list[str], Cursor]]) -> None:
        """`foot` is asked for its lines and cursor, given the columns and rows there are."""
        self._foot = foot
        self._rows: list[int] = []
        """Cells of each line of the foot as it stands there."""
        self._at = 0
        """The row of it that the cursor is in."""

    @property
    def room(self) -> int:
        """Cells of a line; one is left, for a full line may or may not have broken."""
        return max(10, shutil.get_terminal_size().columns - 1)

    def say(self, lines: Sequence[str] = ()) -> None:
        """More that stays, above the foot. Lines are clean already, and may be dressed."""
        size = shutil.get_terminal_size()
        foot, (row, cell) = self._foot(max(10, size.columns - 1), size.lines)
        above = "".join(f"{line}\r\n" for line in lines)
        drawn = self._erased(size.columns) + above + "\r\n".join(foot)
        up = len(foot) - 1 - row
        place = (f"\x1b[{up}A" if up else "") + "\r" + (f"\x1b[{cell}C" if cell else "")
        _write(f"\x1b[?25l{drawn}{place}\x1b[?25h")
        self._rows = [_cells(line) for line in foot]
        self._at = row

    def leave(self, lines: Sequence[str] = ()) -> None:
        """The foot goes; the last lines stay."""
        drawn = self._erased(shutil.get_terminal_size().columns)
        _write(drawn + "".join(f"{line}\r\n" for line in lines))
        self._rows, self._at = [], 0

    def _erased(self, columns: int) -> str:
        """To the foot's first cell, also when a narrower terminal has broken its lines."""
        above = sum(max(1, -(-cells // columns)) for cells in self._rows[: self._at])
        return (f"\x1b[{above}A" if above else "") + "\r\x1b[J"


def _cells(line: str) -> int:
    out, is_sign = [], False
    for character in line:
        if character == "\x1b":
            is_sign = True
        elif not is_sign:
            out.append(character)
        elif character == "m":
            is_sign = False
    return width("".join(out))


def _write(text: str) -> None:
    """A terminal that is gone sees nothing; a signal or the end of the keyboard tells of it."""
    body = text.encode("utf-8", "replace")
    with suppress(OSError):
        while body:
            body = body[os.write(sys.stdout.fileno(), body) :]
