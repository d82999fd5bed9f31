"""Tells at once when something lands in a folder, on systems that can tell (Linux's inotify)."""

import asyncio
import ctypes
import os
from collections.abc import Callable, Iterable
from pathlib import Path

# linux/inotify.h: the same on every architecture.
_MOVED_TO = 0x00000080


class Doorbell:
    """Calls `ring` from the running loop after each arrival; several may share one ring."""

    def __init__(self, folders: Iterable[Path], ring: Callable[[], None]) -> None:
        self._ring = ring
        self._fd = _watching(folders)
        if self.is_heard:
            asyncio.get_running_loop().add_reader(self._fd, self._heed)

    @property
    def is_heard(self) -> bool:
        """Whether arrivals ring; if not, somebody has to look again and again."""
        return self._fd >= 0

    def close(self) -> None:
        if self.is_heard:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1

    def _heed(self) -> None:
        os.read(self._fd, 65536)
        self._ring()


def _watching(folders: Iterable[Path]) -> int:
    """A descriptor that can be read after a file was renamed into one of `folders`, else -1."""
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "inotify_init1"):
        return -1
    fd: int = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if fd < 0:
        return -1
    added = [libc.inotify_add_watch(fd, os.fsencode(folder), _MOVED_TO) for folder in folders]
    if min(added, default=-1) < 0:
        os.close(fd)
        return -1
    return fd
