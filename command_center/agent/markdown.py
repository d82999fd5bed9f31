"""A model's Markdown as calm text: emphasis and headings are bold, code has a colour.

Only words are dressed, lines stay what they are, so that it can be shown while it comes. What
comes is untrusted: control characters are gone before anything is dressed.
"""

import re

from command_center.agent.cells import spaced, wrapped
from command_center.domain.text import plain

BOLD, DIM, CODE, OFF = "\x1b[1m", "\x1b[2m", "\x1b[36m", "\x1b[0m"
_FENCE = re.compile(r"\s*(?:```+|~~~+)")
_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*$")
_ITEM = re.compile(r"(\s*)(?:[-*+]|(\d{1,3}[.)]))\s+(.*)")
_QUOTE = re.compile(r"\s*>\s?(.*)")
_SPAN = re.compile(r"`([^`]+)`|\*\*(?=\S)(.+?)(?<=\S)\*\*|__(?=\S)(.+?)(?<=\S)__")
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,})\s*")


class Markdown:
    """Lines of one answer, in order."""

    def __init__(self) -> None:
        self._is_code = False

    def lines(self, line: str, room: int) -> list[str]:
        """One line of it as lines of the terminal, at most `room` cells wide."""
        line = spaced(plain(line)).rstrip()
        if _FENCE.match(line):
            self._is_code = not self._is_code
            return []
        if self._is_code:
            return [f"{CODE}{part}{OFF}" for part in wrapped(f"  {line}", room, "  ")]
        if found := _HEADING.fullmatch(line):
            return [f"{BOLD}{part}{OFF}" for part in wrapped(_bare(found[1]), room)]
        if _RULE.fullmatch(line):
            return [f"{DIM}{'─' * min(room, 24)}{OFF}"]
        if found := _QUOTE.fullmatch(line):
            return [f"{DIM}│ {part}{OFF}" for part in wrapped(_bare(found[1]), room - 2)]
        if found := _ITEM.fullmatch(line):
            sign = found[2] or "•"
            indent = found[1] + " " * (len(sign) + 1)
            return _dressed(f"{found[1]}{sign} {found[3]}", room, indent)
        return _dressed(line, room, line[: len(line) - len(line.lstrip())])


def _dressed(text: str, room: int, indent: str) -> list[str]:
    """Broken as it will look, then dressed: signs take no room."""
    shown = _bare(text)
    inside: list[tuple[int, int, str]] = []
    at = taken = 0
    for found in _SPAN.finditer(text):
        words = found[1] or found[2] or found[3]
        start = at + found.start() - taken
        inside.append((start, start + len(words), CODE if found[1] else BOLD))
        at, taken = start + len(words), found.end()
    if not inside:
        return wrapped(shown, room, indent)
    return _painted(shown, wrapped(shown, room, indent), inside)


def _painted(shown: str, lines: list[str], spans: list[tuple[int, int, str]]) -> list[str]:
    """Each line's characters are found again in `shown`; only spaces were left out or added."""
    painted: list[str] = []
    at = 0
    for line in lines:
        made, style = "", ""
        lead = len(line) - len(line.lstrip()) if painted else 0
        for number, character in enumerate(line):
            if number >= lead:
                while at < len(shown) and shown[at] != character:
                    at += 1
                wanted = next((s for begin, end, s in spans if begin <= at < end), "")
                made += (OFF if style else "") + wanted if wanted != style else ""
                style = wanted
                at += 1
            made += character
        painted.append(made + (OFF if style else ""))
    return painted


def _bare(text: str) -> str:
    return _SPAN.sub(lambda found: found[1] or found[2] or found[3], text)
