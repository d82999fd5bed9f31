"""Reading transcripts in two processes at once, for a first scan of years of them."""

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import msgspec

from command_center.domain.usage import Finding

SHARE = 32
"""Findings that travel, and are decoded, at a time."""

_encode = msgspec.msgpack.Encoder().encode
_findings = msgspec.msgpack.Decoder(list[Finding])


class Helper:
    """A forked process that reads; `findings` gives what it found, in its order, and ends it.

    Only for a process without threads. A helper that dies found nothing; its files are as
    unread as before.
    """

    def __init__(self, read: Callable[[], Iterable[Finding]]) -> None:
        self._pipe, told = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _tell(told, read)
        os.close(told)

    def findings(self) -> Iterator[list[Finding]]:
        with os.fdopen(self._pipe, "rb") as pipe:
            while size := int.from_bytes(pipe.read(4), "big"):
                share = pipe.read(size)
                if len(share) == size:
                    yield _findings.decode(share)
        os.waitpid(self._pid, 0)


def _tell(told: int, read: Callable[[], Iterable[Finding]]) -> None:
    """In the child, which must not return into its parent's work."""
    status = 1
    try:
        found = iter(read())
        # Told at the end: the parent listens when its own share is done.
        shares = [_encode(some) for some in iter(lambda: list(islice(found, SHARE)), [])]
        with os.fdopen(told, "wb") as pipe:
            for share in shares:
                pipe.write(len(share).to_bytes(4, "big") + share)
        status = 0
    finally:
        os._exit(status)
