"""Reading transcripts in two processes at once, for a first scan of years of them."""

import os
import select
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import msgspec

from command_center.domain.usage import Finding

SHARE = 32
"""Findings that travel, and are decoded, at a time."""

_encode = msgspec.msgpack.Encoder().encode
_findings = msgspec.msgpack.Decoder(list[Finding])


class Helper:
    """A forked process that reads, and tells what it found in its order.

    Only for a process without threads. What a helper that dies had not told is as unread as
    before. Take `rest` to its end: it also ends the process.
    """

    def __init__(self, read: Callable[[], Iterable[Finding]]) -> None:
        listened, told = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _tell(told, read)
        os.close(told)
        self._pipe = open(listened, "rb", buffering=0)  # noqa: PTH123, SIM115

    def told(self) -> Iterator[Finding]:
        """What is there by now; waits for nothing but the end of a share that has begun."""
        while select.select([self._pipe], [], [], 0)[0] and (share := self._share()):
            yield from share

    def rest(self) -> Iterator[Finding]:
        with self._pipe:
            while share := self._share():
                yield from share
        os.waitpid(self._pid, 0)

    def _share(self) -> list[Finding]:
        size = int.from_bytes(self._exactly(4), "big")
        share = self._exactly(size)
        return _findings.decode(share) if size and len(share) == size else []

    def _exactly(self, size: int) -> bytes:
        """Less at the end of what is told."""
        got = b""
        while len(got) < size and (more := self._pipe.read(size - len(got))):
            got += more
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
