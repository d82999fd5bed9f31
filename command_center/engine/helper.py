"""Reading transcripts in two processes at once, for a first scan of years of them."""

import fcntl
import os
import select
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice

import msgspec

from command_center.domain.usage import Finding

SHARE = 8
"""Findings that travel, and are decoded, at a time."""
AT_ONCE = 256 * 1024
ROOM = 1024 * 1024
"""Bytes that may wait between the two; what Linux allows anybody."""

_encode = msgspec.msgpack.Encoder().encode
_findings = msgspec.msgpack.Decoder(list[Finding])


class Helper:
    """A forked process that reads, and tells what it found in its order.

    Only for a process without threads. What a helper that dies had not told is as unread as
    before. Take `rest` to its end: it also ends the process.
    """

    def __init__(self, read: Callable[[], Iterable[Finding]]) -> None:
        self._pipe, told = os.pipe()
        if sys.platform == "linux":
            # Else it waits while we count. More than a user may have in pipes is refused.
            with suppress(PermissionError):
                fcntl.fcntl(told, fcntl.F_SETPIPE_SZ, ROOM)
        self._heard = bytearray()
        self._pid = os.fork()
        if self._pid == 0:
            _tell(told, read)
        os.close(told)

    def listen(self) -> None:
        """Take what is told by now off the pipe, so that the helper need not wait."""
        while select.select([self._pipe], [], [], 0)[0] and self._hear():
            pass

    def rest(self) -> Iterator[Finding]:
        """All that is told, from its beginning."""
        while share := self._share():
            yield from share
        os.close(self._pipe)
        os.waitpid(self._pid, 0)

    def _hear(self) -> int:
        more = os.read(self._pipe, AT_ONCE)
        self._heard += more
        return len(more)

    def _share(self) -> list[Finding]:
        size = int.from_bytes(self._exactly(4), "big")
        share = self._exactly(size)
        return _findings.decode(share) if size and len(share) == size else []

    def _exactly(self, size: int) -> bytes:
        """Less at the end of what is told."""
        while len(self._heard) < size and self._hear():
            pass
        got = bytes(self._heard[:size])
        del self._heard[:size]
        return got


def _tell(told: int, read: Callable[[], Iterable[Finding]]) -> None:
    """In the child, which must not return into its parent's work."""
    status = 1
    try:
        found = iter(read())
        with os.fdopen(told, "wb") as pipe:
            for some in iter(lambda: list(islice(found, SHARE)), []):
                share = _encode(some)
                pipe.write(len(share).to_bytes(4, "big") + share)
                pipe.flush()
        status = 0
    finally:
        os._exit(status)
