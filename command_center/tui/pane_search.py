"""A search through everything a pane has shown: pure, so that it can be proved."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile

from msgspec import Struct
from rich.cells import cell_len

from command_center.domain.text import plain
from command_center.tui.marks import FOUND, FOUND_NOW, Mark

_MOST = 10_000
"""Matches kept: the newest ones."""


class Match(Struct, frozen=True):
    line: int
    """From 0 at the start of the history."""
    start: int
    """Column in cells."""
    end: int


class Search(Struct, frozen=True):
    needle: str = ""
    matches: tuple[Match, ...] = ()
    """From the oldest to the newest."""
    at: int = -1
    """Which match is shown; -1 while there is none."""
    is_open: bool = True
    """Whether the keyboard still writes the needle."""

    @property
    def match(self) -> Match | None:
        return self.matches[self.at] if self.at >= 0 else None

    def stepped(self, steps: int, *, is_open: bool = False) -> "Search":
        """On to a newer match, or with negative `steps` an older one, around the ends."""
        if not self.matches:
            return self
        return Search(self.needle, self.matches, (self.at + steps) % len(self.matches), is_open)

    def marks(self, line: int) -> list[Mark]:
        first = bisect_left(self.matches, line, key=_line)
        here = takewhile(lambda match: match.line == line, islice(self.matches, first, None))
        return [Mark(m.start, m.end, FOUND_NOW if m is self.match else FOUND) for m in here]

    @property
    def count(self) -> str:
        if not self.needle:
            return "type what to look for"
        return f"{self.at + 1} of {len(self.matches)}" if self.matches else "not found"


def searched(lines: Sequence[str], needle: str, below: int) -> Search:
    """Finds `needle` in `lines` and shows the newest match above the line `below`.

    Letter case counts only when the needle has a capital.
    """
    if not needle:
        return Search()
    flags = 0 if needle != needle.lower() else re.IGNORECASE
    pattern = re.compile(re.escape(needle), flags)
    found = [match for number, line in enumerate(lines) for match in _hits(number, line, pattern)]
    found = found[-_MOST:]
    above = sum(match.line < below for match in found)
    return Search(needle, tuple(found), max(0, above - 1) if found else -1)


def _hits(number: int, line: str, pattern: re.Pattern[str]) -> Iterator[Match]:
    text = plain(line)
    for hit in pattern.finditer(text):
        start = cell_len(text[: hit.start()])
        yield Match(number, start, start + cell_len(hit[0]))


def _line(match: Match) -> int:
    return match.line
