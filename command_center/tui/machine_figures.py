"""Loads of the machine in few columns: sizes, percents, bars; free of control characters."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.style import Style

from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.figures import Part, bytes_text, meter, meter_style

if TYPE_CHECKING:
    from command_center.domain.machine import GpuLoad, Sample

Parts = tuple[Part, ...]

BUSY = Style(color="green")
"""For what is there to be used: a whole CPU or GPU at work is no warning."""
GPU = Style(color="magenta")
STALE_S = 5.0
"""A sample that is older tells of the past."""
_LISTED = 2
"""GPUs that the top line names one by one."""


def cpu(cpus: float | None) -> str:
    """Of one CPU; empty where it is not known yet."""
    return "" if cpus is None else f"{cpus:.0%}"


def bar(share: float, top: float = 1.0) -> str:
    """One sign as high as its share."""
    steps = len(theme.SPARKS)
    at = int(share / top * steps) if top else 0
    return theme.SPARKS[min(max(at, 0), steps - 1)]


def bars(values: Sequence[float | None], top: float) -> str:
    """One for each value; blank where nothing was measured."""
    return "".join(" " if value is None else bar(value, top) for value in values)


def gauge(share: float, columns: int, style: Style | None = None) -> Parts:
    """A meter and its percentage in `columns` + 5; without a style it warns when nearly full."""
    full, empty = meter(min(1.0, max(0.0, share)), columns)
    shown = meter_style(share) if style is None else style
    return (full, shown), (empty, theme.RULE), (f"{min(share, 9.99):5.0%}", shown)


def width_of(parts: Sequence[Part]) -> int:
    return sum(cell_len(text) for text, _ in parts)


def gpu_name(name: str) -> str:
    """Without the maker, whom its driver names already."""
    short = one_line(name, 40)
    for maker in ("NVIDIA ", "AMD ", "Apple "):
        short = short.removeprefix(maker)
    return short


def strip_words(sample: "Sample", now: float) -> str:
    """The whole machine in a few words for the top line; empty where nothing is measured now."""
    if now - sample.at > STALE_S:
        return ""
    host = sample.host
    used = host.memory_total - host.memory_available
    return f"cpu {host.cpu:.0%} mem {bytes_text(used)}{_gpu_words(sample.gpus)}"


def _gpu_words(gpus: Sequence["GpuLoad"]) -> str:
    told = [(gpu.id, gpu.use) for gpu in gpus if gpu.use is not None]
    if not told:
        return ""
    if len(told) <= _LISTED:
        return " gpu " + " ".join(f"{one_line(name, 12)}:{use:.0f}%" for name, use in told)
    return f" {len(told)} gpus {sum(use for _, use in told) / len(told):.0f}%"
