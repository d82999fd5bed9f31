"""Runs: opaque commands at a commit, with devices and a budget, whose output is their result."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

KEPT_FIGURES = 64
"""Last values that a run's summary keeps; the whole curve is in its ledger."""

TELLER = "runs"
"""By whom the prompts are that tell agents of results."""


class RunLife(StrEnum):
    """How far a run has come."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    ENDING = "ending"
    DONE = "done"
    CRASHED = "crashed"
    OUT_OF_MEMORY = "out of memory"
    TIMED_OUT = "timed out"
    CANCELLED = "cancelled"
    LOST = "lost"
    """Its node or its process went away, and nobody knows how it ended."""

    @property
    def holds_lease(self) -> bool:
        return self in (RunLife.STARTING, RunLife.RUNNING, RunLife.ENDING)

    @property
    def is_over(self) -> bool:
        return not self.holds_lease and self is not RunLife.QUEUED


class Demand(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a run needs of a machine."""

    cpus: Annotated[int, Meta(ge=1, le=4096)] = 1
    """CPU slots; also the number of threads it may use."""
    gpus: Annotated[int, Meta(ge=0, le=64)] = 0
    gpu_gib: Annotated[float, Meta(ge=0)] = 0.0
    """Memory on each GPU when it may share one; 0 asks for whole devices."""
    memory_gib: Annotated[float, Meta(ge=0)] = 0.0
    """Limit of its own memory; 0 is none."""


class Ration(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """When a run is ended; 0 is no limit of that kind."""

    wall_s: Annotated[float, Meta(ge=0)] = 0.0
    cpu_s: Annotated[float, Meta(ge=0)] = 0.0
    gpu_s: Annotated[float, Meta(ge=0)] = 0.0
    """Wall seconds times whole GPUs."""
    steps: Annotated[int, Meta(ge=0)] = 0
    """Greatest value of the metric `step`."""


class RunOrder(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Everything a run was asked for: enough to carry it out again."""

    command: tuple[str, ...]
    """Words; `${seed}` and `${run}` in them stand for this run's own."""
    repo: str = ""
    """Id of the repository; empty: the command runs in `folder` as it is."""
    base: str = "HEAD"
    """Ref that was asked for."""
    commit: str = ""
    """What `base` meant when the run was queued; empty where the end of a turn decides."""
    folder: str = ""
    """Relative to the worktree, or absolute without a repository."""
    name: str = ""
    env: dict[str, str] = {}
    seed: int | None = None
    config: dict[str, str | int | float | bool] = {}
    """What tells this run from its siblings, for tables of differences."""
    demand: Demand = Demand()
    ration: Ration = Ration()
    metric: str = ""
    """The figure that counts, such as `val_bpb`; the lower the better, unless it says otherwise."""
    is_higher_better: bool = False
    retries: Annotated[int, Meta(ge=0, le=10)] = 0
    """How often it is started again after a crash or a loss; never after a limit of its own."""
    priority: int = 0
    sweep: str = ""
    """Id that the runs of one sweep share."""
    agent: str = ""
    """The agent on whose behalf it runs: told of the end, counted for fairness."""
    after: str = ""
    """Agent whose turn it waits for, to run at the commit that it then has; of an idle agent the
    next commit is awaited."""
    executor: str = "local"
    tags: tuple[str, ...] = ()
    template: str = ""
    """Name of the template that it was made from; runs of one are compared with each other."""
    training: str = ""
    """Bundled training task whose judge is laid over `folder` at the commit."""
    files: tuple[str, ...] = ()
    """Files and folders of the checkout that no commit holds and that are brought along."""
    against: str = ""
    """Run that the result is told against; empty: the best one before it."""
    task: str = ""
    """Id of the task whose experiment it is."""


class Devices(Struct, frozen=True, omit_defaults=True):
    """What a lease gives."""

    gpus: tuple[str, ...] = ()
    """As CUDA_VISIBLE_DEVICES takes them: indices or UUIDs."""
    cpus: int = 1
    node: str = ""
    """Empty: this machine."""


class Site(Struct, frozen=True, omit_defaults=True):
    """A place where runs are carried out, as it was last seen."""

    cpus: int = 0
    gpus: int = 0
    problem: str = ""
    """Why it could not be looked at just now; then the figures are older."""


class Contention(Struct, frozen=True, omit_defaults=True):
    """How far the machine was not its own: a wall-clock budget on a shared one measures nothing."""

    neighbours: float = 0.0
    """Other runs of ours beside it, on average."""
    cpu_pressure: float = 0.0
    """Share of its time in which some task waited for a CPU (PSI `some`)."""
    steal: float = 0.0
    """Share of CPU time that the hypervisor gave to others."""
    clock: float = 1.0
    """Mean clock as a share of the fastest seen; 1 where unknown."""

    @property
    def index(self) -> float:
        """0 for an idle machine; above 0.1 do not compare wall-clock results."""
        return max(self.cpu_pressure, self.steal, 1.0 - self.clock)


class Run(Struct, frozen=True):
    """One execution, and how it ended."""

    id: str
    """`R` and a number, counted through the whole log."""
    order: RunOrder
    queued_at: float
    by: str = ""
    life: RunLife = RunLife.QUEUED
    since: float = 0.0
    reason: str = ""
    """Why it waits, or how it ended, in words."""
    attempt: int = 0
    """From 1 when it was started; more than 1 after retries and requeues."""
    devices: Devices | None = None
    handle: str = ""
    """What its executor calls it: a process and its start time, a job number."""
    started_at: float = 0.0
    ended_at: float = 0.0
    earlier_s: float = 0.0
    """Seconds that its earlier attempts took."""
    exit_code: int | None = None
    figures: dict[str, float | None] = {}
    """Last value of each metric, None where it was no number; at most KEPT_FIGURES."""
    contention: Contention | None = None
    is_unseen: bool = False
    watchers: tuple[str, ...] = ()
    """Ids of more agents that are told of the end."""

    @property
    def number(self) -> int:
        return int(self.id[1:])

    @property
    def took_s(self) -> float:
        """Seconds of the present attempt; 0 before its end, or when it never started."""
        return self.ended_at - self.started_at if self.started_at and self.ended_at else 0.0

    @property
    def result(self) -> float | None:
        """The figure that counts; None without one, or before a number was printed."""
        return self.figures.get(self.order.metric) if self.order.metric else None
