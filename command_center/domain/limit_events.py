"""How an agent at the limit of its plan goes on by itself: a part of the union in `events`."""

from typing import TypeAlias, assert_never

from msgspec.structs import replace

from command_center.domain.comebacks import KEPT_RESUMES, Comeback, Comebacks
from command_center.domain.prompt_events import Happening


class ComebackPlanned(Happening, frozen=True):
    agent: str
    limit: float
    at: float
    words: str
    """What a person reads of it, such as `resumes 14:11`."""


class ComebackIntended(Happening, frozen=True):
    """Logged together with what it does: its prompt is queued, or its keys are pressed after."""

    agent: str
    limit: float


class ComebackDone(Happening, frozen=True):
    """Its keys were pressed; a prompt has its own receipt."""

    agent: str
    limit: float


class ComebackForgone(Happening, frozen=True):
    """The agent went on without it."""

    agent: str
    limit: float
    reason: str


class ComebackRefused(Happening, frozen=True):
    """This limit gets none."""

    agent: str
    limit: float
    words: str


ComebackEvent: TypeAlias = (
    ComebackPlanned | ComebackIntended | ComebackDone | ComebackForgone | ComebackRefused
)


def came_back(was: Comebacks, event: ComebackEvent, at: float) -> Comebacks:
    match event:
        case ComebackPlanned():
            return replace(was, last=Comeback(event.limit, event.at, event.words))
        case ComebackIntended():
            last = Comeback(event.limit, at, is_over=True)
            return Comebacks(last, (*was.times, at)[-KEPT_RESUMES:])
        case ComebackForgone():
            return replace(was, last=None)
        case ComebackRefused():
            return replace(was, last=Comeback(event.limit, at, event.words, is_over=True))
        case ComebackDone():
            return was
        case _:
            assert_never(event)
