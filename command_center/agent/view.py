"""How a conversation looks: what is said stays above, what goes on and the box stand below."""

import asyncio
import time
from collections.abc import Sequence

from msgspec import Struct

from command_center.agent.box import Box
from command_center.agent.cells import cut, fitted, width, wrapped
from command_center.agent.markdown import BOLD, CODE, DIM, OFF, Markdown
from command_center.agent.screen import Cursor, Screen
from command_center.agent.tools.kit import Shown
from command_center.agent.tools.outcome import NOTHING, Outcome
from command_center.domain.text import one_line, plain

MARK = "› "
DRAW_SECONDS = 0.03
"""Between two drawings of what streams in."""
LONGEST_LINE = 110
"""Cells; longer lines are hard to read."""
MOST_ECHOED = 30
MOST_BOX_ROWS = 10
MOST_OUTPUT = 8
RED, GREEN = "\x1b[31m", "\x1b[32m"


class Question(Struct, frozen=True):
    """A permission that is asked for."""

    heading: str
    lines: tuple[str, ...]
    always: str
    """What the answer `always` covers."""


class View:
    def __init__(self) -> None:
        self.box = Box()
        self.status = ""
        """The last line: model, mode, context."""
        self.question: Question | None = None
        self.queued = 0
        self._doing = ""
        self._began = 0.0
        self._coming = ""
        """The end of the answer under way, not yet a whole line."""
        self._ready: list[str] = []
        self._is_answering = False
        self._last = ""
        """What was said last above the foot."""
        self._markdown = Markdown()
        self._is_due: asyncio.TimerHandle | None = None
        self._screen = Screen(self._foot)

    def draw(self) -> None:
        """Everything that is new, at once."""
        if self._is_due is not None:
            self._is_due.cancel()
            self._is_due = None
        ready, self._ready = self._ready, []
        self._last = ready[-1] if ready else self._last
        self._screen.say(ready)

    def begin(self, doing: str) -> None:
        if not self._doing:
            self._began = time.monotonic()
            asyncio.get_running_loop().call_later(1, self._tick)
        self._doing = one_line(doing)
        self.draw()

    def _tick(self) -> None:
        """Shows how long something goes on."""
        if self._doing:
            asyncio.get_running_loop().call_later(1, self._tick)
            self.draw()

    def rest(self) -> None:
        self._doing = ""
        self.draw()

    def hear(self, text: str) -> None:
        """More of an answer; drawn soon."""
        if not self._is_answering and text.strip():
            self._is_answering = True
            self._doing = "writing"
            self._gap()
        *lines, self._coming = (self._coming + text).split("\n")
        for line in lines:
            self._ready += self._markdown.lines(line, self._measure)
        if self._is_due is None:
            self._is_due = asyncio.get_running_loop().call_later(DRAW_SECONDS, self.draw)

    def heard(self) -> None:
        """The answer is over, wherever it broke off."""
        if self._coming.strip():
            self._ready += self._markdown.lines(self._coming, self._measure)
        self._coming, self._markdown, self._is_answering = "", Markdown(), False
        self.draw()

    def say(self, text: str, style: str = "") -> None:
        for line in plain(text).split("\n"):
            self._ready += [
                f"{style}{part}{OFF if style else ''}" for part in wrapped(line, self._screen.room)
            ]
        self.draw()

    def echo(self, prompt: str) -> None:
        """What the user said."""
        lines = plain(prompt).split("\n")
        left = len(lines) - MOST_ECHOED
        if left > 0:
            lines = [*lines[:MOST_ECHOED], f"… {left} more lines"]
        self._gap()
        for number, line in enumerate(lines):
            mark = MARK if not number else "  "
            parts = wrapped(line, self._screen.room - 2)
            self._ready += [f"{BOLD}{mark if not n else '  '}{p}{OFF}" for n, p in enumerate(parts)]
        self._gap()
        self.draw()

    def done(self, call: Shown, outcome: Outcome) -> None:
        """A tool's call and, of what it led to, what the user may want to see."""
        sign = f"{RED}×{OFF}" if outcome.is_error else f"{GREEN}·{OFF}"
        room = self._screen.room
        seen = one_line(outcome.seen)
        heading = fitted(one_line(call.heading), max(10, room - 6 - min(width(seen), room // 2)))
        self._ready.append(f"{sign} {heading}{DIM}  {fitted(seen, room // 2)}{OFF}")
        if call.lines:
            self._ready += [painted(line, room) for line in shortened(call.lines, 12)]
        elif call.heading.startswith("shell ") and outcome.text != NOTHING:
            lines = plain(outcome.text).rstrip().split("\n")[-MOST_OUTPUT:]
            self._ready += [f"{DIM}  {fitted(_tabless(line), room - 2)}{OFF}" for line in lines]
        self.draw()

    @property
    def _measure(self) -> int:
        """Cells of a line of prose."""
        return min(self._screen.room, LONGEST_LINE)

    def _gap(self) -> None:
        if (self._ready or [self._last])[-1]:
            self._ready.append("")

    def leave(self) -> None:
        self._screen.leave()

    def _foot(self, room: int, rows: int) -> tuple[list[str], Cursor]:
        lines = self._live(room, max(2, rows // 2))
        if self.question is not None:
            lines += _asked(self.question, room, max(3, rows - len(lines) - 6))
        lines.append("")
        box, (row, cell) = _drawn(self.box, room, max(1, min(MOST_BOX_ROWS, rows // 3)))
        at = len(lines) + row
        lines += box
        lines.append(f"{DIM}{fitted(self.status, room)}{OFF}")
        over = max(0, len(lines) - max(3, rows - 1))
        return lines[over:], (max(0, at - over), cell)

    def _live(self, room: int, most: int) -> list[str]:
        lines = (
            wrapped(plain(self._coming), min(room, LONGEST_LINE))[-most:]
            if self._coming.strip()
            else []
        )
        if self._doing and self.question is None:
            seconds = int(time.monotonic() - self._began)
            more = f" · {self.queued} queued" if self.queued else ""
            what = fitted(self._doing, max(10, room - 36))
            lines.append(f"{CODE}{what}{OFF}{DIM} · {seconds} s{more} · Esc interrupts{OFF}")
        return lines


def shortened(lines: Sequence[str], most: int) -> list[str]:
    left = len(lines) - most
    return [*lines[:most], f"  … {left} more lines"] if left > 0 else list(lines)


def painted(line: str, room: int) -> str:
    """A line of a diff."""
    style = {"+": GREEN, "-": RED}.get(line[:1], DIM)
    return f"{style}  {fitted(_tabless(plain(line)), room - 2)}{OFF}"


def _tabless(line: str) -> str:
    return one_line(line) if "\n" in line else line.expandtabs(4)


def _asked(question: Question, room: int, most: int) -> list[str]:
    kind, _, detail = plain(question.heading).partition(" ")
    lines = [f"{BOLD}May I {'run' if kind == 'shell' else kind} this?{OFF}"]
    parts = [part for line in detail.split("\n") for part in wrapped(line, room - 2)]
    lines += [f"  {part}" for part in shortened(parts, most)]
    lines += [painted(line, room) for line in shortened(question.lines, max(0, most - len(parts)))]
    choices = f"y yes   n no   Esc stop   a always {question.always}"
    return [*lines, f"{CODE}{fitted(choices, room)}{OFF}"]


def _drawn(box: Box, room: int, most: int) -> tuple[list[str], Cursor]:
    """The rows around the cursor."""
    rows: list[str] = []
    at: Cursor = (0, 0)
    for number, line in enumerate(box.text.split("\n")):
        for start, part in _cut_rows(line, room - 3):
            if number == box.row and start <= box.column <= start + len(part):
                at = len(rows), 2 + width(_shown(part[: box.column - start]))
            rows.append(("  " if rows else MARK) + _shown(part))
    first = max(0, min(at[0] - most // 2, len(rows) - most))
    return rows[first : first + most], (at[0] - first, at[1])


def _cut_rows(line: str, room: int) -> list[tuple[int, str]]:
    """Each row of a line with the index at which it begins."""
    rows, start = [], 0
    while width(_shown(line[start:])) > room:
        at = cut(_shown(line[start:]), room)
        rows.append((start, line[start : start + at]))
        start += at
    return [*rows, (start, line[start:])]


def _shown(text: str) -> str:
    """One sign for each character, so that places agree."""
    return "".join(c if c.isprintable() and plain(c) else " " if c == "\t" else "·" for c in text)
