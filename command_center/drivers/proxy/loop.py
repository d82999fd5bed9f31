"""The loop of the pty proxy: bytes both ways, signals out, and an orderly end."""

import os
import select
import signal
import time

from command_center.drivers.proxy.ear import ANSWER, QUERY, Ear, meaning
from command_center.drivers.proxy.reports import Reports
from command_center.drivers.proxy.session import session_groups, strike
from command_center.drivers.proxy.terminal import copy_size

CHUNK = 16_384
ROOM = 65_536
"""Bytes waiting for a reader above which no more are read on its behalf."""
PATIENCE = 1.5
"""Seconds from one blow to the next, and from the last to giving up."""
BLINK = 0.05
"""Seconds before looking again at what is left of a session; they double from look to look."""
LAST_WORDS = 5.0
"""Seconds for the pane to take what the CLI wrote before it exited."""


class Lane:
    """Bytes on their way into a non-blocking descriptor; its reader's going closes it."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.waiting = bytearray()
        self.is_open = True

    def has_room(self) -> bool:
        return len(self.waiting) < ROOM

    def put(self, data: bytes) -> None:
        self.waiting += data
        self.flush()

    def flush(self) -> None:
        try:
            while self.waiting and self.is_open:
                del self.waiting[: os.write(self.fd, self.waiting)]
        except BlockingIOError:
            return
        except OSError:
            self.is_open = False
        if not self.is_open:
            self.waiting.clear()


def read_some(fd: int) -> bytes | None:
    """What is there to read; None when nothing is yet, empty when nothing will ever be."""
    try:
        return os.read(fd, CHUNK)
    except BlockingIOError:
        return None
    except OSError:
        return b""


class Proxy:
    """The loop between the pane (descriptors 0 and 1) and the CLI's pty."""

    def __init__(self, pid: int, master: int, reports: Reports) -> None:
        self._pid, self._master, self._reports = pid, master, reports
        self._to_cli, self._to_pane = Lane(master), Lane(1)
        self._ear = Ear()
        self._status: int | None = None
        self._is_talking = True
        self._blows: list[int] | None = None
        """Signals still to strike the session with; None while it is wanted."""
        self._look_at = self._blow_at = float("inf")
        self._pause = BLINK

    def run(self, wake: int) -> int | None:
        """Serve until nothing of the CLI is left; its exit code, negative for a signal."""
        while not self._is_over():
            self._turn(wake)
        return None if self._status is None else os.waitstatus_to_exitcode(self._status)

    def _turn(self, wake: int) -> None:
        readers = [wake]
        if self._blows is None and self._to_cli.has_room():
            readers.append(0)
        if self._is_talking and self._to_pane.has_room():
            readers.append(self._master)
        writers = [lane.fd for lane in (self._to_cli, self._to_pane) if lane.waiting]
        timeout = min(self._reports.due(), self._look_at) - time.monotonic()
        timer = None if timeout == float("inf") else max(timeout, 0)
        ready, writable, _ = select.select(readers, writers, [], timer)
        for lane in (self._to_cli, self._to_pane):
            if lane.fd in writable:
                lane.flush()
        if self._master in ready:
            self._listen()
        if 0 in ready:
            self._type()
        if wake in ready:
            self._heed(os.read(wake, CHUNK))
        self._reports.flush(time.monotonic())

    def _listen(self) -> bool:
        output = read_some(self._master)
        if not output:
            self._is_talking = output is None
            return False
        heard = self._ear.feed(output)
        # Before the output goes on: a DA1 query in it would be answered by tmux.
        if QUERY in heard and len(self._to_cli.waiting) < 2 * ROOM:
            self._to_cli.put(ANSWER * heard.count(QUERY))
        self._to_pane.put(output)
        for record in filter(None, map(meaning, heard)):
            self._reports.hear(record, time.monotonic())
        if not self._to_pane.is_open:
            self._end()
        return True

    def _type(self) -> None:
        if data := read_some(0):
            self._to_cli.put(data)
        elif data is not None:
            self._end()

    def _heed(self, signals: bytes) -> None:
        if any(number not in (signal.SIGWINCH, signal.SIGCHLD) for number in signals):
            self._end()
        try:
            copy_size(self._master)
        except OSError:
            self._end()
        if self._status is None and (reaped := os.waitpid(self._pid, os.WNOHANG))[0]:
            self._status = reaped[1]
            self._drain(time.monotonic() + LAST_WORDS)
            self._end()
            self._look_at = 0.0

    def _drain(self, deadline: float) -> None:
        """Pass on what the exited CLI had written; its children may hold the pty for ever."""
        while time.monotonic() < deadline:
            if self._to_pane.has_room() and self._is_talking and self._listen():
                continue
            if not self._to_pane.waiting:
                break
            select.select([], [self._to_pane.fd], [], LAST_WORDS)
            self._to_pane.flush()
        self._is_talking = False

    def _end(self) -> None:
        if self._blows is None:
            self._blows = [signal.SIGHUP, signal.SIGTERM, signal.SIGKILL]
            self._look_at = self._blow_at = 0.0

    def _is_over(self) -> bool:
        """Whether nothing is left alive, or nothing more can be done; strikes when it is time."""
        now = time.monotonic()
        if self._blows is None or now < self._look_at:
            return False
        groups = session_groups(self._pid, self._master)
        if self._status is not None and not groups:
            return True
        if now >= self._blow_at:
            if not self._blows:
                return True
            strike(groups, self._blows.pop(0))
            self._blow_at, self._pause = now + PATIENCE, BLINK
        # Looking walks /proc: while the CLI itself lives, SIGCHLD tells of its end.
        self._look_at = (
            self._blow_at if self._status is None else min(now + self._pause, self._blow_at)
        )
        self._pause *= 2
        return False
