"""Whose process each one is, and what they take: one look at all of them, whatever they are.

Where the kernel tells by files (proc(5)), a look at 600 processes takes some milliseconds;
elsewhere psutil is asked.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from command_center.domain.machine import TreeLoad
from command_center.domain.text import one_line

PROC = "/proc"
STRANGERS_LOOKS = 10
"""Looks after which processes of nobody's are read again: their numbers may be others' by now."""


class Root(NamedTuple):
    """The process under which everything is an owner's."""

    pid: int
    start: str = ""
    """As `host.start_time` tells it; empty where unknown. One with another start is ignored."""


class _Seen(NamedTuple):
    parent: int
    start: str
    ticks: int
    """CPU time of its own and of its children that it has waited for."""
    memory: int
    """Bytes that are resident."""


class Trees:
    """Who owns which process. Keeps what it has seen: a process that leaves its tree stays its
    owner's, as long as the owner is asked about. For one thread."""

    def __init__(self) -> None:
        self._roots: Mapping[str, Root] = {}
        self._owners: dict[int, tuple[str, str]] = {}
        """By pid: start and owner."""
        self._ticks: dict[str, int] = {}
        self._looked_at = 0.0
        self._strangers: set[str] = set()
        self._looks = 0
        self._has_proc = Path(PROC, "self", "stat").exists()

    def look(self, roots: Mapping[str, Root], now: float) -> tuple[TreeLoad, ...]:
        """What the trees of `roots`, which are by owner, take; `now` is a monotonic clock.

        An owner without a process is left out.
        """
        self._forget_strangers(roots)
        seen = self._look() if self._has_proc else _asked()
        owners = _owners(seen, roots, self._owners)
        if self._has_proc:
            self._strangers |= {str(pid) for pid in seen.keys() - owners.keys()}
        self._owners = {pid: (seen[pid].start, owner) for pid, owner in owners.items()}
        return tuple(self._loads(seen, owners, now))

    def owner(self, pid: int) -> str:
        """As of the last look; empty for one that is nobody's."""
        return self._owners.get(pid, ("", ""))[1]

    def _loads(
        self, seen: Mapping[int, _Seen], owners: Mapping[int, str], now: float
    ) -> Iterator[TreeLoad]:
        counts, ticks, memory = dict[str, int](), dict[str, int](), dict[str, int]()
        for pid, owner in owners.items():
            one = seen[pid]
            counts[owner] = counts.get(owner, 0) + 1
            ticks[owner] = ticks.get(owner, 0) + one.ticks
            memory[owner] = memory.get(owner, 0) + one.memory
        passed = (now - self._looked_at) * os.sysconf("SC_CLK_TCK")
        before, self._ticks, self._looked_at = self._ticks, ticks, now
        for owner, count in counts.items():
            cpu = None
            if owner in before and passed > 0:
                # Less than before: one that ended was waited for by nobody of theirs.
                cpu = round(max(0, ticks[owner] - before[owner]) / passed, 3)
            yield TreeLoad(owner, count, cpu, memory[owner])

    def _forget_strangers(self, roots: Mapping[str, Root]) -> None:
        self._looks += 1
        if roots != self._roots or self._looks % STRANGERS_LOOKS == 0:
            self._strangers = set()
        self._roots = dict(roots)

    def _look(self) -> dict[int, _Seen]:
        """All but known strangers: none of those can have come under a root since."""
        seen: dict[int, _Seen] = {}
        page, strangers = os.sysconf("SC_PAGE_SIZE"), self._strangers
        folder = os.open(PROC, os.O_RDONLY | os.O_DIRECTORY)
        try:
            names = [name for name in os.listdir(folder) if name.isdigit()]  # noqa: PTH208
            self._strangers = strangers.intersection(names)
            for name in names:
                if name not in strangers and (stat := _stat(folder, name)):
                    seen[int(name)] = _Seen(
                        int(stat[1]),
                        stat[19].decode(),
                        int(stat[11]) + int(stat[12]) + int(stat[13]) + int(stat[14]),
                        int(stat[21]) * page,
                    )
        finally:
            os.close(folder)
        return seen


def name_of(pid: int) -> str:
    """Plain text; empty for one that is gone or not shown to us."""
    try:
        return one_line(Path(f"{PROC}/{pid}/comm").read_text("utf-8", "replace").strip(), 60)
    except OSError:
        return ""


def _stat(folder: int, name: str) -> list[bytes]:
    """The fields of its `stat` from the state on; none for one that is gone."""
    try:
        file = os.open(f"{name}/stat", os.O_RDONLY, dir_fd=folder)
    except OSError:
        return []
    try:
        told = os.read(file, 4096)
    except ProcessLookupError:
        return []
    finally:
        os.close(file)
    # The name before it may hold anything, spaces and brackets too.
    return told[told.rfind(b")") + 2 :].split(b" ", 22)


def _owners(
    seen: Mapping[int, _Seen], roots: Mapping[str, Root], before: Mapping[int, tuple[str, str]]
) -> dict[int, str]:
    """By pid, for those that have one: the nearest root above it, or its last owner."""
    found: dict[int, str] = {}
    for owner, root in roots.items():
        if (one := seen.get(root.pid)) and root.start in ("", one.start):
            found[root.pid] = owner
    for pid, (start, owner) in before.items():
        if pid not in found and owner in roots and pid in seen and seen[pid].start == start:
            found[pid] = owner
    nobody = {0}
    for pid in seen:
        path: list[int] = []
        above = pid
        while above not in found and above not in nobody and above in seen:
            path.append(above)
            # Two numbers that changed hands during the look can make a circle.
            above = seen[above].parent if seen[above].parent not in path else 0
        if (owner := found.get(above, "")) and path:
            found.update(dict.fromkeys(path, owner))
        else:
            nobody.update(path)
    return found


def _asked() -> dict[int, _Seen]:
    # Imported here: 20 ms that only a kernel without such files costs.
    import psutil

    ticks, seen = os.sysconf("SC_CLK_TCK"), dict[int, _Seen]()
    for process in psutil.process_iter(["ppid", "create_time", "cpu_times", "memory_info"]):
        told = process.info
        times, memory = told["cpu_times"], told["memory_info"]
        if times is not None and memory is not None:
            spent = int((times.user + times.system) * ticks)
            seen[process.pid] = _Seen(told["ppid"] or 0, "", spent, memory.rss)
    return seen
