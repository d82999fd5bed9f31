"""The machine as it is and as it was: one small file, written at most once a second.

An hour is kept by the second, and a day by the minute; what agents and runs took, by ten seconds
and by the minute. Nothing here is worth a wait for the disk, and a file that cannot be read is
made anew.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from command_center.domain.errors import LogError
from command_center.domain.machine import Point, Sample, figures, tree_figures
from command_center.store import scratch

SCHEMA = 1
TABLES = f"""
    BEGIN;
    CREATE TABLE latest (id INTEGER PRIMARY KEY CHECK (id = 1), body BLOB NOT NULL);
    CREATE TABLE second (at INTEGER PRIMARY KEY, body BLOB NOT NULL);
    CREATE TABLE minute (at INTEGER PRIMARY KEY, body BLOB NOT NULL);
    PRAGMA user_version={SCHEMA};
    COMMIT;
"""
SECONDS_KEPT = 3600
MINUTES_KEPT = 24 * 60
MINUTE = 60
TREE_SECONDS = 10
"""From one sample whose trees are kept to the next."""

_encoder = msgspec.msgpack.Encoder()
_sample = msgspec.msgpack.Decoder(Sample)
_row = msgspec.msgpack.Decoder(dict[str, float])


class MachineStore:
    """The writing side; the supervisor owns the only one. Raises LogError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = scratch.opened(path, SCHEMA, TABLES)
        self._minute = _Minute()
        self._turn = 0
        """Number of the ten seconds in which trees were kept last."""

    def save(self, sample: Sample) -> None:
        """What is shown from now on, and its place in the history."""
        second = int(sample.at)
        told, of_trees = figures(sample), tree_figures(sample)
        self._minute.turn(second // MINUTE)
        self._minute.add({**told, **of_trees})
        is_turn, self._turn = second // TREE_SECONDS != self._turn, second // TREE_SECONDS
        row = {**told, **of_trees} if is_turn else told
        try:
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                self._db.execute(
                    "INSERT OR REPLACE INTO latest VALUES (1,?)", (_encoder.encode(sample),)
                )
                self._db.execute(
                    "INSERT OR REPLACE INTO second VALUES (?,?)", (second, _encoder.encode(row))
                )
                self._db.execute("DELETE FROM second WHERE at <= ?", (second - SECONDS_KEPT,))
                if done := self._minute.done:
                    self._put_minute(*done)
        except sqlite3.Error as error:
            raise LogError(f"{self.path}: {error}") from error
        self._minute.done = None

    def _put_minute(self, minute: int, means: Mapping[str, float]) -> None:
        at = (minute + 1) * MINUTE
        self._db.execute("INSERT OR REPLACE INTO minute VALUES (?,?)", (at, _encoder.encode(means)))
        self._db.execute("DELETE FROM minute WHERE at <= ?", (at - MINUTES_KEPT * MINUTE,))

    def close(self) -> None:
        self._db.close()


class MachineView:
    """Follows a file that may not exist yet. Owns one read-only connection; close it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = scratch.Follower(path, SCHEMA)

    def poll(self) -> Sample | None:
        """The newest sample, if it changed since the last call; else None.

        Costs one stat and one pragma when nothing is new. A sample whose `at` is older than a few
        seconds says what the machine did when somebody looked last. Raises LogError.
        """
        try:
            if (news := self._file.news()) is None:
                return None
            db, version = news
            found = db.execute("SELECT body FROM latest").fetchone()
            self._file.took(version)
            return _sample.decode(found[0]) if found else None
        except (sqlite3.Error, msgspec.DecodeError) as error:
            raise LogError(f"{self._path}: {error}") from error

    def history(self, names: Iterable[str], since: float) -> dict[str, list[Point]]:
        """The points of each series, oldest first; `figures` and `tree_figures` say their names.

        By the second as far as that reaches back, by the minute before; nothing for what was not
        told, or when nobody looked. An hour of one series takes some ten milliseconds: ask for
        what came since the last answer. Raises LogError.
        """
        wanted = tuple(names)
        series: dict[str, list[Point]] = {name: [] for name in wanted}
        try:
            if (db := self._file.followed()) is None:
                return series
            for at, body in _rows(db, since):
                row = _row.decode(body)
                for name in wanted:
                    if (value := row.get(name)) is not None:
                        series[name].append(Point(at, value))
        except (sqlite3.Error, msgspec.DecodeError) as error:
            raise LogError(f"{self._path}: {error}") from error
        return series

    def close(self) -> None:
        self._file.close()


def _rows(db: sqlite3.Connection, since: float) -> list[tuple[int, bytes]]:
    (first,) = db.execute("SELECT min(at) FROM second").fetchone()
    old = db.execute(
        "SELECT at, body FROM minute WHERE at > ? AND at < ? ORDER BY at",
        (since, float("inf") if first is None else first),
    ).fetchall()
    new = db.execute("SELECT at, body FROM second WHERE at > ? ORDER BY at", (since,)).fetchall()
    return [*old, *new]


class _Minute:
    """Means over the minute that is going on."""

    def __init__(self) -> None:
        self._number = -1
        self._sums: defaultdict[str, float] = defaultdict(float)
        self._counts: defaultdict[str, int] = defaultdict(int)
        self.done: tuple[int, dict[str, float]] | None = None
        """The last whole one, until it is saved."""

    def turn(self, number: int) -> None:
        if number == self._number:
            return
        if self._sums:
            means = {name: total / self._counts[name] for name, total in self._sums.items()}
            self.done = self._number, means
        self._number = number
        self._sums.clear()
        self._counts.clear()

    def add(self, row: Mapping[str, float]) -> None:
        for name, value in row.items():
            self._sums[name] += value
            self._counts[name] += 1
