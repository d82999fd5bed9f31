"""The ledger of our own calls: a line before each, with what it may cost, and one after it.

The lines after are such that the reader of `message-blocks` counts them, so that what we spend
is in `acc usage` beside what the agents spend. Processes may write at the same time.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from command_center.domain.budgets import Bill, summed
from command_center.domain.errors import LogError
from command_center.domain.niches import Job, Niche
from command_center.domain.usage import NO_MODEL, Tokens

UNFINISHED_SECONDS = 3600.0
"""After which a call of which nothing more was heard counts as never made."""
NO_COST = Bill()


class Call(Struct, frozen=True, omit_defaults=True):
    """One request, its SDK's retries included."""

    id: str
    at: float
    """Unix seconds."""
    job: Job
    niche: Niche
    model: str
    ahead: Bill = NO_COST
    """The most it may cost."""
    is_over: bool = False
    tokens: Tokens = Tokens()
    dollars: float | None = None
    """None when no price is known."""
    seconds: float = 0.0
    """Until the whole answer was there."""
    error: str = ""

    @property
    def bill(self) -> Bill:
        """What it cost, or may cost as long as it is under way."""
        if not self.is_over:
            return self.ahead
        unpriced = (self.model,) if self.dollars is None and self.tokens else ()
        return Bill(self.tokens.total, self.dollars or 0.0, 1, unpriced)


class _Usage(Struct):
    input_tokens: int
    output_tokens: int
    cache_read_input_tokens: int
    cache_creation_input_tokens: int


class _Message(Struct):
    id: str
    model: str
    usage: _Usage


class _Line(Struct, rename="camel", omit_defaults=True):
    call: Call
    type: str = ""
    uuid: str = ""
    request_id: str = ""
    timestamp: str = ""
    session_id: str = ""
    message: _Message | None = None


_encode = msgspec.json.Encoder().encode
_line = msgspec.json.Decoder(_Line)


class CallLog:
    """Raises LogError."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def begin(self, call: Call, refuse: Callable[[Bill], None]) -> None:
        """`refuse` is given what this day's calls cost by now, and raises to prevent this one."""
        with self._locked() as handle:
            today = local_date(call.at)
            refuse(summed(each.bill for each in self.since(today, call.at)))
            os.write(handle, _encode(_Line(call, "asked")) + b"\n")

    def end(self, call: Call, message: str = "") -> None:
        """`message` is the answer's id, as its server gave it."""
        with self._locked() as handle:
            os.write(handle, _encode(_told(call, message)) + b"\n")

    def since(self, day: str, now: float) -> list[Call]:
        """As each was told last, from that local date; `now` in Unix seconds."""
        calls = {call.id: call for call in self._calls() if local_date(call.at) >= day}
        return [c for c in calls.values() if c.is_over or now - c.at < UNFINISHED_SECONDS]

    def _calls(self) -> Iterator[Call]:
        try:
            lines = self.file.read_bytes().splitlines()
        except FileNotFoundError:
            return
        except OSError as error:
            raise LogError(f"{self.file}: {error}") from error
        for line in lines:
            try:
                yield _line.decode(line).call
            except msgspec.DecodeError:
                # The half of a line that a full disk left behind.
                continue

    @contextmanager
    def _locked(self) -> Iterator[int]:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            handle = os.open(self.file, flags, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield handle
            finally:
                os.close(handle)
        except OSError as error:
            raise LogError(f"{self.file}: {error}") from error


def local_date(at: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(at))


def _told(call: Call, message: str) -> _Line:
    tokens = call.tokens
    if not tokens:
        return _Line(call, "failed")
    usage = _Usage(tokens.input, tokens.output, tokens.cache_read, tokens.cache_write)
    return _Line(
        call,
        "assistant",
        call.id,
        call.id,
        datetime.fromtimestamp(call.at + call.seconds, UTC).isoformat(),
        f"{call.job}@{call.niche}",
        # No list has the price of a model of one's own: it would count as unknown.
        _Message(message or call.id, NO_MODEL if call.dollars == 0 else call.model, usage),
    )
