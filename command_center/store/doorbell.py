"""Tells at once when something happens in a folder, on systems that can tell (Linux's inotify)."""

import asyncio
import ctypes
import os
from collections.abc import Callable
from pathlib import Path

# linux/inotify.h: the same on every architecture.
_MODIFY, _CLOSE_WRITE, _MOVED_FROM, _MOVED_TO, _DELETE = 0x2, 0x8, 0x40, 0x80, 0x200
ARRIVALS = _MOVED_TO
"""Files that are renamed into the folder."""
CHANGES = _CLOSE_WRITE | _MOVED_FROM | _MOVED_TO | _DELETE
"""Files that come, go, or were written to."""
GROWTH = _MODIFY
"""Every write to a file; listen to the file itself."""


class Doorbell:
    """Calls `ring` from the running loop after news; several may share one ring."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._libc = ctypes.CDLL(None)
        self._fd = -1
        self._watches: dict[bytes, int] = {}
        if hasattr(self._libc, "inotify_init1"):
            self._fd = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd >= 0:
            asyncio.get_running_loop().add_reader(self._fd, self._heed)

    def listen(self, folder: Path | str, news: int = ARRIVALS) -> bool:
        """Whether such news of `folder` will ring; if not, somebody has to look again and again.

        Asking twice is as good as once. A folder that is deleted rings no more.
        """
        if self._fd < 0:
            return False
        watch: int = self._libc.inotify_add_watch(self._fd, os.fsencode(folder), news)
        if watch >= 0:
            self._watches[os.fsencode(folder)] = watch
        return watch >= 0

    def forget(self, folder: Path | str) -> None:
        """Listen there no more; no error where nobody listened."""
        if (watch := self._watches.pop(os.fsencode(folder), -1)) >= 0:
            self._libc.inotify_rm_watch(self._fd, watch)

    def close(self) -> None:
        if self._fd >= 0:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1

    def _heed(self) -> None:
        os.read(self._fd, 65536)
        self._ring()
