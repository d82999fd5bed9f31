"""Captured terminal lines as Strips: colours and attributes stay, every other sequence goes."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from command_center.domain.text import plain


class Pen(NamedTuple):
    """What a terminal would draw the next character with."""

    color: Color | None = None
    background: Color | None = None
    attributes: frozenset[str] = frozenset()
    """Names of rich's style attributes that are on."""
    draws_lines: bool = False
    """Whether letters mean the DEC line-drawing characters."""
    link: str = ""
    """Where the text leads, as the program said it: untrusted."""


PLAIN = Pen()

_MARK = re.compile(
    r"\x1b\[([0-9;:]*)m|([\x0e\x0f])|\x1b\]8;[^;\x07\x1b]*;([^\x07\x1b]*)(?:\x07|\x1b\\)"
)
_ON = {
    1: "bold",
    2: "dim",
    3: "italic",
    4: "underline",
    7: "reverse",
    8: "conceal",
    9: "strike",
    21: "underline2",
    53: "overline",
}
_OFF = {
    22: {"bold", "dim"},
    23: {"italic"},
    24: {"underline", "underline2"},
    27: {"reverse"},
    28: {"conceal"},
    29: {"strike"},
    55: {"overline"},
}
_DEC_LINES = str.maketrans("`afgijklmnopqrstuvwxyz{|}~", "◆▒°±␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·")
_DRAWN = 2048
"""Lines kept drawn: those of a few full screens, each of some kilobytes."""

# tmux gives an emoji that a variation selector asks for one column; so must we, to stay aligned.
# Lone surrogates cannot be written to a terminal at all.
_REPLACED = {0x09: " ", 0x0A: " ", 0xFE0F: None, **dict.fromkeys(range(0xD800, 0xE000), "\ufffd")}


def strip_of(raw: str, width: int) -> Strip:
    """One captured line, cut or padded to exactly `width` cells. Never raises."""
    return drawn(raw, width, PLAIN)


@lru_cache(_DRAWN)
def drawn(raw: str, width: int, pen: Pen) -> Strip:
    """The same, beginning with the pen that the line above left behind."""
    segments = [Segment(text, _style(now)) for text, now in shown_runs(raw, pen)]
    return Strip(segments).adjust_cell_length(width).simplify()


@lru_cache(4096)
def pen_after(raw: str, pen: Pen) -> Pen:
    """capture-pane writes only changes, so the next line begins with this pen."""
    for mark in _MARK.finditer(raw):
        pen = _turned(pen, mark)
    return pen


def with_cursor(strip: Strip, column: int) -> Strip:
    """`strip` with the character at `column` (in cells) reversed."""
    if not 0 <= column < strip.cell_length:
        return strip
    under = strip.crop(column, column + 2)
    wide = column + 2 <= strip.cell_length and cell_len(under.text[:1]) == 2
    end = column + (2 if wide else 1)
    cell = [_reversed(segment) for segment in strip.crop(column, end)]
    # Measured anew: a cut inside a joined emoji changes the width of both halves.
    whole = Strip([*strip.crop(0, column), *cell, *strip.crop(end)])
    return whole.adjust_cell_length(strip.cell_length)


def _reversed(segment: Segment) -> Segment:
    style = segment.style or Style.null()
    return Segment(segment.text, style + Style(reverse=not style.reverse))


def shown_runs(raw: str, pen: Pen) -> Iterator[tuple[str, Pen]]:
    """The printable texts of a line and what each is drawn with."""
    for text, now in _runs(raw, pen):
        if shown := _shown(text, now.draws_lines):
            yield shown, now


def _runs(raw: str, pen: Pen) -> Iterator[tuple[str, Pen]]:
    start = 0
    for mark in _MARK.finditer(raw):
        yield raw[start : mark.start()], pen
        pen = _turned(pen, mark)
        start = mark.end()
    yield raw[start:], pen


def _shown(text: str, draws_lines: bool) -> str:
    if not text.isascii() or not text.isprintable():
        text = plain(text).translate(_REPLACED)
    return text.translate(_DEC_LINES) if draws_lines else text


def _turned(pen: Pen, mark: re.Match[str]) -> Pen:
    if shift := mark[2]:
        return pen._replace(draws_lines=shift == "\x0e")
    if (link := mark[3]) is not None:
        return pen._replace(link=link)
    return _sgr(mark[1], pen)


@lru_cache(1024)
def _sgr(codes: str, pen: Pen) -> Pen:
    words = iter(codes.split(";"))
    for word in words:
        code, *subs = (_number(part) for part in word.split(":"))
        if code in (38, 48, 58):
            color = _color(subs[:1] + subs[-3:] if subs[:1] == [2] else subs, words)
            if code == 38 and color is not None:
                pen = pen._replace(color=color)
            elif code == 48 and color is not None:
                pen = pen._replace(background=color)
        else:
            pen = _attribute(pen, code, subs)
    return pen


def _attribute(pen: Pen, code: int, subs: list[int]) -> Pen:
    color, background, attributes, draws_lines, link = pen
    match code:
        case 0:
            return Pen(draws_lines=draws_lines, link=link)
        case 4 if subs[:1] == [0]:
            attributes -= _OFF[24]
        case _ if code in _ON:
            attributes |= {_ON[code]}
        case _ if code in _OFF:
            attributes -= _OFF[code]
        case 39:
            color = None
        case 49:
            background = None
        case _ if 30 <= code <= 37 or 90 <= code <= 97:
            color = Color.from_ansi(code - (30 if code < 90 else 82))
        case _ if 40 <= code <= 47 or 100 <= code <= 107:
            background = Color.from_ansi(code - (40 if code < 100 else 92))
    return Pen(color, background, attributes, draws_lines, link)


def _color(subs: list[int], words: Iterator[str]) -> Color | None:
    """The colour of a 38 or 48, after colons or as the words that follow."""
    kind = subs[0] if subs else _number(next(words, ""))
    count = {5: 1, 2: 3}.get(kind, 0)
    given = subs[1:] if subs else [_number(next(words, "")) for _ in range(count)]
    if len(given) < count or not all(0 <= part <= 255 for part in given[:count]):
        return None
    if kind == 5:
        return Color.from_ansi(given[0])
    return Color.from_rgb(*given[:3]) if kind == 2 else None


def _number(word: str) -> int:
    # Nobody means more than a few digits, and int() refuses thousands of them.
    return int(word[:6]) if word.isdecimal() else 0


@lru_cache(1024)
def _style(pen: Pen) -> Style:
    names = pen.attributes | {"underline"} if pen.link else pen.attributes
    attributes = Style.parse(" ".join(sorted(names)))
    return attributes + Style(color=pen.color, bgcolor=pen.background)
