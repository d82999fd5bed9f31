"""What has happened to prompts and questions: a part of the union in `events`."""

from typing import TypeAlias

from msgspec import Struct

from command_center.domain.asks import Question, Verdict


class Happening(Struct, frozen=True, tag=True, omit_defaults=True):
    """Base of every event; on the wire it is tagged with the name of its class."""


class PromptQueued(Happening, frozen=True):
    agent: str
    prompt: str
    text: str
    by: str = ""
    """Id of the agent whose message it is, or `runs`; empty: ours or the user's."""


class PromptHeld(Happening, frozen=True):
    agent: str
    prompt: str
    reason: str


class PromptTyping(Happening, frozen=True):
    """Logged before the first byte is pasted: from here on it is never pasted again."""

    agent: str
    prompt: str


class PromptTyped(Happening, frozen=True):
    agent: str
    prompt: str
    proof: str


class PromptAccepted(Happening, frozen=True):
    agent: str
    prompt: str
    proof: str
    at: float = 0.0
    """When the proof's source says it happened; 0 when it does not say."""


class PromptFinished(Happening, frozen=True):
    agent: str
    prompt: str
    proof: str


class PromptUnsent(Happening, frozen=True):
    agent: str
    prompt: str
    reason: str


class PromptDropped(Happening, frozen=True):
    agent: str
    prompt: str
    reason: str


class QuestionAsked(Happening, frozen=True):
    agent: str
    launch: str
    question: Question


class AnswerIntended(Happening, frozen=True):
    """Logged before anything is written or pressed: from here on it is never given twice."""

    agent: str
    question: str
    verdict: Verdict
    by: str
    """Who answers: `dashboard`, `cli`, or `policy`."""
    text: str = ""
    rule: str = ""
    """The policy rule that decided, in its own words; empty when a person did."""
    intent: str = ""


class AnswerGiven(Happening, frozen=True):
    agent: str
    question: str
    by: str
    channel: str
    """`hook` or `keys`."""
    rule: str = ""


class AnswerFailed(Happening, frozen=True):
    """The question is open again."""

    agent: str
    question: str
    reason: str


PromptEvent: TypeAlias = (
    PromptQueued
    | PromptHeld
    | PromptTyping
    | PromptTyped
    | PromptAccepted
    | PromptFinished
    | PromptUnsent
    | PromptDropped
)
QuestionEvent: TypeAlias = QuestionAsked | AnswerIntended | AnswerGiven | AnswerFailed
