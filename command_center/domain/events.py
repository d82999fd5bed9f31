"""What has happened: a closed union, past tense. The log holds nothing else.

Names on the wire are the class names; a field may be added with a default, never renamed
or removed. `VERSION` rises when an old event must be rewritten on reading (see `upcast`).
"""

from typing import TypeAlias

import msgspec
from msgspec import Struct

from command_center.domain.model import Agent, Claim, Diff, Order, Question, Repo, Source, Verdict

VERSION = 1


class _Event(Struct, frozen=True, tag=True, omit_defaults=True):
    pass


class SupervisorStarted(_Event, frozen=True):
    pid: int
    program: str
    """Version of Command Center."""


class SupervisorStopped(_Event, frozen=True):
    pid: int
    reason: str


class RepositoryAdded(_Event, frozen=True):
    repo: Repo


class IntentTaken(_Event, frozen=True):
    """Logged together with what the intent led to, so that it is carried out once."""

    intent: str
    kind: str


class IntentDone(_Event, frozen=True):
    intent: str
    agent: str = ""
    text: str = ""


class IntentRefused(_Event, frozen=True):
    intent: str
    reason: str
    agent: str = ""


class Noticed(_Event, frozen=True):
    text: str
    agent: str = ""
    is_problem: bool = False


class LaunchIntended(_Event, frozen=True):
    agent: str
    name: str
    launch: str
    order: Order
    session: str = ""
    prompt: str = ""
    """Receipt id of the first prompt; empty when there is none."""
    intent: str = ""


class WorktreeAdded(_Event, frozen=True):
    agent: str
    commit: str
    notes: tuple[str, ...] = ()


class LaunchFailed(_Event, frozen=True):
    """Nothing of it is left in git or tmux, unless it was a resume: then the worktree stands."""

    agent: str
    problem: str
    was_resume: bool = False


class AgentAdopted(_Event, frozen=True):
    """A pane of ours that the log did not know."""

    agent: Agent


class ResumeIntended(_Event, frozen=True):
    agent: str
    launch: str
    intent: str = ""


class PaneOpened(_Event, frozen=True):
    agent: str
    launch: str
    pane: str


class ProcessStarted(_Event, frozen=True):
    agent: str
    launch: str
    pid: int
    start: str = ""


class ProcessEnded(_Event, frozen=True):
    agent: str
    launch: str
    code: int | None = None
    signal: int | None = None
    problem: str = ""


class PaneVanished(_Event, frozen=True):
    agent: str
    launch: str


class StateClaimed(_Event, frozen=True):
    agent: str
    launch: str
    claim: Claim


class ClaimWithdrawn(_Event, frozen=True):
    """The source can no longer be read, so its last word no longer counts."""

    agent: str
    launch: str
    source: Source


class SessionLearned(_Event, frozen=True):
    agent: str
    session: str = ""
    transcript: str = ""


class StopIntended(_Event, frozen=True):
    agent: str
    intent: str = ""


class AgentParked(_Event, frozen=True):
    agent: str


class PromptQueued(_Event, frozen=True):
    agent: str
    prompt: str
    text: str


class PromptHeld(_Event, frozen=True):
    agent: str
    prompt: str
    reason: str


class PromptTyping(_Event, frozen=True):
    """Logged before the first byte is pasted: from here on it is never pasted again."""

    agent: str
    prompt: str


class PromptTyped(_Event, frozen=True):
    agent: str
    prompt: str
    proof: str


class PromptAccepted(_Event, frozen=True):
    agent: str
    prompt: str
    proof: str
    at: float = 0.0
    """When the proof's source says it happened; 0 when it does not say."""


class PromptFinished(_Event, frozen=True):
    agent: str
    prompt: str
    proof: str


class PromptUnsent(_Event, frozen=True):
    agent: str
    prompt: str
    reason: str


class PromptDropped(_Event, frozen=True):
    agent: str
    prompt: str
    reason: str


class QuestionAsked(_Event, frozen=True):
    agent: str
    launch: str
    question: Question


class AnswerIntended(_Event, frozen=True):
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


class AnswerGiven(_Event, frozen=True):
    agent: str
    question: str
    by: str
    channel: str
    """`hook` or `keys`."""
    rule: str = ""


class AnswerFailed(_Event, frozen=True):
    """The question is open again."""

    agent: str
    question: str
    reason: str


class AgentHidden(_Event, frozen=True):
    agent: str


class AgentShown(_Event, frozen=True):
    agent: str


class AgentSeen(_Event, frozen=True):
    agent: str


class DiffMeasured(_Event, frozen=True):
    agent: str
    diff: Diff


class RemovalIntended(_Event, frozen=True):
    agent: str
    keeps_branch: bool = False
    intent: str = ""


class RemovalRefused(_Event, frozen=True):
    agent: str
    losses: tuple[str, ...]


class AgentRemoved(_Event, frozen=True):
    agent: str
    trashed: dict[str, object]


class UndoIntended(_Event, frozen=True):
    agent: str
    intent: str = ""


class UndoFailed(_Event, frozen=True):
    """The agent stays in the trash, whole."""

    agent: str


class RemovalUndone(_Event, frozen=True):
    agent: str


HouseEvent: TypeAlias = (
    SupervisorStarted
    | SupervisorStopped
    | RepositoryAdded
    | IntentTaken
    | IntentDone
    | IntentRefused
    | Noticed
)
LifeEvent: TypeAlias = (
    LaunchIntended
    | WorktreeAdded
    | LaunchFailed
    | AgentAdopted
    | ResumeIntended
    | PaneOpened
    | StopIntended
    | AgentParked
    | RemovalIntended
    | RemovalRefused
    | AgentRemoved
    | UndoIntended
    | UndoFailed
    | RemovalUndone
)
SightEvent: TypeAlias = (
    ProcessStarted
    | ProcessEnded
    | PaneVanished
    | StateClaimed
    | ClaimWithdrawn
    | SessionLearned
    | AgentHidden
    | AgentShown
    | AgentSeen
    | DiffMeasured
)
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
Event: TypeAlias = HouseEvent | LifeEvent | SightEvent | PromptEvent | QuestionEvent


class Record(Struct, frozen=True):
    """An event with its place in the log."""

    seq: int
    at: float
    """Unix seconds."""
    event: Event


_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    return _encoder.encode(event)


def decode(body: bytes, version: int) -> Event:
    """Reads an event of any version up to ours; raises msgspec.DecodeError."""
    try:
        return _decoder.decode(upcast(body, version))
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from None


def upcast(body: bytes, version: int) -> bytes:
    """Rewrites the wire form of an older event; version 1 is the oldest."""
    if version > VERSION:
        raise msgspec.ValidationError(f"event of version {version}; this program reads {VERSION}")
    return body
