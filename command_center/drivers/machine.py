"""What this machine does as a whole: CPUs, memory, disks, load and pressure."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from command_center.domain.machine import Disk, HostLoad, Pressure
from command_center.drivers.memory import memory

PROC = Path("/proc")


class Host:
    """Shares are of the time since the last look; since the start of the machine at first."""

    def __init__(self, folders: Iterable[Path]) -> None:
        """`folders` are what disks are told for; they need not exist yet."""
        self._folders = tuple(folders)
        self._cpus: list[_Ticks] = []
        self._waited: dict[str, int] = {}
        self._looked_at = 0.0
        self._has_proc = (PROC / "stat").exists()

    def look(self, now: float) -> HostLoad:
        """`now` is a monotonic clock. Raises OSError."""
        ticks = list(_ticks() if self._has_proc else _asked_ticks())
        before = self._cpus if len(self._cpus) == len(ticks) else [(0, 0, 0)] * len(ticks)
        shares = [_busy(new, old) for new, old in zip(ticks, before, strict=True)]
        steal = _share(ticks[0][2] - before[0][2], ticks[0][1] - before[0][1])
        have = memory()
        waited = dict(_waited())
        passed = (now - self._looked_at) * 1e6 if self._looked_at else 0.0
        pressure = {
            name: round(_share(since - self._waited.get(name, since), passed), 4)
            for name, since in waited.items()
        }
        self._cpus, self._waited, self._looked_at = ticks, waited, now
        return HostLoad(
            cpu=shares[0],
            cpus=tuple(shares[1:]),
            memory_total=have.total,
            memory_available=have.available,
            swap_total=have.swap,
            swap_used=have.swap - have.swap_free,
            load=os.getloadavg(),
            pressure=Pressure(**pressure),
            steal=round(steal, 4) if self._has_proc else None,
            disks=tuple(_disks(self._folders)),
        )


_Ticks = tuple[int, int, int]
"""Of one CPU: busy, all, and stolen by a hypervisor."""


def _ticks() -> Iterator[_Ticks]:
    """Of all CPUs together, then of each (proc_stat(5))."""
    for line in _text(PROC / "stat").splitlines():
        if not line.startswith("cpu"):
            return
        # Time of guests is counted as their hosts' user time already.
        fields = [int(field) for field in line.split()[1:9]]
        steal = fields[7] if len(fields) > 7 else 0
        yield sum(fields) - fields[3] - fields[4] - steal, sum(fields), steal


def _asked_ticks() -> Iterator[_Ticks]:
    # Imported here: 20 ms that only a kernel without such files costs.
    import psutil

    for times in (psutil.cpu_times(), *psutil.cpu_times(percpu=True)):
        spent = [int(each * 1000) for each in times]
        idle = int(times.idle * 1000)
        yield sum(spent) - idle, sum(spent), 0


def _busy(new: _Ticks, old: _Ticks) -> float:
    return round(_share(new[0] - old[0], new[1] - old[1]), 4)


def _share(part: float, whole: float) -> float:
    """Between 0 and 1: counters may go back a little."""
    return min(1.0, max(0.0, part / whole)) if whole > 0 else 0.0


def _waited() -> Iterator[tuple[str, int]]:
    """Microseconds in which some task waited, as far as the kernel counts them."""
    for name in ("cpu", "memory", "io"):
        try:
            told = _text(PROC / "pressure" / name)
        except OSError:
            # Built without it, or switched off: then reading fails, though the file is there.
            continue
        if some := told.partition("total=")[2].partition("\n")[0]:
            yield name, int(some)


def _disks(folders: Iterable[Path]) -> Iterator[Disk]:
    """Each file system once."""
    seen = set[int]()
    for folder in folders:
        place = next((each for each in (folder, *folder.parents) if each.exists()), Path("/"))
        if (device := place.stat().st_dev) not in seen:
            seen.add(device)
            told = os.statvfs(place)
            yield Disk(str(folder), told.f_bavail * told.f_frsize, told.f_blocks * told.f_frsize)


def _text(file: Path) -> str:
    return file.read_text("ascii", "replace")
