"""What has happened to tasks: a part of the union in `events`."""

from typing import TypeAlias

from command_center.domain.prompt_events import Happening
from command_center.domain.tasks import Brief


class TaskAdded(Happening, frozen=True):
    task: str
    brief: Brief
    by: str
    is_queued: bool = False
    intent: str = ""


class TaskRevised(Happening, frozen=True):
    """Only before an agent has it."""

    task: str
    brief: Brief


class TaskQueued(Happening, frozen=True):
    """Ready for an agent: for the first time, or again after it was taken back."""

    task: str
    reason: str = ""


class TaskAssigned(Happening, frozen=True):
    """Logged before anything is done to the agent: from here on no other agent gets it."""

    task: str
    agent: str
    reason: str
    branch: str = ""


class TaskPrepared(Happening, frozen=True):
    """The agent's worktree stands at the task's branch. Logged with its `PromptQueued`."""

    task: str
    prompt: str
    branch: str
    base_commit: str


class TaskStarted(Happening, frozen=True):
    """Its prompt was accepted."""

    task: str
    at: float


class CheckIntended(Happening, frozen=True):
    task: str


class CheckPassed(Happening, frozen=True):
    task: str
    output: str = ""
    by: str = ""
    """Who judged: the command, an agent's id, or who sent the user's yes."""
    files: tuple[str, ...] = ()
    """What its branch changes."""


class CheckFailed(Happening, frozen=True):
    task: str
    output: str


class TaskReturned(Happening, frozen=True):
    """A failed check, or the user, sends it back to its agent with another prompt."""

    task: str
    prompt: str
    reason: str
    is_free: bool = False
    """Whether it does not count against `Check.returns`: it was not the agent's failure."""


class TaskHeld(Happening, frozen=True):
    """It waits for a decision of the user."""

    task: str
    reason: str


class TaskAccepted(Happening, frozen=True):
    """The user took what it brought: an answer was read, a branch was merged."""

    task: str


class TaskDiscarded(Happening, frozen=True):
    task: str


class TaskFailed(Happening, frozen=True):
    task: str
    reason: str


class ExperimentQueued(Happening, frozen=True):
    """Runs of it were queued, and what they bring is awaited."""

    task: str
    runs: tuple[str, ...]


class TaskMeasured(Happening, frozen=True):
    """All its runs have ended."""

    task: str
    output: str
    has_result: bool
    """Whether one of them went to its end."""
    files: tuple[str, ...] = ()
    """As of `CheckPassed`."""


class DispatchSet(Happening, frozen=True):
    mode: str
    """`manual`, `confirm` or `automatic`."""


class PlacementProposed(Happening, frozen=True):
    """Where a queued task would go, in every mode; an empty agent: nowhere, and why it waits."""

    task: str
    agent: str
    reason: str


TaskEvent: TypeAlias = (
    TaskAdded
    | TaskRevised
    | TaskQueued
    | TaskAssigned
    | TaskPrepared
    | TaskStarted
    | CheckIntended
    | CheckPassed
    | CheckFailed
    | TaskReturned
    | TaskHeld
    | TaskAccepted
    | TaskDiscarded
    | TaskFailed
    | PlacementProposed
    | ExperimentQueued
    | TaskMeasured
)
