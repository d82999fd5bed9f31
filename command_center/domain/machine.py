"""What this machine does, and for whom: one sample a second, never an event.

None means that the machine, its driver or its kernel does not tell; 0 is a figure like any other.
"""

from collections.abc import Iterator

from msgspec import Struct

GIB = 1 << 30


class Process(Struct, frozen=True, omit_defaults=True):
    """One that uses a GPU."""

    pid: int
    name: str = ""
    """Plain text; empty where the kernel does not show it to us."""
    memory: int | None = None
    """Bytes on that GPU."""
    owner: str = ""
    """Id of the agent or run in whose process tree it is; empty: none of ours."""


class GpuLoad(Struct, frozen=True, omit_defaults=True):
    """One GPU."""

    id: str
    """As CUDA_VISIBLE_DEVICES takes it, and as leases name it."""
    name: str = ""
    driver: str = ""
    """`nvidia`, `amd`, `apple` or `simulated`."""
    use: float | None = None
    """Percent of the last moments in which it computed anything at all."""
    memory_used: int | None = None
    """Bytes."""
    memory_total: int | None = None
    memory_use: float | None = None
    """Percent of the last moments in which its memory was read or written."""
    watts: float | None = None
    watts_limit: float | None = None
    celsius: float | None = None
    fan: float | None = None
    """Percent of its greatest speed."""
    clock: int | None = None
    """MHz of its cores."""
    clock_most: int | None = None
    memory_clock: int | None = None
    throttle: tuple[str, ...] = ()
    """Why its clock is held down now, in words; idleness is no reason."""
    is_hot: bool = False
    """Whether heat is one of them."""
    processes: tuple[Process, ...] = ()
    runs: tuple[str, ...] = ()
    """Ids of the runs that hold a lease on it."""
    uuid: str = ""
    """By which settings may name it instead."""


class Pressure(Struct, frozen=True, omit_defaults=True):
    """Shares of the time since the last sample in which some task waited (PSI `some`), 0 to 1."""

    cpu: float | None = None
    memory: float | None = None
    io: float | None = None


class Disk(Struct, frozen=True):
    """A file system that we write to."""

    place: str
    """Where the worktrees or the runs lie."""
    free: int
    """Bytes that an ordinary user can still fill."""
    total: int


class HostLoad(Struct, frozen=True, omit_defaults=True):
    """Everything but the GPUs."""

    cpu: float
    """Share of all CPUs that was busy since the last sample, 0 to 1."""
    cpus: tuple[float, ...]
    """The same for each."""
    memory_total: int
    """Bytes."""
    memory_available: int
    """What new processes can have without swapping."""
    swap_total: int = 0
    swap_used: int = 0
    load: tuple[float, float, float] | None = None
    """Tasks that ran or wanted to over 1, 5 and 15 minutes."""
    pressure: Pressure = Pressure()
    steal: float | None = None
    """Share of CPU time that a hypervisor gave to others, 0 to 1."""
    disks: tuple[Disk, ...] = ()


class TreeLoad(Struct, frozen=True, omit_defaults=True):
    """What an agent or a run takes: the processes below it, and those that left its tree."""

    owner: str
    """Id of the agent or run."""
    processes: int
    cpu: float | None
    """CPUs that were busy for it since the last sample: 2.0 is two whole ones; None at first."""
    memory: int
    """Bytes that are resident; what its processes share is counted for each of them."""


class StandingAlarm(Struct, frozen=True):
    id: str
    """Of the rule and what it is about, such as `idle-gpu gpu.0`."""
    text: str
    since: float
    """Unix seconds at which the condition began to hold."""


class Sample(Struct, frozen=True):
    """The machine as of `at`."""

    at: float
    """Unix seconds."""
    host: HostLoad
    gpus: tuple[GpuLoad, ...] = ()
    trees: tuple[TreeLoad, ...] = ()
    """Of this machine's agents and runs that have a process, in no order."""
    alarms: tuple[StandingAlarm, ...] = ()
    absent: tuple[str, ...] = ()
    """What cannot be told here, each in a sentence to be said once."""
    is_simulated: bool = False
    """Whether the GPUs are made up, from a file of data."""

    def tree(self, owner: str) -> TreeLoad | None:
        return next((tree for tree in self.trees if tree.owner == owner), None)


class Point(Struct, frozen=True, array_like=True):
    """One value of a history."""

    at: float
    """Unix seconds; the end of the time that `value` is about."""
    value: float
    """The mean over a step, where the history is coarser than a second."""


def figures(sample: Sample) -> dict[str, float]:
    """What histories keep and alarms look at, by name; what is not told is left out.

    `cpu`, `memory` (bytes in use), `memory.available`, `swap`, `load`, `steal`, `pressure.cpu`,
    `.memory`, `.io`, `disk.free` (the least); for each GPU `gpu.ID.use`, `.memory`, `.memory_use`,
    `.watts`, `.celsius`, `.clock` and `.hot` (1 while heat holds its clock down).
    """
    told = dict(_host_figures(sample.host))
    for gpu in sample.gpus:
        told.update((f"gpu.{gpu.id}.{name}", value) for name, value in _gpu_figures(gpu))
    return told


def tree_figures(sample: Sample) -> dict[str, float]:
    """`tree.OWNER.cpu` and `tree.OWNER.memory`."""
    told: dict[str, float] = {}
    for tree in sample.trees:
        told[f"tree.{tree.owner}.memory"] = tree.memory
        if tree.cpu is not None:
            told[f"tree.{tree.owner}.cpu"] = tree.cpu
    return told


def gpu_use(sample: Sample, run: str) -> dict[str, float]:
    """What a run makes of the GPUs of its lease: `gpu_percent`, their mean use, where it has them
    for itself, and `gpu_gib`, what its processes have of their memory; what is not told is left
    out."""
    told: dict[str, float] = {}
    held = [gpu for gpu in sample.gpus if run in gpu.runs]
    uses = [gpu.use for gpu in held if gpu.use is not None and gpu.runs == (run,)]
    own = [one.memory for gpu in held for one in gpu.processes if one.owner == run]
    memory = [size for size in own if size is not None]
    if held and len(uses) == len(held):
        told["gpu_percent"] = sum(uses) / len(uses)
    if memory:
        told["gpu_gib"] = sum(memory) / GIB
    return told


def _host_figures(host: HostLoad) -> Iterator[tuple[str, float]]:
    pressure = host.pressure
    named: tuple[tuple[str, float | None], ...] = (
        ("cpu", host.cpu),
        ("memory", host.memory_total - host.memory_available),
        ("memory.available", host.memory_available),
        ("swap", host.swap_used),
        ("load", host.load[0] if host.load else None),
        ("steal", host.steal),
        ("pressure.cpu", pressure.cpu),
        ("pressure.memory", pressure.memory),
        ("pressure.io", pressure.io),
        ("disk.free", min((disk.free for disk in host.disks), default=None)),
    )
    return ((name, value) for name, value in named if value is not None)


def _gpu_figures(gpu: GpuLoad) -> Iterator[tuple[str, float]]:
    named: tuple[tuple[str, float | None], ...] = (
        ("use", gpu.use),
        ("memory", gpu.memory_used),
        ("memory_use", gpu.memory_use),
        ("watts", gpu.watts),
        ("celsius", gpu.celsius),
        ("clock", gpu.clock),
        ("hot", float(gpu.is_hot)),
    )
    return ((name, value) for name, value in named if value is not None)
