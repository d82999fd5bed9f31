"""What an agent may do through our tools: each scope stands for a few of them."""

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    REPORT = "report"
    ASK = "ask"
    LIST = "list"
    PROPOSE = "propose"
    REVIEW = "review"
    BOARD = "board"
    RESERVE = "reserve"
    CLAIM = "claim"
    HAND_OFF = "hand-off"
    MESSAGE = "message"
    RUN = "run"


MODEST = ("report", "ask", "list", "propose", "review", "board", "reserve")
"""What every agent may do unless told otherwise: nothing of it makes another agent work."""


def checked_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """Each once, in the order given. Raises ValueError."""
    found = tuple(dict.fromkeys(scopes))
    for scope in found:
        if scope not in list(Scope):
            raise ValueError(f"scope {scope!r}: use {', '.join(Scope)}")
    return found
