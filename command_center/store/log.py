"""The event log: one SQLite file, one writer, any number of readers."""

import sqlite3
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from command_center.domain import events as ev
from command_center.domain.errors import LogError, LogTooNew
from command_center.domain.model import Fleet
from command_center.domain.reduce import replay

SCHEMA = 1
DECISIONS = (ev.IntentTaken, ev.PromptTyping)
"""Must survive a power cut: the file that asked for it is gone, or keys are about to be pressed."""


def _shape(kind: type[msgspec.Struct]) -> int:
    """A number that changes with the fields of any Struct in the module of `kind`."""
    structs = (v for v in vars(sys.modules[kind.__module__]).values() if isinstance(v, type))
    fields = {s.__name__: s.__annotations__ for s in structs if issubclass(s, msgspec.Struct)}
    return zlib.crc32(repr(sorted(fields.items())).encode())


SNAPSHOT = _shape(Fleet)
"""A snapshot of another shape is rebuilt from the events."""

_LAST = (1 << 63) - 1
"""The greatest number SQLite knows."""

MIGRATIONS = (
    """
    CREATE TABLE event (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        at REAL NOT NULL,
        kind TEXT NOT NULL,
        agent TEXT NOT NULL,
        version INTEGER NOT NULL,
        body BLOB NOT NULL
    );
    CREATE INDEX event_by_agent ON event (agent, seq);
    CREATE TABLE intent (id TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE snapshot (seq INTEGER PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL);
    """,
)
"""The step at index N brings a log of schema N to N + 1."""


class EventLog:
    """The writing side; the supervisor owns the only one. Raises LogTooNew, LogError."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        try:
            self._db = sqlite3.connect(path, isolation_level=None, timeout=5)
            try:
                self._db.execute("PRAGMA journal_mode=WAL")
                self._migrate()
            except BaseException:
                self._db.close()
                raise
        except sqlite3.Error as error:
            raise LogError(f"{path}: {error}; move the file away to start afresh") from error

    def _migrate(self) -> None:
        found = schema_of(self._db, self.path)
        for number in range(found, SCHEMA):
            self._db.executescript(
                f"BEGIN IMMEDIATE; {MIGRATIONS[number]} PRAGMA user_version={number + 1}; COMMIT;"
            )

    def append(self, *events: ev.Event, at: float) -> list[ev.Record]:
        """All of `events` or none, in order. They are in the file when this returns.

        Raises LogError when the disk is full or an event could not be read back.
        """
        is_decision = any(isinstance(event, DECISIONS) for event in events)
        with self._transaction(is_durable=is_decision):
            return [ev.Record(self._insert(event, at), at, event) for event in events]

    @contextmanager
    def _transaction(self, *, is_durable: bool = False) -> Iterator[None]:
        try:
            self._db.execute(f"PRAGMA synchronous={'FULL' if is_durable else 'NORMAL'}")
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise LogError(f"{self.path}: {error}") from error
        finally:
            # SQLite has rolled back by itself after some errors, such as a full disk.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def _insert(self, event: ev.Event, at: float) -> int:
        kind, agent = type(event).__name__, getattr(event, "agent", "")
        row = self._db.execute(
            "INSERT INTO event (at, kind, agent, version, body) VALUES (?, ?, ?, ?, ?)",
            (at, kind, agent if isinstance(agent, str) else agent.id, ev.VERSION, _body(event)),
        )
        if isinstance(event, ev.IntentTaken):
            self._db.execute("INSERT INTO intent VALUES (?, ?)", (event.intent, row.lastrowid))
        assert row.lastrowid is not None
        return row.lastrowid

    def has_taken(self, intent: str) -> bool:
        found = self._db.execute("SELECT 1 FROM intent WHERE id = ?", (intent,)).fetchone()
        return found is not None

    def save_snapshot(self, fleet: Fleet) -> None:
        """Keeps the newest only."""
        row = (fleet.seq, SNAPSHOT, msgspec.msgpack.encode(fleet))
        with self._transaction():
            self._db.execute("DELETE FROM snapshot")
            self._db.execute("INSERT INTO snapshot VALUES (?, ?, ?)", row)

    def load(self) -> Fleet:
        return load_fleet(self._db)

    def close(self) -> None:
        self._db.close()


def _body(event: ev.Event) -> bytes:
    """The wire form. One event that cannot be read would lock everyone out of the log."""
    try:
        body = ev.encode(event)
        ev.decode(body, ev.VERSION)
    except (UnicodeEncodeError, msgspec.DecodeError) as error:
        raise LogError(f"{type(event).__name__} cannot be logged: {error}") from error
    return body


def schema_of(db: sqlite3.Connection, path: Path) -> int:
    """Schema number of the file; raises LogTooNew when this program is older than the file."""
    (found,) = db.execute("PRAGMA user_version").fetchone()
    if found > SCHEMA:
        raise LogTooNew(
            f"{path}: written by a newer Command Center (schema {found}, this program reads "
            f"{SCHEMA}); upgrade with `pip install -U command-center`"
        )
    return int(found)


def read_since(db: sqlite3.Connection, seq: int) -> Iterator[ev.Record]:
    """Records after `seq`, oldest first. Raises LogError for an event that cannot be read."""
    return read_between(db, seq + 1, _LAST)


def read_between(db: sqlite3.Connection, first: int, last: int) -> Iterator[ev.Record]:
    """Likewise those numbered from `first` to `last`."""
    rows = db.execute(
        "SELECT seq, at, version, body FROM event WHERE seq BETWEEN ? AND ? ORDER BY seq",
        (first, last),
    )
    for number, at, version, body in rows:
        try:
            yield ev.Record(number, at, ev.decode(body, version))
        except msgspec.DecodeError as error:
            raise LogError(f"event {number}: {error}; upgrade Command Center") from error


def load_fleet(db: sqlite3.Connection) -> Fleet:
    """The fleet now: the newest readable snapshot and the events after it."""
    row = db.execute(
        "SELECT body FROM snapshot WHERE version = ? ORDER BY seq DESC LIMIT 1", (SNAPSHOT,)
    ).fetchone()
    fleet = Fleet()
    if row is not None:
        try:
            fleet = msgspec.msgpack.decode(row[0], type=Fleet)
        except (UnicodeDecodeError, msgspec.DecodeError):
            fleet = Fleet()
    return replay(read_since(db, fleet.seq), fleet)
