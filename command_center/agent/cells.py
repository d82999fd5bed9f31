"""How wide text is on a terminal, and how it is broken into lines."""

import re
import unicodedata
from functools import cache

TAB = 4
_SPACE = re.compile(r"\s")
_PIECE = re.compile(r"\s+|\S+")


@cache
def _wide(character: str) -> int:
    if unicodedata.combining(character) or character == "\u200d":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def width(text: str) -> int:
    """Cells."""
    return len(text) if text.isascii() else sum(map(_wide, text))


def cut(text: str, room: int) -> int:
    """How many characters fit into `room` cells; at least one, so that there is progress."""
    if text.isascii():
        return max(1, room)
    used = 0
    for number, character in enumerate(text):
        used += _wide(character)
        if used > room:
            return max(1, number)
    return max(1, len(text))


def spaced(text: str) -> str:
    """Every kind of white space as spaces of one cell."""
    return _SPACE.sub(" ", text.expandtabs(TAB))


def wrapped(text: str, room: int, indent: str = "") -> list[str]:
    """One line broken at spaces where it can be; all but the first line begin with `indent`."""
    text = spaced(text)
    indent = indent[: room // 2]
    lines, line = [], ""
    for piece in _PIECE.findall(text):
        while width(line) + width(piece) > room and not piece.isspace():
            if line.strip():
                lines.append(line.rstrip())
                line = indent
                if width(line) + width(piece) <= room:
                    break
            at = cut(piece, max(1, room - width(line)))
            lines.append(line + piece[:at])
            line, piece = indent, piece[at:]
        if piece.isspace() and not line:
            piece = piece[: room // 2]
        if not (piece.isspace() and line == indent and lines):
            line += piece
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def fitted(text: str, room: int) -> str:
    """Cut with an ellipsis where it does not fit."""
    if width(text) <= room:
        return text
    head = text[: cut(text, max(1, room - 1))]
    return f"{head}…" if width(head) < room else "…"
