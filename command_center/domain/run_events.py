"""What has happened to runs: a part of the union in `events`. Figures on the way are samples."""

from typing import TypeAlias

from msgspec import field

from command_center.domain.prompt_events import Happening
from command_center.domain.runs import Contention, Devices, RunLife, RunOrder, Site


class RunQueued(Happening, frozen=True):
    run: str
    order: RunOrder
    by: str
    intent: str = ""


class RunWaits(Happening, frozen=True):
    """Why it gets no lease now, or waits in the queue of its cluster; told when it changes."""

    run: str
    reason: str


class LeaseGranted(Happening, frozen=True):
    """Logged before its process is started: from here on nobody else gets the devices."""

    run: str
    devices: Devices
    attempt: int
    commit: str = ""


class RunSubmitted(Happening, frozen=True):
    """It stands in the queue of its cluster, which calls it `handle`."""

    run: str
    handle: str


class RunStarted(Happening, frozen=True):
    run: str
    handle: str
    node: str = ""


class RunEndIntended(Happening, frozen=True):
    """Logged before it is ended by us; `life` says what it will have been."""

    run: str
    life: RunLife
    reason: str


class RunEnded(Happening, frozen=True):
    """Its lease is over, and nothing of it runs any more."""

    run: str
    life: RunLife
    reason: str = ""
    exit_code: int | None = None
    figures: dict[str, float | None] = field(default_factory=dict)
    contention: Contention | None = None


class RunRequeued(Happening, frozen=True):
    run: str
    reason: str


class RunSeen(Happening, frozen=True):
    run: str


class ExecutorMeasured(Happening, frozen=True):
    """What an executor has in all; told when it changes."""

    name: str
    site: Site


class RunWatched(Happening, frozen=True):
    """One more agent is to be told of its end."""

    run: str
    agent: str
    against: str = ""


RunEvent: TypeAlias = (
    RunQueued
    | RunWaits
    | LeaseGranted
    | RunSubmitted
    | RunStarted
    | RunEndIntended
    | RunEnded
    | RunRequeued
    | RunSeen
    | RunWatched
)
