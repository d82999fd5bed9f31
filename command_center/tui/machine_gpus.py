"""The lines about GPUs: what each does, and for whom. Pure."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from command_center.domain.model import Fleet
from command_center.domain.run_words import title
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.cells import Part, fitted
from command_center.tui.figures import bytes_text
from command_center.tui.machine_figures import (
    GPU,
    Parts,
    bars,
    gauge,
    gpu_name,
    width_of,
)

if TYPE_CHECKING:
    from command_center.domain.machine import GpuLoad, Process
    from command_center.tui.machine_past import Steps

_PROCESSES = 6
"""At most so many of each GPU."""
_HOT, _WARM = 85.0, 75.0
"""Degrees from which most of them slow down, or soon will."""
_TREND_LEAST = 12
_UNTRIED = frozenset({"amd", "apple"})
"""Drivers that were written after their makers' papers."""


class _Column(Struct, frozen=True):
    head: str
    width: int
    draw: "Callable[[GpuLoad], Parts]"
    """No wider than that; nothing where it is not told."""
    is_right: bool = False


def driver_words(gpus: "Sequence[GpuLoad]") -> str:
    """Who tells of them, and whether that was ever tried."""
    drivers = sorted({gpu.driver for gpu in gpus})
    return ", ".join(f"{one} (on no real one yet)" if one in _UNTRIED else one for one in drivers)


def owner_words(fleet: Fleet, owner: str) -> str:
    """An agent's name, or a run's id and title; empty for neither."""
    if (agent := fleet.agents.get(owner)) is not None:
        return one_line(agent.name, 40)
    if (run := fleet.runs.get(owner)) is not None:
        return f"{run.id} {title(run)}"
    return one_line(owner, 40)


def gpu_lines(gpus: "Sequence[GpuLoad]", fleet: Fleet, steps: "Steps", width: int) -> list[Parts]:
    """A head line, one for each GPU, and below it one for each process on it."""
    columns = _fitting(gpus, width)
    wide = sum(column.width + 2 for column in columns)
    trend = width - wide - 2
    heads = [f"{c.head:>{c.width}}" if c.is_right else fitted(c.head, c.width) for c in columns]
    past = "  USE OVER TIME" if trend >= _TREND_LEAST else ""
    lines: list[Parts] = [((f" {'  '.join(heads)}{past}", theme.QUIET),)]
    for gpu in gpus:
        line = [(" ", theme.PLAIN), *_cells(gpu, columns)]
        if past:
            values = steps.values(f"gpu.{gpu.id}.use", trend)
            line += [("  ", theme.PLAIN), (bars(values, 100.0), GPU)]
        lines.append(tuple(line))
        lines += _users(gpu, fleet, width)
    return lines


def _cells(gpu: "GpuLoad", columns: Sequence[_Column]) -> Iterator[Part]:
    for number, column in enumerate(columns):
        if number:
            yield "  ", theme.PLAIN
        parts = column.draw(gpu)
        pad = (" " * (column.width - width_of(parts)), theme.PLAIN)
        yield from (pad, *parts) if column.is_right else (*parts, pad)


def _fitting(gpus: "Sequence[GpuLoad]", width: int) -> list[_Column]:
    """Those that any GPU tells something of, as many as fit; the first are dearest."""
    names = max((len(gpu_name(gpu.name)) for gpu in gpus), default=0)
    meter = 6 if width < 110 else 10
    shown: list[_Column] = []
    room = width - 1
    for rank, column in enumerate(_columns(max(4, min(names, 24)), meter)):
        is_told = rank == 0 or any(width_of(column.draw(gpu)) for gpu in gpus)
        if is_told and column.width + 2 <= room:
            shown.append(column)
            room -= column.width + 2
    order = (
        "GPU",
        "NAME",
        "USE",
        "MEMORY",
        "MEM USE",
        "POWER",
        "TEMP",
        "CLOCK",
        "MEM CLOCK",
        "FAN",
        "HELD BACK BY",
    )
    return sorted(shown, key=lambda column: order.index(column.head))


def _columns(name: int, meter: int) -> list[_Column]:
    return [
        _Column("GPU", 3, lambda gpu: ((one_line(gpu.id, 3), theme.STRONG),)),
        _Column("USE", meter + 5, lambda gpu: _percent(gpu.use, meter)),
        _Column("MEMORY", meter + 5 + 11, lambda gpu: _memory(gpu, meter)),
        _Column("TEMP", 4, _celsius, is_right=True),
        _Column("POWER", 8, _watts, is_right=True),
        _Column("HELD BACK BY", 12, _throttle),
        _Column("NAME", name, lambda gpu: ((fitted(gpu_name(gpu.name), name), theme.PLAIN),)),
        _Column("CLOCK", 13, _clocks, is_right=True),
        _Column("FAN", 4, lambda gpu: _figure(gpu.fan, "%"), is_right=True),
        _Column("MEM CLOCK", 9, lambda gpu: _figure(gpu.memory_clock, "MHz"), is_right=True),
        _Column("MEM USE", 7, lambda gpu: _figure(gpu.memory_use, "%"), is_right=True),
    ]


def _percent(percent: float | None, meter: int) -> Parts:
    return () if percent is None else gauge(percent / 100, meter, GPU)


def _memory(gpu: "GpuLoad", meter: int) -> Parts:
    if gpu.memory_used is None:
        return ()
    if not gpu.memory_total:
        return ((bytes_text(gpu.memory_used), theme.PLAIN),)
    shown = gauge(gpu.memory_used / gpu.memory_total, meter)
    whole = f"{gpu.memory_total / (1 << 30):.0f}G"
    return *shown, (f"{bytes_text(gpu.memory_used):>6}/{whole}"[:11], theme.QUIET)


def _watts(gpu: "GpuLoad") -> Parts:
    if gpu.watts is None:
        return ()
    limit = f"/{gpu.watts_limit:.0f}" if gpu.watts_limit else ""
    return ((f"{gpu.watts:.0f}{limit}W", theme.PLAIN),)


def _celsius(gpu: "GpuLoad") -> Parts:
    if gpu.celsius is None:
        return ()
    hot = theme.UNSEEN if gpu.celsius >= _WARM else theme.PLAIN
    return ((f"{gpu.celsius:.0f}°C", theme.PROBLEM if gpu.celsius >= _HOT else hot),)


def _clocks(gpu: "GpuLoad") -> Parts:
    if gpu.clock is None:
        return ()
    of = f"/{gpu.clock_most}" if gpu.clock_most else ""
    return ((f"{gpu.clock}{of}MHz"[:13], theme.PLAIN),)


def _throttle(gpu: "GpuLoad") -> Parts:
    style = theme.PROBLEM if gpu.is_hot else theme.UNSEEN
    return ((fitted(one_line(", ".join(gpu.throttle), 80), 12), style),) if gpu.throttle else ()


def _figure(value: float | None, unit: str) -> Parts:
    return () if value is None else ((f"{value:.0f}{unit}", theme.PLAIN),)


def _users(gpu: "GpuLoad", fleet: Fleet, width: int) -> Iterator[Parts]:
    """The processes, the largest first, then the runs with a lease that none of them is of."""
    most = sorted(gpu.processes, key=lambda each: -(each.memory or 0))
    for process in most[:_PROCESSES]:
        yield _user(process, fleet, width)
    if most[_PROCESSES:]:
        yield ((f"     and {len(most) - _PROCESSES} more", theme.QUIET),)
    seen = {process.owner for process in gpu.processes}
    for run in gpu.runs:
        if run not in seen:
            words = fitted(f"     {owner_words(fleet, run)}", width - 40).rstrip()
            yield (words, theme.KEY), ("  has it and does not use it yet", theme.QUIET)


def _user(process: "Process", fleet: Fleet, width: int) -> Parts:
    memory = bytes_text(process.memory) if process.memory is not None else ""
    ours = owner_words(fleet, process.owner) if process.owner else ""
    name = fitted(one_line(process.name, 200) or "?", 18).rstrip()
    who = fitted(ours or "not ours", max(8, width - 5 - 44)).rstrip()
    return (
        (f"     {memory:>6}  ", theme.PLAIN),
        (who, theme.KEY if ours else theme.QUIET),
        (f"  {name} {process.pid}", theme.QUIET),
    )
