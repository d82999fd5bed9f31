"""The end of a file that grows by lines."""

import os
import stat
from pathlib import Path
from typing import NamedTuple

WINDOW = 128 * 1024
"""Bytes at the end of a file that are read when it is met, or has grown by too much to read."""
LARGEST = 4 * 1024 * 1024
"""Bytes that are read at once at most."""
SEALED = 64
"""Bytes before the place that was read up to, by which a file is known again."""


class Line(NamedTuple):
    offset: int
    """Where it begins in its file."""
    body: bytes


class Tail:
    """Tells each whole line once; one that is still being written waits for its end."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.grew_at = 0.0
        """Unix seconds of the file's last change when it was read last."""
        self._look = (-1, -1, -1)
        self._offset = -1
        self._seal = b""

    def new_lines(self) -> list[Line]:
        """Costs one stat while the file does not change. Raises OSError."""
        # A Path would double the cost.
        found = os.stat(self.path)  # noqa: PTH116
        look = (found.st_ino, found.st_size, found.st_mtime_ns)
        if look == self._look:
            return []
        # A path may name a FIFO, and reading one would wait.
        if not stat.S_ISREG(found.st_mode):
            raise OSError(f"{self.path} is no file")
        lines = self._read(found.st_size)
        self._look = look
        self.grew_at = found.st_mtime
        return lines

    def _read(self, size: int) -> list[Line]:
        file = os.open(Path(self.path), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            begin = self._begin(file, size)
            body = os.pread(file, min(size - begin, LARGEST), begin)
        finally:
            os.close(file)
        # What is met in its middle begins with a part of a line.
        skipped = body.find(b"\n") + 1 if begin != self._offset and begin > 0 else 0
        end = body.rfind(b"\n") + 1
        if end:
            self._offset = begin + end
            self._seal = body[max(0, end - SEALED) : end]
        return _lines(body, skipped, end, begin)

    def _begin(self, file: int, size: int) -> int:
        """Where to read on, or a window before the end of a file that is another by now."""
        at, seal = self._offset, self._seal
        is_known = at >= 0 and os.pread(file, len(seal), at - len(seal)) == seal
        if is_known and at <= size and size - at <= LARGEST:
            return at
        return max(0, size - WINDOW)


def _lines(body: bytes, begin: int, end: int, offset: int) -> list[Line]:
    lines = []
    while begin < end:
        newline = body.index(b"\n", begin)
        if newline > begin:
            lines.append(Line(offset + begin, body[begin:newline]))
        begin = newline + 1
    return lines
