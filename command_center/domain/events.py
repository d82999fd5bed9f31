"""What has happened: a closed union, past tense. The log holds nothing else.

Names on the wire are the class names; a field may be added with a default, never renamed
or removed. `VERSION` rises when an old event must be rewritten on reading (see `upcast`).
"""

from typing import TypeAlias

import msgspec
from msgspec import Struct

from command_center.domain.board_events import BoardEvent as BoardEvent
from command_center.domain.budget_events import BudgetEvent as BudgetEvent
from command_center.domain.limit_events import ComebackEvent as ComebackEvent
from command_center.domain.model import Agent, Order, Repo
from command_center.domain.pleas import PleaEvent as PleaEvent
from command_center.domain.prompt_events import (
    AnswerFailed as AnswerFailed,
    AnswerGiven as AnswerGiven,
    AnswerIntended as AnswerIntended,
    Happening,
    PromptAccepted as PromptAccepted,
    PromptDropped as PromptDropped,
    PromptEvent as PromptEvent,
    PromptFinished as PromptFinished,
    PromptHeld as PromptHeld,
    PromptQueued as PromptQueued,
    PromptTyped as PromptTyped,
    PromptTyping as PromptTyping,
    PromptUnsent as PromptUnsent,
    QuestionAsked as QuestionAsked,
    QuestionEvent as QuestionEvent,
)
from command_center.domain.run_events import (
    ExecutorMeasured as ExecutorMeasured,
    RunEvent as RunEvent,
)
from command_center.domain.search_events import SearchEvent as SearchEvent
from command_center.domain.sight_events import (
    AgentHidden as AgentHidden,
    AgentSeen as AgentSeen,
    AgentShown as AgentShown,
    BranchBegun as BranchBegun,
    ClaimWithdrawn as ClaimWithdrawn,
    ConversationDropped as ConversationDropped,
    DiffMeasured as DiffMeasured,
    LimitEnded as LimitEnded,
    PaneVanished as PaneVanished,
    ProcessEnded as ProcessEnded,
    ProcessStarted as ProcessStarted,
    SessionLearned as SessionLearned,
    SightEvent as SightEvent,
    StateClaimed as StateClaimed,
)
from command_center.domain.tags import AgentRetagged as AgentRetagged
from command_center.domain.task_events import DispatchSet as DispatchSet, TaskEvent as TaskEvent

VERSION = 1


class SupervisorStarted(Happening, frozen=True):
    pid: int
    program: str
    """Version of Command Center."""


class SupervisorStopped(Happening, frozen=True):
    pid: int
    reason: str


class RepositoryAdded(Happening, frozen=True):
    repo: Repo


class IntentTaken(Happening, frozen=True):
    """Logged together with what the intent led to, so that it is carried out once."""

    intent: str
    kind: str


class IntentDone(Happening, frozen=True):
    intent: str
    agent: str = ""
    text: str = ""


class IntentRefused(Happening, frozen=True):
    intent: str
    reason: str
    agent: str = ""


class Noticed(Happening, frozen=True):
    text: str
    agent: str = ""
    is_problem: bool = False


class LaunchIntended(Happening, frozen=True):
    agent: str
    name: str
    launch: str
    order: Order
    session: str = ""
    prompt: str = ""
    """Receipt id of the first prompt; empty when there is none."""
    intent: str = ""


class WorktreeAdded(Happening, frozen=True):
    agent: str
    commit: str
    notes: tuple[str, ...] = ()


class LaunchFailed(Happening, frozen=True):
    """Nothing of it is left in git or tmux, unless it was a resume: then the worktree stands."""

    agent: str
    problem: str
    was_resume: bool = False


class AgentAdopted(Happening, frozen=True):
    """A pane of ours that the log did not know."""

    agent: Agent


class ResumeIntended(Happening, frozen=True):
    agent: str
    launch: str
    intent: str = ""


class PaneOpened(Happening, frozen=True):
    agent: str
    launch: str
    pane: str


class StopIntended(Happening, frozen=True):
    agent: str
    intent: str = ""


class AgentParked(Happening, frozen=True):
    agent: str


class RemovalIntended(Happening, frozen=True):
    agent: str
    keeps_branch: bool = False
    intent: str = ""


class RemovalRefused(Happening, frozen=True):
    agent: str
    losses: tuple[str, ...]


class AgentRemoved(Happening, frozen=True):
    agent: str
    trashed: dict[str, object]


class UndoIntended(Happening, frozen=True):
    agent: str
    intent: str = ""


class UndoFailed(Happening, frozen=True):
    """The agent stays in the trash, whole."""

    agent: str


class RemovalUndone(Happening, frozen=True):
    agent: str


HouseEvent: TypeAlias = (
    SupervisorStarted
    | SupervisorStopped
    | RepositoryAdded
    | IntentTaken
    | IntentDone
    | IntentRefused
    | Noticed
    | DispatchSet
    | ExecutorMeasured
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
Event: TypeAlias = (
    HouseEvent
    | LifeEvent
    | SightEvent
    | PromptEvent
    | QuestionEvent
    | TaskEvent
    | RunEvent
    | SearchEvent
    | BudgetEvent
    | ComebackEvent
    | BoardEvent
    | PleaEvent
)


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
