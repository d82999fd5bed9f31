"""The present figures of each agent: one small file, written at most once a second.

Nothing here is worth a wait for the disk: the next second writes it all again. A file that cannot
be read is made anew.
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

import msgspec

from command_center.domain.errors import LogError
from command_center.domain.gauges import CatchUp, Gauge
from command_center.domain.model import Times
from command_center.store import scratch

SCHEMA = 2
TABLES = f"""
    BEGIN;
    CREATE TABLE gauge (agent TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE morning (agent TEXT PRIMARY KEY, day TEXT NOT NULL, body BLOB NOT NULL)
        WITHOUT ROWID;
    CREATE TABLE catch_up (id INTEGER PRIMARY KEY CHECK (id = 1), done INTEGER, whole INTEGER);
    PRAGMA user_version={SCHEMA};
    COMMIT;
"""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Gauge)
_times = msgspec.msgpack.Decoder(Times)


class GaugeStore:
    """The writing side; the supervisor owns the only one. Raises LogError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = scratch.opened(path, SCHEMA, TABLES)
        self._bodies: dict[str, bytes] = dict(self._db.execute("SELECT agent, body FROM gauge"))
        left = self._db.execute("SELECT done, whole FROM catch_up").fetchone()
        self._catch_up = CatchUp(*left) if left else None

    def save(self, gauges: Mapping[str, Gauge], catch_up: CatchUp | None = None) -> None:
        """What is shown from now on, whole: an agent that is missing loses its gauge.

        Writes only the difference, and nothing at all where there is none.
        """
        bodies = {agent: _encoder.encode(gauge) for agent, gauge in gauges.items()}
        if bodies == self._bodies and catch_up == self._catch_up:
            return
        changed = [each for each in bodies.items() if self._bodies.get(each[0]) != each[1]]
        gone = [(agent,) for agent in self._bodies.keys() - bodies.keys()]
        try:
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                self._db.executemany("INSERT OR REPLACE INTO gauge VALUES (?,?)", changed)
                self._db.executemany("DELETE FROM gauge WHERE agent = ?", gone)
                self._db.execute("DELETE FROM catch_up")
                if catch_up:
                    values = (catch_up.done, catch_up.all)
                    self._db.execute("INSERT INTO catch_up VALUES (1,?,?)", values)
        except sqlite3.Error as error:
            raise LogError(f"{self.path}: {error}") from error
        self._bodies, self._catch_up = bodies, catch_up

    def mornings(self, day: str) -> dict[str, Times]:
        """What each agent's times were when that local date began, as far as it was saved."""
        try:
            rows = self._db.execute("SELECT agent, body FROM morning WHERE day = ?", (day,))
            return {agent: _times.decode(body) for agent, body in rows}
        except (sqlite3.Error, msgspec.DecodeError) as error:
            raise LogError(f"{self.path}: {error}") from error

    def save_mornings(self, day: str, mornings: Mapping[str, Times]) -> None:
        """In place of those of any other day."""
        rows = [(agent, day, _encoder.encode(times)) for agent, times in mornings.items()]
        try:
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                self._db.execute("DELETE FROM morning")
                self._db.executemany("INSERT INTO morning VALUES (?,?,?)", rows)
        except sqlite3.Error as error:
            raise LogError(f"{self.path}: {error}") from error

    def close(self) -> None:
        self._db.close()


class GaugeView:
    """Follows a file that may not exist yet. Owns one read-only connection; close it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = scratch.Follower(path, SCHEMA)
        self._known: dict[bytes, Gauge] = {}
        self.catch_up: CatchUp | None = None
        """How far older transcripts are read, as of the last poll; None when none are left."""

    def poll(self) -> dict[str, Gauge] | None:
        """All gauges by agent, if any changed since the last call; else None.

        A gauge that did not change is the same object as before. Costs one stat and one pragma
        when nothing is new. Raises LogError.
        """
        try:
            if (news := self._file.news()) is None:
                return None
            db, version = news
            bodies = db.execute("SELECT agent, body FROM gauge").fetchall()
            left = db.execute("SELECT done, whole FROM catch_up").fetchone()
            self._file.took(version)
        except sqlite3.Error as error:
            raise LogError(f"{self._path}: {error}") from error
        try:
            known = {body: self._known.get(body) or _decoder.decode(body) for _, body in bodies}
        except msgspec.DecodeError as error:
            raise LogError(f"{self._path}: {error}") from error
        self._known, self.catch_up = known, CatchUp(*left) if left else None
        return {agent: known[body] for agent, body in bodies}

    def close(self) -> None:
        self._file.close()
