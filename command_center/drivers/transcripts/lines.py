"""Following a file that grows by lines: only whole new lines are read, and each once."""

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self

from msgspec import structs

from command_center.domain.usage import Cursor

CHUNK = 64 * 1024
"""Small enough for the processor's cache; grows for a longer line."""
SPARE = 8 * CHUNK
"""Bytes of the largest buffer that is kept for the next file."""
LONGEST = 32 * 1024 * 1024
"""Bytes after which a line without an end is taken as it is: no record is that long."""
SEALED = 512
"""Bytes that tell a file from one that took its place: more than the like ends of two records."""


_spare: list[bytearray] = []
"""Buffers that no file has now. A new one for each is given back to the system, and cleared by it
when it is asked for again: that takes longer than to search what is read into it."""


class Look(NamedTuple):
    """What tells without reading whether a file has changed; compare it with `last_look`."""

    inode: int
    size: int
    changed: int
    """Modification time in nanoseconds."""


def last_look(cursor: Cursor) -> Look:
    return Look(cursor.inode, cursor.size, cursor.changed)


class OneFile:
    """A format whose files stand alone."""

    @staticmethod
    def look(path: str) -> Look:
        """Raises OSError."""
        stat = os.stat(path)  # noqa: PTH116
        return Look(stat.st_ino, stat.st_size, stat.st_mtime_ns)


class NewLines:
    """The whole lines added to a file since `cursor`; from its start when it is another file.

    Enter it, iterate to the end, then take `cursor`. Entering raises OSError.
    """

    def __init__(self, path: Path, cursor: Cursor) -> None:
        self._path = path
        self._old = cursor
        self.cursor = cursor
        self.memory = cursor.memory
        """What the format remembers of the lines before; nothing when it reads from the start."""

    def __enter__(self) -> Self:
        self._file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        self._stat = os.fstat(self._file)
        self._begin = self._start(self._stat)
        self.memory = self._old.memory if self._begin else b""
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def __iter__(self) -> Iterator[bytes]:
        """Blocks of whole lines, each ending with a newline."""
        for buffer, end in self.windows():
            yield bytes(memoryview(buffer)[:end])

    def windows(self) -> Iterator[tuple[bytearray, int]]:
        """(buffer, end): whole lines in `buffer[:end]`, to be looked at before the next window.

        One buffer for all, so that what is searched is still in the processor's cache. What is
        beyond `end` means nothing.
        """
        offset, stat = self._begin, self._stat
        os.lseek(self._file, offset, os.SEEK_SET)
        buffer, kept = _buffer(), 0
        while read := os.readv(self._file, [memoryview(buffer)[kept:]]):
            filled = kept + read
            end = buffer.rfind(b"\n", kept, filled) + 1
            if not end and filled > LONGEST:
                end = filled
            if end:
                yield buffer, end
                offset += end
                buffer[: filled - end] = buffer[end:filled]
            kept = filled - end
            if kept == len(buffer):
                buffer += bytes(kept)
        if len(buffer) <= SPARE:
            _spare.append(buffer)
        seal = self._seal(offset)
        self.cursor = Cursor(stat.st_ino, stat.st_size, stat.st_mtime_ns, offset, seal)

    def reached(self, memory: bytes = b"") -> Cursor:
        """The cursor for the next read, with what the format will want back."""
        return structs.replace(self.cursor, memory=memory) if memory else self.cursor

    def _start(self, stat: os.stat_result) -> int:
        old = self._old
        is_same = stat.st_size >= old.offset
        return old.offset if is_same and self._seal(old.offset) == old.seal else 0

    def _seal(self, offset: int) -> int:
        begin = max(0, offset - SEALED)
        return zlib.crc32(os.pread(self._file, offset - begin, begin))


def _buffer() -> bytearray:
    try:
        return _spare.pop()
    except IndexError:
        return bytearray(CHUNK)
