"""The screen for terminals that know no other signs than ASCII: one for one, so nothing moves."""

import unicodedata
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

SIGNS = {
    **dict(zip("●▲✗◐○◌■‖•", "*^x@o.#=!", strict=True)),
    **dict(zip("▌▸▾▪⧉✳⏎", ">>v*%*/", strict=True)),
    **dict(zip("▁▂▃▄▅▆▇█", "_.-:=+*#", strict=True)),
    **dict(zip("░▒▓✓", ":=%+", strict=True)),
    **dict(zip("━╸°", "=> ", strict=True)),
    **dict.fromkeys("\u2018\u2019", "'"),
    **dict(zip("…·↑↓←→‹›“”−–—×⎿", '.-^v<><>""---xL', strict=True)),
}
"""Those of ours that say something; the others become the letter or the box they resemble."""
_ACROSS = frozenset("─━┄┅┈┉╌╍═╴╶╸╺╼╾")
_DOWN = frozenset("│┃┆┇┊┋╎╏║╵╷╹╻╽╿")


class AsciiFilter(LineFilter):
    """Works on what is painted, agents' screens and dialogs included."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        del background
        return [
            segment if segment.text.isascii() else Segment(as_ascii(segment.text), segment.style)
            for segment in segments
        ]


@lru_cache(4096)
def as_ascii(text: str) -> str:
    """As many columns as `text` takes."""
    return "".join(map(_sign, text))


@lru_cache(4096)
def _sign(character: str) -> str:
    if character.isascii():
        return character
    if character in SIGNS:
        return SIGNS[character]
    if "\u2500" <= character <= "\u257f":
        return "-" if character in _ACROSS else "|" if character in _DOWN else "+"
    if "\u2580" <= character <= "\u259f":
        return "#"
    width = cell_len(character)
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return plain if plain and len(plain) == width else "?" * width
