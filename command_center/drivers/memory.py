"""The memory of this machine, or of the container that we are in, where that has less."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
GROUPS = Path("/sys/fs/cgroup")
_LIMITS = (
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    (
        "memory/memory.limit_in_bytes",
        "memory/memory.usage_in_bytes",
        "memory/memory.stat",
        "total_inactive_file",
    ),
)
"""Of control groups, versions 2 and 1, as a container sees its own: limit, use, and what of the
use is files that can be read again."""


class Memory(NamedTuple):
    """In bytes."""

    total: int
    available: int
    """What new processes can have without swapping."""
    swap: int
    swap_free: int


def memory() -> Memory:
    whole = _told() if (PROC / "meminfo").exists() else _asked()
    for limit, used in _limits():
        if limit < whole.total:
            room = max(0, limit - used)
            whole = whole._replace(total=limit, available=min(whole.available, room))
    return whole


def _told() -> Memory:
    lines = (line.split() for line in _text(PROC / "meminfo").splitlines())
    told = {words[0]: int(words[1]) * 1024 for words in lines}
    available = told.get("MemAvailable:", told.get("MemFree:", 0))
    swap, swap_free = told.get("SwapTotal:", 0), told.get("SwapFree:", 0)
    return Memory(told["MemTotal:"], available, swap, swap_free)


def _asked() -> Memory:
    # Imported here: 20 ms that only a kernel without such files costs.
    import psutil

    whole, swap = psutil.virtual_memory(), psutil.swap_memory()
    return Memory(whole.total, whole.available, swap.total, swap.free)


def _limits() -> Iterator[tuple[int, int]]:
    """Bytes that may be used and that are, files that can be read again left out."""
    for limit, used, stat, inactive in _LIMITS:
        try:
            most, now = _text(GROUPS / limit).strip(), int(_text(GROUPS / used))
            told = dict(line.split() for line in _text(GROUPS / stat).splitlines())
        except OSError:
            continue
        # "max" is none.
        if most.isdigit():
            yield int(most), now - int(told.get(inactive, "0"))


def _text(file: Path) -> str:
    return file.read_text("ascii", "replace")
