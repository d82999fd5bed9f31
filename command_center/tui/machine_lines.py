"""The lines of the Machine screen about CPUs, memory and disks: pure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.cells import fitted
from command_center.tui.figures import Part, bytes_text, meter, meter_style
from command_center.tui.machine_figures import (
    BUSY,
    Parts,
    bar,
    bars,
    gauge,
    width_of,
)

if TYPE_CHECKING:
    from command_center.domain.machine import HostLoad
    from command_center.tui.machine_past import Steps

_TITLE = 8
_LEAST_METER, _MOST_METER = 8, 40
_CORE_WIDE, _CORE_SMALL = 20, 9
"""Columns of a CPU with a meter of its own, and of one with a single bar."""
CPU_STYLE, MEMORY_STYLE = BUSY, theme.KEY


def cpu_lines(host: "HostLoad", steps: "Steps", width: int, rows: int) -> list[Parts]:
    """All CPUs together with their past, then each in at most `rows` lines, then who waits."""
    metered = _meter_room(width)
    head = [(fitted(" cpu", _TITLE), theme.STRONG), *gauge(host.cpu, metered, CPU_STYLE)]
    room = width - width_of(head) - 3
    past = bars(steps.values("cpu", room), 1.0) if room >= 8 else ""
    return [
        (*head, ("  ", theme.PLAIN), (past, CPU_STYLE)),
        *core_lines(host.cpus, width, rows),
        wait_parts(host),
    ]


def core_lines(cpus: Sequence[float], width: int, rows: int) -> list[Parts]:
    """Each CPU: with a meter where they fit into `rows` lines, else as a bar."""
    digits = len(str(max(0, len(cpus) - 1)))
    for least, draw in ((_CORE_WIDE, _metered_core), (_CORE_SMALL + digits, _small_core)):
        down = -(-len(cpus) // max(1, (width - 1) // least))
        if down <= rows:
            across = -(-len(cpus) // max(1, down))
            cell = min(2 * least, (width - 1) // max(1, across))
            cells = [draw(number, share, cell, digits) for number, share in enumerate(cpus)]
            # From top to bottom, as they are numbered.
            return [_row(cells[line::down]) for line in range(down)]
    return _bare_cores(cpus, width)


def _row(cells: Sequence[Parts]) -> Parts:
    return (" ", theme.PLAIN), *(part for cell in cells for part in cell)


def _metered_core(number: int, share: float, cell: int, digits: int) -> Parts:
    full, empty = meter(share, cell - digits - 1 - 5 - 2)
    return (
        (f"{number:>{digits}} ", theme.QUIET),
        (full, CPU_STYLE),
        (empty, theme.RULE),
        (f"{share:5.0%}  ", CPU_STYLE if share >= 0.005 else theme.QUIET),
    )


def _small_core(number: int, share: float, cell: int, digits: int) -> Parts:
    text = f"{bar(share)}{share:4.0%}"
    return (
        (f"{number:>{digits}} ", theme.QUIET),
        (f"{text:<{cell - digits - 1}}", CPU_STYLE if share >= 0.005 else theme.QUIET),
    )


def _bare_cores(cpus: Sequence[float], width: int) -> list[Parts]:
    title, room = fitted(" each", _TITLE), max(1, width - _TITLE - 1)
    lines: list[Parts] = []
    for start in range(0, len(cpus), room):
        said = title if not start else " " * _TITLE
        some = "".join(map(bar, cpus[start : start + room]))
        lines.append(((said, theme.QUIET), (some, CPU_STYLE)))
    return lines


def wait_parts(host: "HostLoad") -> Parts:
    """Load, who waits for what, and what a hypervisor took; what is not told is left out."""
    said: list[Part] = [(fitted(" load", _TITLE), theme.STRONG)]
    if host.load is not None:
        said.append((" ".join(f"{each:.1f}" for each in host.load), theme.PLAIN))
    pressure = host.pressure
    waits = (("cpu", pressure.cpu), ("memory", pressure.memory), ("disk", pressure.io))
    told = [f"{name} {share:.0%}" for name, share in waits if share is not None]
    if told:
        said.append(("  waits for ", theme.QUIET))
        worst = max(share for _, share in waits if share is not None)
        said.append((" ".join(told), theme.UNSEEN if worst >= 0.1 else theme.PLAIN))
    if host.steal is not None and host.steal >= 0.005:
        said += [("  stolen ", theme.QUIET), (f"{host.steal:.0%}", theme.UNSEEN)]
    return tuple(said)


def memory_lines(host: "HostLoad", steps: "Steps", width: int) -> list[Parts]:
    """Memory with its past, swap, and each disk."""
    used = host.memory_total - host.memory_available
    lines = [_amount("memory", used, host.memory_total, width, host.memory_available)]
    room = width - _TITLE - 2
    past = bars(steps.values("memory", room), float(host.memory_total or 1))
    if past.strip():
        lines.append(((" " * _TITLE, theme.PLAIN), (past, MEMORY_STYLE)))
    if host.swap_total:
        lines.append(_amount("swap", host.swap_used, host.swap_total, width))
    return [*lines, *disk_lines(host, width)]


def disk_lines(host: "HostLoad", width: int) -> list[Parts]:
    return [
        _amount(
            "disk",
            disk.total - disk.free,
            disk.total,
            width,
            disk.free,
            place,
        )
        for disk in host.disks
        if (place := one_line(disk.place, 200))
    ]


def _amount(
    title: str, used: float, whole: float, width: int, free: int | None = None, place: str = ""
) -> Parts:
    share = used / whole if whole else 0.0
    shown = gauge(share, _meter_room(width))
    words = f"  {bytes_text(used)} of {bytes_text(whole)}"
    left = width - _TITLE - width_of(shown) - len(words)
    rest = "" if free is None else f"{bytes_text(free)} free"
    if rest and left > len(rest) + 3:
        words += f" · {rest}"
        left -= len(rest) + 3
    if place and left > 12:
        words += "  " + fitted(place, left - 3).rstrip()
    return (
        (fitted(f" {title}", _TITLE), theme.STRONG),
        *shown,
        (words, meter_style(share) if share >= 0.9 else theme.PLAIN),
    )


def _meter_room(width: int) -> int:
    return max(_LEAST_METER, min(_MOST_METER, width // 4))


def narrow_lines(host: "HostLoad", steps: "Steps", width: int) -> list[Parts]:
    """All of it in as few lines as can be."""
    cpu, *rest = cpu_lines(host, steps, width, rows=2)
    memory = _amount("memory", host.memory_total - host.memory_available, host.memory_total, width)
    if host.swap_total:
        memory = (*memory, (f"  swap {bytes_text(host.swap_used)}", theme.QUIET))
    fullest = replace(host, disks=sorted(host.disks, key=lambda disk: disk.free)[:1])
    return [cpu, *rest[:-1], memory, *disk_lines(fullest, width), rest[-1]]
