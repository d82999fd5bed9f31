"""A log from its first event to its last, read at any place: our own, or one in a JSONL file."""

import math
import mmap
import sqlite3
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Raw, Struct

from command_center.domain import events as ev
from command_center.domain.errors import LogError
from command_center.store.log import read_between, schema_of

LONGEST_LINE = 16 << 20
"""Bytes of one event in a file; a longer one is no event of ours."""
_LATEST = 1e11
"""Unix seconds that a calendar can still show."""


class Tape(Protocol):
    times: "array[float]"
    """Unix seconds of each event; never falling, even where the clock was set back."""

    def records(self, start: int, stop: int) -> Iterator[ev.Record]:
        """The events from number `start`, counted from 0, to before `stop`. Any thread may ask."""

    def close(self) -> None: ...


class LogTape:
    """What a log holds now; what is added later is not part of it. Raises LogTooNew, LogError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seqs = array("q")
        self.times: array[float] = array("d")
        if not path.exists():
            raise LogError(f"{path}: there is no log yet; `acc launch` or `acc demo` begins one")
        with self._opened() as db:
            schema_of(db, path)
            rows = db.execute("SELECT seq, at FROM event ORDER BY seq").fetchall()
        self._seqs.extend(seq for seq, _ in rows)
        self.times.extend(_rising(at for _, at in rows))

    def records(self, start: int, stop: int) -> Iterator[ev.Record]:
        if start >= stop:
            return
        # A connection belongs to one thread.
        with self._opened() as db:
            yield from read_between(db, self._seqs[start], self._seqs[stop - 1])

    def close(self) -> None:
        """Nothing is held open."""

    def _opened(self) -> "_Reader":
        return _Reader(self._path)


class _Reader:
    """A read-only connection for as long as it is entered."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> sqlite3.Connection:
        try:
            self._db = sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True, timeout=2)
        except sqlite3.Error as error:
            raise LogError(f"{self._path}: {error}") from error
        return self._db

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._db.close()
        if isinstance(error, sqlite3.Error):
            raise LogError(f"{self._path}: {error}") from error


class Line(Struct, frozen=True, forbid_unknown_fields=True):
    """One event in a file."""

    seq: int
    at: float
    version: int
    event: Raw


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Line)


def exported(records: Iterable[ev.Record]) -> Iterator[bytes]:
    """Each event as a line for `FileTape`."""
    for record in records:
        line = Line(record.seq, record.at, ev.VERSION, Raw(ev.encode(record.event)))
        yield _encoder.encode(line) + b"\n"


class FileTape:
    """A file of lines that `exported` wrote, by anybody: all of it is checked when it is opened.

    Raises LogError with the line that is wrong. Owns the open file; close it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._starts = array("Q")
        self.times: array[float] = array("d")
        try:
            with path.open("rb") as file:
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError as error:
            raise LogError(f"{path}: the file is empty") from error
        except OSError as error:
            raise LogError(f"{path}: {error.strerror}") from error
        try:
            self.times.extend(_rising(self._checked()))
        except BaseException:
            self._bytes.close()
            raise

    def records(self, start: int, stop: int) -> Iterator[ev.Record]:
        for number in range(start, stop):
            yield self._record(number)

    def close(self) -> None:
        self._bytes.close()

    def _checked(self) -> Iterator[float]:
        end, size, seq = 0, len(self._bytes), -1
        while end < size:
            self._starts.append(end)
            found = self._bytes.find(b"\n", end, end + LONGEST_LINE)
            if found < 0 and size - end > LONGEST_LINE:
                raise self._wrong(f"a line of more than {LONGEST_LINE} bytes")
            end = size if found < 0 else found + 1
            record = self._record(len(self._starts) - 1, end)
            if record.seq <= seq:
                raise self._wrong(f"event {record.seq} comes after event {seq}")
            seq = record.seq
            yield record.at

    def _record(self, number: int, end: int = 0) -> ev.Record:
        last = number + 1 == len(self._starts)
        end = end or (len(self._bytes) if last else self._starts[number + 1])
        try:
            line = _decoder.decode(self._bytes[self._starts[number] : end])
            event = ev.decode(bytes(line.event), line.version)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._wrong(f"not an event of ours: {error}") from error
        if not (math.isfinite(line.at) and 0 <= line.at < _LATEST):
            raise self._wrong(f"the time {line.at} is none")
        return ev.Record(line.seq, line.at, event)

    def _wrong(self, problem: str) -> LogError:
        return LogError(f"{self._path}, line {len(self._starts)}: {problem}")


def _rising(times: Iterable[float]) -> Iterator[float]:
    latest = 0.0
    for at in times:
        latest = max(latest, at)
        yield latest
