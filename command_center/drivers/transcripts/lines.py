"""Following a file that grows by lines: only whole new lines are read, and each once."""

import os
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self

from msgspec import structs

from command_center.domain.usage import Cursor

CHUNK = 64 * 1024
"""Small enough that the allocator keeps the memory between reads."""
LONGEST = 32 * 1024 * 1024
"""Bytes after which a line without an end is taken as it is: no record is that long."""
SEALED = 512
"""Bytes that tell a file from one that took its place: more than the like ends of two records."""


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
        offset, stat = self._begin, self._stat
        os.lseek(self._file, offset, os.SEEK_SET)
        for block in _whole_lines(iter(partial(os.read, self._file, CHUNK), b"")):
            yield block
            offset += len(block)
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


def _whole_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    for chunk in chunks:
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield b"".join((*waiting, chunk[:cut])) if waiting else chunk[:cut]
            waiting = [chunk[cut:]] if cut < len(chunk) else []
        else:
            waiting.append(chunk)
            if sum(map(len, waiting)) > LONGEST:
                yield b"".join(waiting)
                waiting = []


def lines_with(needle: bytes, block: bytes) -> Iterator[tuple[int, int, int]]:
    """(start, position of the needle, end) of each line of the block that holds the needle."""
    at = block.find(needle)
    while at >= 0:
        end = block.find(b"\n", at)
        end = len(block) if end < 0 else end
        yield block.rfind(b"\n", 0, at) + 1, at, end
        at = block.find(needle, end)
