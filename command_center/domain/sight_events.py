"""What was seen of an agent: a part of the union in `events`."""

from typing import TypeAlias

from command_center.domain.model import Claim, Diff, Source
from command_center.domain.prompt_events import Happening
from command_center.domain.tags import AgentRetagged


class ProcessStarted(Happening, frozen=True):
    agent: str
    launch: str
    pid: int
    start: str = ""


class ProcessEnded(Happening, frozen=True):
    agent: str
    launch: str
    code: int | None = None
    signal: int | None = None
    problem: str = ""


class PaneVanished(Happening, frozen=True):
    agent: str
    launch: str


class StateClaimed(Happening, frozen=True):
    agent: str
    launch: str
    claim: Claim


class ClaimWithdrawn(Happening, frozen=True):
    """The source can no longer be read, so its last word no longer counts."""

    agent: str
    launch: str
    source: Source


class LimitEnded(Happening, frozen=True):
    """The time has come for which the CLI told that it goes on."""

    agent: str
    launch: str


class SessionLearned(Happening, frozen=True):
    agent: str
    session: str = ""
    transcript: str = ""


class AgentHidden(Happening, frozen=True):
    agent: str


class AgentShown(Happening, frozen=True):
    agent: str


class AgentSeen(Happening, frozen=True):
    agent: str


class BranchBegun(Happening, frozen=True):
    """Its worktree stands at another branch, for another task."""

    agent: str
    branch: str
    base_commit: str


class ConversationDropped(Happening, frozen=True):
    """It remembers nothing: it began `session` by itself, or will be started anew with it."""

    agent: str
    session: str = ""


class DiffMeasured(Happening, frozen=True):
    agent: str
    diff: Diff


SightEvent: TypeAlias = (
    ProcessStarted
    | ProcessEnded
    | PaneVanished
    | StateClaimed
    | ClaimWithdrawn
    | LimitEnded
    | SessionLearned
    | AgentHidden
    | AgentShown
    | AgentRetagged
    | AgentSeen
    | DiffMeasured
    | BranchBegun
    | ConversationDropped
)
