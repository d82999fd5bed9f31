"""A key pressed in the dashboard, as tmux types it into a pane."""

import re
from typing import Literal, NamedTuple

_NAMED = {
    "enter": "Enter",
    "return": "Enter",
    "escape": "Escape",
    "tab": "Tab",
    "backspace": "BSpace",
    "delete": "DC",
    "insert": "IC",
    "home": "Home",
    "end": "End",
    "pageup": "PageUp",
    "pagedown": "PageDown",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
    **{f"f{number}": f"F{number}" for number in range(1, 13)},
}

# Keys that a terminal without an extended protocol cannot tell from others, or that tmux has
# no name for: the nearest one that no program takes for "submit" or reads as letters.
_SPECIAL = {
    "shift+tab": "BTab",
    "ctrl+shift+tab": "BTab",
    "ctrl+tab": "Tab",
    "shift+enter": "M-Enter",
    "ctrl+enter": "C-j",
    "ctrl+shift+enter": "M-Enter",
    "newline": "C-j",
    "shift+escape": "Escape",
    "ctrl+escape": "Escape",
    "shift+backspace": "BSpace",
    "ctrl+backspace": "C-h",
    "ctrl+shift+backspace": "C-h",
    "space": "Space",
    "shift+space": "Space",
    "ctrl+space": "C-Space",
    "alt+space": "M-Space",
    "ctrl+at": "C-Space",
    "ctrl+@": "C-Space",
    "ctrl+backslash": "C-\\",
    "ctrl+left_square_bracket": "Escape",
    "ctrl+right_square_bracket": "C-]",
    "ctrl+circumflex_accent": "C-^",
    "ctrl+underscore": "C-_",
    "ctrl+slash": "C-_",
    "ctrl+2": "C-Space",
    "ctrl+3": "Escape",
    "ctrl+4": "C-\\",
    "ctrl+5": "C-]",
    "ctrl+6": "C-^",
    "ctrl+7": "C-_",
    "ctrl+8": "BSpace",
    **{f"f{number}": f"S-F{number - 12}" for number in range(13, 25)},
}

_MOVED = "Up|Down|Left|Right|Home|End|PageUp|PageDown|IC|DC|F1[0-2]|F[1-9]"
_KEY_NAME = re.compile(
    rf"(?:C-)?(?:M-)?(?:S-)?(?:{_MOVED})"
    r"|(?:M-)?(?:Enter|Escape|Tab|BSpace|Space)|BTab|C-Space"
    r"|(?:M-)?C-[a-z@\\\]^_]|M-[!-~]|[^\x00-\x20\x7f]"
)


class TmuxKey(NamedTuple):
    kind: Literal["name", "text"]
    """`name`: a key tmux knows; `text`: characters to type as they are."""
    text: str


def is_key_name(name: str) -> bool:
    """Whether tmux presses `name` as a key; what it does not know it would type as letters."""
    return _KEY_NAME.fullmatch(name) is not None


def tmux_key(key: str, character: str | None) -> TmuxKey | None:
    """The key event that Textual calls `key`, or None where a terminal sends nothing."""
    if (special := _SPECIAL.get(key)) is not None:
        return TmuxKey("name", special)
    *modifiers, last = key.split("+")
    if {"super", "hyper", "meta"} & set(modifiers):
        return None
    if (named := _NAMED.get(last)) is not None:
        return TmuxKey("name", _modified(named, modifiers))
    if "ctrl" in modifiers and len(last) == 1 and "a" <= last <= "z":
        return TmuxKey("name", ("M-" if "alt" in modifiers else "") + f"C-{last}")
    if character is None or not character.isprintable():
        return None
    if "alt" in modifiers and len(character) == 1 and "!" <= character <= "~":
        return TmuxKey("name", f"M-{character}")
    return TmuxKey("text", character)


def _modified(named: str, modifiers: list[str]) -> str:
    if named in ("Enter", "Escape", "Tab", "BSpace"):
        return ("M-" if "alt" in modifiers else "") + named
    marks = (("ctrl", "C-"), ("alt", "M-"), ("shift", "S-"))
    return "".join(mark for modifier, mark in marks if modifier in modifiers) + named
