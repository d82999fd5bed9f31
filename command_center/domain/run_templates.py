"""Templates of runs: what is the same in all runs of a kind, as data."""

import re
import shlex
from typing import Annotated

from msgspec import Meta, Struct

from command_center.domain.runs import Demand, Ration, RunOrder
from command_center.domain.sweeps import Value, axis_of, seeds_of

PYTHON = "${python}"
"""In a command: the interpreter of the program itself, or `python3` on another machine."""
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_TIME = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")


class RunTemplate(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`[run-templates.NAME]`; what is left out is as in a run without a template."""

    about: str = ""
    """When to take it, in a few words."""
    command: str = ""
    """Its words quoted as for a shell; none runs it."""
    training: str = ""
    """Bundled training task whose judge is laid over the folder; see docs/training.md."""
    folder: str = ""
    """Where it starts, relative to the repository; empty: the folder where it is asked for."""
    files: tuple[str, ...] = ()
    """Of the checkout, relative to the repository: what no commit holds and the run needs."""
    metric: str = ""
    higher_is_better: bool = False
    seeds: str = ""
    """Such as `0..3`."""
    grid: dict[str, tuple[Value, ...]] = {}
    """Every combination of these values."""
    cpus: Annotated[int, Meta(ge=1, le=4096)] = 1
    gpus: Annotated[int, Meta(ge=0, le=64)] = 0
    gpu_memory: Annotated[float, Meta(ge=0)] = 0.0
    """GiB on each GPU, where it may share one."""
    memory: Annotated[float, Meta(ge=0)] = 0.0
    """GiB that it may use itself."""
    wall: str = ""
    """Such as `36s`, `10m` or `1.5h`; as the next two."""
    cpu_time: str = ""
    gpu_time: str = ""
    steps: Annotated[int, Meta(ge=0)] = 0
    env: dict[str, str] = {}
    retries: Annotated[int, Meta(ge=0, le=10)] = 0
    priority: int = 0
    executor: str = ""
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError, which decoding reports with the place."""
        shlex.split(self.command)
        for limit in (self.wall, self.cpu_time, self.gpu_time):
            seconds_of(limit or "0")
        if self.seeds:
            seeds_of(self.seeds)
        for axis in self.axes:
            axis_of(axis)

    @property
    def axes(self) -> list[str]:
        """As `--grid` takes them."""
        return [f"{name}={','.join(map(_said, values))}" for name, values in self.grid.items()]

    def order(self, name: str) -> RunOrder:
        """What one run of the template called `name` is, before seeds and grid."""
        return RunOrder(
            command=tuple(shlex.split(self.command)),
            folder=self.folder,
            name=name,
            env=self.env,
            demand=Demand(self.cpus, self.gpus, self.gpu_memory, self.memory),
            ration=Ration(
                seconds_of(self.wall or "0"),
                seconds_of(self.cpu_time or "0"),
                seconds_of(self.gpu_time or "0"),
                self.steps,
            ),
            metric=self.metric,
            is_higher_better=self.higher_is_better,
            retries=self.retries,
            priority=self.priority,
            executor=self.executor,
            tags=self.tags,
            template=name,
            training=self.training,
            files=self.files,
        )


def seconds_of(text: str) -> float:
    """Of `90`, `36s`, `10m`, `1.5h` or `2d`. Raises ValueError."""
    if (found := _TIME.fullmatch(text.strip())) is None:
        raise ValueError(f"'{text}' is no time; write 36s, 10m or 1.5h")
    return float(found[1]) * _UNITS[found[2]]


def shown_seconds(seconds: float) -> str:
    """As `seconds_of` reads it; empty for no limit."""
    for unit, size in (("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s" if seconds else ""


def _said(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
