"""What is asked for runs: a part of the union in `intents`."""

from typing import TypeAlias

from msgspec import Struct

from command_center.domain.runs import RunOrder
from command_center.domain.searches import Search


class RunAsk(Struct, frozen=True, tag=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of every intent for runs."""


class QueueRuns(RunAsk, frozen=True):
    """All or none."""

    orders: tuple[RunOrder, ...]
    place: str = ""
    """Absolute path inside the repository of those that name none."""


class CancelRun(RunAsk, frozen=True):
    run: str


class RequeueRun(RunAsk, frozen=True):
    """Run it again from the start, under the same id."""

    run: str


class MarkRunSeen(RunAsk, frozen=True):
    run: str


class TellOfRun(RunAsk, frozen=True):
    """Prompt an agent with its result: now when it is over, else when it ends."""

    run: str
    to: str
    against: str = ""
    """Run to compare it with; empty: the best one before it."""


class BeginSearch(RunAsk, frozen=True):
    """Queue its trials one after the other; under a name that was there, go on with those."""

    search: Search
    """`trials` says how many more, and `by` is not heeded."""
    place: str = ""
    """As of `QueueRuns`."""


class EndSearch(RunAsk, frozen=True):
    """Queue no more of its trials."""

    search: str


RunIntent: TypeAlias = (
    QueueRuns | CancelRun | RequeueRun | MarkRunSeen | TellOfRun | BeginSearch | EndSearch
)
