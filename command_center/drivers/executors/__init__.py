"""Where runs are carried out: this machine, or a cluster. One protocol for all of them."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Protocol, TypeAlias

from msgspec import Struct

from command_center.domain.errors import SpecError
from command_center.domain.leases import Gpu as Gpu
from command_center.domain.model import Repo
from command_center.domain.runs import Contention, Demand, Devices, Ration

LOCAL = "local"
KINDS = {"slurm": "slurm:SlurmExecutor", "ray": "ray:RayExecutor"}
"""Kind → module in this package and the class in it.

It is made with the executor's name and its table of `[executors]`, less `kind`. Raises SpecError.
"""

Tables: TypeAlias = Mapping[str, Mapping[str, object]]

MOST_BYTES = 1 << 20
"""Of a log, at one go."""
OUTPUTS = "outputs"
"""Folder of what it made, inside its own."""
THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "RAYON_NUM_THREADS",
)
"""Variables by which libraries learn how many they may use."""
WORK = "work"
"""Folder of an attempt's checkout inside its own, where it is made on this machine."""


class Job(Struct, frozen=True):
    """One attempt of a run, ready to be carried out."""

    id: str
    """Run and attempt, such as `R12.1`; never used twice."""
    argv: tuple[str, ...]
    folder: str
    """Of this attempt, on this machine, absolute: log, results and whatever else is the run's."""
    env: dict[str, str] = {}
    """On top of the environment of the place where it runs."""
    repo: Repo | None = None
    """None: the command runs in `place` as it is."""
    commit: str = ""
    place: str = ""
    """Where the command starts: relative to the checkout, or absolute without a repository."""
    demand: Demand = Demand()
    ration: Ration = Ration()
    devices: Devices = Devices()
    """What the lease gives, where the executor does not hand out devices itself."""


class JobState(StrEnum):
    PENDING = "pending"
    """Submitted, and waiting in a queue that is not ours."""
    RUNNING = "running"
    ENDED = "ended"
    LOST = "lost"
    """Its process or its node went away; nothing of it runs any more."""


class Ending(StrEnum):
    """Who ended it."""

    ITSELF = ""
    CANCEL = "cancel"
    WALL = "wall"
    CPU = "cpu"
    MEMORY = "memory"
    STEPS = "steps"


class JobStatus(Struct, frozen=True):
    state: JobState
    reason: str = ""
    """Why it waits or was lost, in words."""
    node: str = ""
    """Where it runs; empty for this machine."""
    exit_code: int | None = None
    """Minus the signal, for one that a signal ended; None while it runs and where unknown."""
    ended_by: Ending = Ending.ITSELF
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_bytes: int = 0
    """Most memory that its processes had together, as far as it was sampled."""
    memory_bytes: int = 0
    """What they have now."""
    contention: Contention | None = None


class Capacity(Struct, frozen=True):
    """What an executor has in all, whether it is in use or not."""

    cpus: int
    gpus: tuple[Gpu, ...] = ()
    most_runs: int = 0
    """Of ours that may be there together, in its queue and at work; 0: no limit."""
    queues_itself: bool = False
    """Whether it takes more than fits and decides itself when and on which devices each runs."""


class End(Struct, frozen=True):
    """What a minder says last."""

    exit_code: int | None
    ended_by: Ending
    wall_s: float
    cpu_s: float
    peak_bytes: int
    cpu_pressure: float
    steal: float
    clock: float


class Executor(Protocol):
    """Every method may be called again after a crash of the caller with the same arguments.

    Every method raises ExecutorUnreachable when a cluster gives no answer in time: it says nothing
    about runs, and the same call comes again later.
    """

    async def submit(self, job: Job) -> str:
        """Start the job, or put it into the executor's queue; the handle that names it there.

        A second call for the same `job.id` starts nothing and answers the same. Raises
        LaunchError when it cannot be started, GitError when its commit cannot be had, ExecutorBusy
        when a queue is full: then nothing of it is there, and the same call comes again later.
        """
        ...

    async def poll(self, handles: Sequence[str]) -> Mapping[str, JobStatus]:
        """How each stands. One that is left out could not be looked at: that says nothing."""
        ...

    async def cancel(self, handle: str, how: Ending = Ending.CANCEL) -> None:
        """Begin to end it; `poll` tells when nothing of it runs any more. No error if it ended."""
        ...

    async def logs(self, handle: str, offset: int = 0) -> bytes:
        """What it has printed from byte `offset` on, both outputs; at most MOST_BYTES."""
        ...

    async def clear(self, job: Job) -> None:
        """After its end: bring what it made into `job.folder`/outputs, take its checkout away.

        Nothing that no commit holds is deleted.
        """
        ...

    async def capacity(self) -> Capacity: ...


def log_of(folder: Path) -> Path:
    """Where an attempt's output lies on this machine; every executor keeps it there."""
    return folder / "log.txt"


def log_part(folder: Path, offset: int) -> bytes:
    """At most MOST_BYTES of it from byte `offset` on; nothing while there is none."""
    try:
        with log_of(folder).open("rb") as file:
            file.seek(offset)
            return file.read(MOST_BYTES)
    except FileNotFoundError:
        return b""


def names(tables: Tables) -> list[str]:
    """Of every executor that runs may name."""
    return sorted({LOCAL, *tables})


def executor(name: str, tables: Tables) -> Executor:
    """`tables` are `[executors]` of the settings. Raises SpecError."""
    if name != LOCAL and name not in tables:
        raise SpecError(f"no executor '{name}'; there are: {', '.join(names(tables))}")
    if name == LOCAL:
        # Not at the top: it needs what is defined here.
        from command_center.drivers.executors.local import LocalExecutor

        return LocalExecutor()
    table = dict(tables[name])
    kind = str(table.pop("kind", ""))
    if kind not in KINDS:
        known = ", ".join(sorted(KINDS))
        raise SpecError(f"config.toml: [executors.{name}]: `kind` is one of: {known}")
    module, _, attribute = KINDS[kind].partition(":")
    made: Executor = getattr(import_module(f"{__name__}.{module}"), attribute)(name, table)
    return made
