"""What a tool hands back, and the one way in which it fails."""

from msgspec import Struct

MOST = 24_000
"""Characters of one result; the model's window is not to be filled by one."""
NOTHING = "(no output)"


class Outcome(Struct, frozen=True):
    text: str
    is_error: bool = False
    seen: str = ""
    """For the user, in a few words: `wrote 12 lines`."""


class ToolProblem(Exception):
    """The model is told, and can try another way."""


def counted(count: int, what: str) -> str:
    """`1 line`, `2 lines`."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def bounded(text: str, most: int = MOST) -> str:
    """Its begin and its end, for there the news is."""
    if len(text) <= most:
        return text
    head, tail = text[: most // 2], text[-(most - most // 2) :]
    return f"{head}\n[... {len(text) - most} characters left out ...]\n{tail}"
