"""What the kernel tells of processes and of the machine; nothing where it has no such file."""

from __future__ import annotations

import contextlib
import os
import resource

PAGE = resource.getpagesize()
TICKS = os.sysconf("SC_CLK_TCK")
GROUPS = "/sys/fs/cgroup"


def descendants() -> list[int]:
    """Every process below this one, their own children included."""
    found: list[int] = []
    todo = [os.getpid()]
    while todo:
        for pid in children(todo.pop()):
            found.append(pid)
            todo.append(pid)
    return found


def children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return found
    for thread in threads:
        found += map(int, text(f"/proc/{pid}/task/{thread}/children").split())
    return found


def stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on (proc(5)); none for one that is gone."""
    return text(f"/proc/{pid}/stat").rpartition(")")[2].split()


def cpu(stats: list[list[str]]) -> float:
    """CPU seconds of those that live and of all that have ended, those below them included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    live = sum(int(field) for stat in stats for field in stat[11:15])
    return used.ru_utime + used.ru_stime + live / TICKS


def own_share(pid: int) -> int:
    """Bytes of memory, pages that are shared by n processes counted as one nth."""
    for line in text(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def machine() -> dict[str, int]:
    """Counters of the whole machine; 0 for those that it does not have."""
    cpu = [int(field) for field in text("/proc/stat").partition("\n")[0].split()[1:9]]
    ooms = [line for line in text("/proc/vmstat").splitlines() if line.startswith("oom_kill ")]
    some = text("/proc/pressure/cpu").partition("total=")[2].partition("\n")[0]
    return {
        "ticks": sum(cpu),
        "steal": cpu[7] if len(cpu) > 7 else 0,
        "pressure": int(some or 0),
        "oom": int(ooms[0].split()[1]) if ooms else 0,
    }


def clock() -> float | None:
    """Mean clock of all CPUs as a share of their highest; None where nobody tells."""
    shares = []
    for number in range(os.cpu_count() or 1):
        place = f"/sys/devices/system/cpu/cpu{number}/cpufreq"
        now, most = text(f"{place}/scaling_cur_freq"), text(f"{place}/cpuinfo_max_freq")
        if now and most:
            shares.append(min(1.0, int(now) / int(most)))
    return sum(shares) / len(shares) if shares else None


def own_cgroup(name: str, memory_bytes: int) -> str:
    """A new control group beside ours, where a delegated version 2 hierarchy allows it."""
    entries = [line for line in text("/proc/self/cgroup").splitlines() if line.startswith("0::/")]
    parent = os.path.dirname(entries[0][3:]) if entries else ""
    place = f"{GROUPS}{parent.rstrip('/')}"
    if not parent or not os.path.exists(f"{place}/cgroup.kill"):
        return ""
    made = f"{place}/command-center-{name}-{os.getpid()}"
    try:
        os.mkdir(made)
        if memory_bytes:
            put(f"{made}/memory.max", str(memory_bytes))
    except OSError:
        with contextlib.suppress(OSError):
            os.rmdir(made)
        return ""
    return made


def cgroup_ooms(cgroup: str) -> int:
    events = text(f"{cgroup}/memory.events").split() if cgroup else []
    return int(events[events.index("oom_kill") + 1]) if "oom_kill" in events else 0


def text(file: str) -> str:
    try:
        with open(file, encoding="utf-8", errors="replace") as opened:
            return opened.read()
    except OSError:
        return ""


def put(file: str, text: str) -> None:
    with open(file, "w", encoding="utf-8") as opened:
        opened.write(text)
