"""What is plotted on the Machine screen: some figures over time, a page at a time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from command_center.domain.text import one_line
from command_center.tui.machine_past import mean, total

if TYPE_CHECKING:
    from command_center.domain.machine import GpuLoad, Sample
    from command_center.tui.machine_past import Steps

_GIB = 1 << 30
Values = Sequence[float | None]


class Plot(Struct, frozen=True):
    """One figure, or the same of several GPUs put together."""

    title: str
    names: tuple[str, ...]
    """Of series."""
    colour: str
    unit: str = "%"
    top: float = 0.0
    """The largest value that there can be; 0 where nobody knows."""
    scale: float = 1.0
    """What the series are multiplied by."""
    is_sum: bool = False
    """Whether those of several GPUs are added up; else it is their mean."""

    def values(self, steps: "Steps", room: int) -> Values:
        many = [steps.values(name, room) for name in self.names]
        one = many[0] if len(many) == 1 else (total if self.is_sum else mean)(many)
        return [None if value is None else value * self.scale for value in one]


Page = tuple[Plot, ...]


def pages(sample: "Sample", across: int) -> list[Page]:
    """What can be turned to, where `across` plots stand side by side."""
    host = sample.host
    whole = host.memory_total / _GIB
    always = (
        Plot("CPU", ("cpu",), "green", top=100.0, scale=100.0),
        Plot("memory in use, GiB", ("memory",), "cyan", "", whole, 1 / _GIB),
    )
    groups = [(*always, *(_together(sample.gpus) or _waits(sample))), *map(_each, sample.gpus)]
    return [
        group[start : start + across] for group in groups for start in range(0, len(group), across)
    ]


def _waits(sample: "Sample") -> Page:
    pressure = sample.host.pressure
    told = (
        ("waiting for a CPU", "pressure.cpu", pressure.cpu),
        ("waiting for a disk", "pressure.io", pressure.io),
    )
    return tuple(
        Plot(title, (name,), "yellow", top=100.0, scale=100.0)
        for title, name, value in told
        if value is not None
    )


def _together(gpus: "Sequence[GpuLoad]") -> Page:
    used = tuple(f"gpu.{gpu.id}.use" for gpu in gpus if gpu.use is not None)
    held = [gpu for gpu in gpus if gpu.memory_used is not None]
    memory = tuple(f"gpu.{gpu.id}.memory" for gpu in held)
    whole = sum(gpu.memory_total or 0 for gpu in held) / _GIB
    of = "GPU" if len(gpus) == 1 else f"{len(gpus)} GPUs"
    plots = []
    if used:
        plots.append(Plot(of if len(gpus) == 1 else f"{of}, mean", used, "magenta", top=100.0))
    if memory:
        plot = Plot(f"memory of {of}, GiB", memory, "blue", "", whole, 1 / _GIB, is_sum=True)
        plots.append(plot)
    return tuple(plots)


def _each(gpu: "GpuLoad") -> Page:
    of, key = f"GPU {one_line(gpu.id, 12)}", f"gpu.{gpu.id}"
    whole = (gpu.memory_total or 0) / _GIB
    told = (
        (gpu.use, Plot(of, (f"{key}.use",), "magenta", top=100.0)),
        (
            gpu.memory_used,
            Plot(f"{of} memory, GiB", (f"{key}.memory",), "blue", "", whole, 1 / _GIB),
        ),
        (gpu.watts, Plot(f"{of} power", (f"{key}.watts",), "yellow", "W", gpu.watts_limit or 0.0)),
        (gpu.celsius, Plot(f"{of} temperature", (f"{key}.celsius",), "red", "°")),
    )
    return tuple(plot for value, plot in told if value is not None)
