"""What is asked for tasks: a part of the union in `intents`."""

from typing import TypeAlias

from msgspec import Struct

from command_center.domain.tasks import Brief


class TaskAsk(Struct, frozen=True, tag=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of every intent for tasks."""


class AddTasks(TaskAsk, frozen=True):
    """All or none. A need is an id, or `#N` for the N-th of these briefs, from 1."""

    briefs: tuple[Brief, ...]
    repo: str = ""
    """Absolute path inside the repository of those that name none."""
    is_queued: bool = True


class ReviseTask(TaskAsk, frozen=True):
    task: str
    brief: Brief


class QueueTask(TaskAsk, frozen=True):
    """Make a draft ready, or take a task back from its agent."""

    task: str


class AssignTask(TaskAsk, frozen=True):
    """Give it to this agent, or, with an empty one, to whom the dispatcher would choose."""

    task: str
    agent: str = ""


class ApproveTask(TaskAsk, frozen=True):
    """The user says that it is done; at `review`, that its result was taken."""

    task: str


class ReturnTask(TaskAsk, frozen=True):
    """Back to its agent, with these words."""

    task: str
    text: str


class FailTask(TaskAsk, frozen=True):
    """It did not succeed; what a failed review reviewed goes back with these words."""

    task: str
    text: str


class DiscardTask(TaskAsk, frozen=True):
    """Its branch stays."""

    task: str


class SetDispatch(TaskAsk, frozen=True):
    mode: str


TaskIntent: TypeAlias = (
    AddTasks
    | ReviseTask
    | QueueTask
    | AssignTask
    | ApproveTask
    | ReturnTask
    | FailTask
    | DiscardTask
    | SetDispatch
)
