"""One run, from its job file to the last process of it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import resource
import select
import signal
import sys
import time

from command_center.drivers.minding.looks import (
    PAGE,
    cgroup_ooms,
    clock,
    cpu,
    descendants,
    machine,
    own_cgroup,
    own_share,
    put,
    stat,
    text,
)

BEAT_SECONDS = 0.2
GRACE_SECONDS = 5.0
"""From the gentle signal to the other one."""
LEFTOVER_SECONDS = 1.0
"""The same for what a command leaves behind that has ended itself."""
CLOCK_SECONDS = 5.0
SAY_SECONDS = 1.0
SPARE_BYTES = 1 << 30
DATA = resource.RLIMIT_DATA
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36

# Known to type checkers without an import of `typing`, which would double the start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypedDict

    class Job(TypedDict):
        id: str
        argv: list[str]
        env: dict[str, str]
        cwd: str
        wall_s: float
        cpu_s: float
        memory_bytes: int


def main(folder: str) -> int:
    os.chdir(folder)
    claim = os.open("claim", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0
    if os.path.exists("started.json"):
        return 0
    with open("job.json", encoding="utf-8") as file:
        job: Job = json.load(file)
    told, tell = os.pipe()
    if os.fork():
        # The lock belongs to the open file, which the child has too.
        os.close(tell)
        return 0 if os.read(told, 1) else 1
    os.setsid()
    Minder(job, tell).mind()
    return 0


class Minder:
    def __init__(self, job: Job, tell: int) -> None:
        self._job = job
        self._tell = tell
        self._child = 0
        self._exit: int | None = None
        self._ended_by = ""
        self._peak = 0
        self._clocks: list[float] = []
        self._clock_at = 0.0
        self._said_at = 0.0
        self._cgroup = own_cgroup(job["id"], job["memory_bytes"])

    def mind(self) -> None:
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        news, self._bell = os.pipe()
        for end in (news, self._bell):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._bell, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._cancelled())
        self._before, self._began = machine(), time.monotonic()
        write("started.json", {"minder": os.getpid(), "at": time.time()})
        self._start()
        while self._exit is None:
            select.select([news], [], [], self._pause())
            _drain(news)
            self._reap()
            if self._exit is None and (why := self._why_end()):
                self._ended_by = why
                self._end(news, GRACE_SECONDS)
        wall = time.monotonic() - self._began
        self._end(news, LEFTOVER_SECONDS)
        self._say_end(wall)

    def _start(self) -> None:
        job = self._job
        self._child = os.fork()
        if not self._child:
            try:
                self._become(job)
            except OSError as error:
                words = f"{job['argv'][0]}: {error.strerror}\n"
                os.write(2, words.encode("utf-8", "replace"))
            finally:
                os._exit(127)
        pids = {"minder": os.getpid(), "child": self._child, "at": time.time()}
        write("started.json", pids)
        os.write(self._tell, b"!")
        os.close(self._tell)
        void = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(void, number)

    def _become(self, job: Job) -> None:
        """In the child: everything that it shall not share with us, and then the command."""
        minder = os.getppid()
        os.setsid()
        log = os.open("log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        void = os.open(os.devnull, os.O_RDONLY)
        for number, descriptor in ((0, void), (1, log), (2, log)):
            os.dup2(descriptor, number)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        # Python itself ignores these two, and the command would inherit that.
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        if self._cgroup:
            with contextlib.suppress(OSError):
                put(f"{self._cgroup}/cgroup.procs", str(os.getpid()))
        if job["memory_bytes"]:
            # What grows between two looks; the looks are what counts.
            most, (_, hard) = 2 * job["memory_bytes"] + SPARE_BYTES, resource.getrlimit(DATA)
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(DATA, (most, most))
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != minder:
            os._exit(137)
        os.chdir(job["cwd"])
        os.execvpe(job["argv"][0], job["argv"], job["env"])

    def _pause(self) -> float:
        if not (wall := self._job["wall_s"]):
            return BEAT_SECONDS
        left = wall - (time.monotonic() - self._began)
        return max(0.0, min(BEAT_SECONDS, left))

    def _why_end(self) -> str:
        """Which limit it has reached; empty while there is none."""
        job = self._job
        if os.path.exists("cancel"):
            return text("cancel").strip() or "cancel"
        pids = descendants()
        stats = [fields for pid in pids if (fields := stat(pid))]
        self._look_at_clock()
        memory, used = sum(int(fields[21]) for fields in stats) * PAGE, cpu(stats)
        self._say_now(memory, used)
        self._peak = max(self._peak, memory)
        if job["wall_s"] and time.monotonic() - self._began >= job["wall_s"]:
            return "wall"
        if job["cpu_s"] and used >= job["cpu_s"]:
            return "cpu"
        if job["memory_bytes"] and memory > job["memory_bytes"]:
            # Pages that processes share are in that sum more than once.
            return "memory" if sum(map(own_share, pids)) > job["memory_bytes"] else ""
        return ""

    def _say_now(self, memory: int, used: float) -> None:
        if (wall := time.monotonic() - self._began) >= self._said_at + SAY_SECONDS:
            self._said_at = wall
            write("now.json", {"wall_s": wall, "cpu_s": used, "memory_bytes": memory})

    def _cancelled(self) -> None:
        if not os.path.exists("cancel"):
            put("cancel", "cancel")

    def _look_at_clock(self) -> None:
        if time.monotonic() >= self._clock_at:
            self._clock_at = time.monotonic() + CLOCK_SECONDS
            if share := clock():
                self._clocks.append(share)

    def _reap(self) -> bool:
        """Take in whoever has ended; True while there are children."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if not pid:
                return True
            if pid == self._child:
                self._exit = os.waitstatus_to_exitcode(status)

    def _end(self, news: int, grace: float) -> None:
        """Returns when no descendant is left."""
        deadline = time.monotonic() + grace
        self._signal(signal.SIGTERM)
        while self._reap():
            if time.monotonic() >= deadline:
                self._signal(signal.SIGKILL)
            select.select([news], [], [], 0.05)
            _drain(news)

    def _signal(self, number: int) -> None:
        if number == signal.SIGKILL and self._cgroup:
            with contextlib.suppress(OSError):
                put(f"{self._cgroup}/cgroup.kill", "1")
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self._exit is None:
                os.killpg(self._child, number)
        for pid in descendants():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    def _say_end(self, wall: float) -> None:
        after, used = machine(), resource.getrusage(resource.RUSAGE_CHILDREN)
        was_killed = self._exit == -signal.SIGKILL and not self._ended_by
        killed = after["oom"] - self._before["oom"]
        if was_killed and (killed > 0 or cgroup_ooms(self._cgroup)):
            self._ended_by = "memory"
        end = {
            "exit_code": self._exit,
            "ended_by": self._ended_by,
            "at": time.time(),
            "wall_s": wall,
            "cpu_s": used.ru_utime + used.ru_stime,
            "peak_bytes": max(self._peak, used.ru_maxrss * 1024),
            "cpu_pressure": _share(after["pressure"] - self._before["pressure"], wall * 1e6),
            "steal": _share(
                after["steal"] - self._before["steal"], after["ticks"] - self._before["ticks"]
            ),
            "clock": sum(self._clocks) / len(self._clocks) if self._clocks else 1.0,
        }
        write("end.json", end)
        if self._cgroup:
            with contextlib.suppress(OSError):
                os.rmdir(self._cgroup)


def prctl(option: int, value: int) -> None:
    """Where there is no such call, only the process group is minded."""
    if sys.platform.startswith("linux"):
        import ctypes

        ctypes.CDLL(None).prctl(option, int(value), 0, 0, 0)


def _share(part: float, whole: float) -> float:
    return min(1.0, max(0.0, part / whole)) if whole > 0 else 0.0


def write(file: str, thing: object) -> None:
    """Whole or not at all, also for a reader at any moment."""
    put(f"{file}.new", json.dumps(thing))
    os.replace(f"{file}.new", file)


def _drain(news: int) -> None:
    with contextlib.suppress(BlockingIOError):
        while os.read(news, 512):
            continue
