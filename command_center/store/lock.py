"""One supervisor per user: an OS file lock that dies with its holder."""

import fcntl
import os
import time
from pathlib import Path
from typing import IO

_CLIENTS = "clients.lock"


class SupervisorLock:
    """Held from `acquire` until `release` or the end of the process, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def acquire(self) -> bool:
        """Whether the lock is ours now. Waits up to 0.2 s: a mere look holds it for an instant."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._path.open("a+", encoding="ascii")
        deadline = time.monotonic() + 0.2
        while not _locked(file):
            if time.monotonic() > deadline:
                file.close()
                return False
            time.sleep(0.005)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file
        return True

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def supervisor_pid(path: Path) -> int:
    """Process id of the supervisor that holds the lock; 0 when the lock is free.

    -1 in the instant between its taking the lock and its writing the number.
    """
    try:
        file = path.open("r+", encoding="ascii")
    except FileNotFoundError:
        return 0
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read().strip() or -1)
        return 0


class Presence:
    """Says that a client is near, until `leave` or the end of its process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = (folder / _CLIENTS).open("a", encoding="ascii")
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def leave(self) -> None:
        self._file.close()


def is_client_near(folder: Path) -> bool:
    """Whether any process holds a Presence in `folder`."""
    try:
        file = (folder / _CLIENTS).open("r+", encoding="ascii")
    except FileNotFoundError:
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
