"""The ledger of runs: every figure that they printed, in one SQLite file beside the log.

Figures and read positions are saved in one transaction, so that nothing is taken down twice or
lost whenever the process dies.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
from msgspec import Struct

from command_center.domain.errors import LogError, LogTooNew
from command_center.domain.metrics import MOST_FIGURES, Point

SCHEMA = 1
TABLES = f"""
    BEGIN;
    CREATE TABLE attempt (
        id INTEGER PRIMARY KEY, run TEXT NOT NULL, number INTEGER NOT NULL,
        UNIQUE (run, number)
    );
    CREATE TABLE metric (
        id INTEGER PRIMARY KEY, attempt INTEGER NOT NULL, name TEXT NOT NULL,
        points INTEGER NOT NULL DEFAULT 0,
        UNIQUE (attempt, name)
    );
    CREATE TABLE point (
        metric INTEGER NOT NULL, n INTEGER NOT NULL,
        step REAL, value REAL, at REAL NOT NULL,
        PRIMARY KEY (metric, n)
    ) WITHOUT ROWID;
    CREATE TABLE source (
        attempt INTEGER NOT NULL, name TEXT NOT NULL,
        offset INTEGER NOT NULL, step REAL,
        PRIMARY KEY (attempt, name)
    ) WITHOUT ROWID;
    PRAGMA user_version={SCHEMA};
    COMMIT;
"""


class CurvePoint(Struct, frozen=True):
    step: float
    """What the run told as its step, or else the number of the point, from 0."""
    value: float | None
    at: float


class Position(Struct, frozen=True):
    """How far one source of figures was read."""

    offset: int = 0
    step: float | None = None
    """The last one told."""


class RunLedger:
    """Owns one connection; close it, or use it as a context. Raises LogError.

    The supervisor has the only one that writes. A reader of a file that is not there yet finds
    nothing, and looks again at the next question.
    """

    def __init__(self, path: Path, *, is_writer: bool = False) -> None:
        self.path = path
        self._is_writer = is_writer
        self._db: sqlite3.Connection | None = None
        self._attempts: dict[tuple[str, int], int] = {}
        if is_writer:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def metrics(self, run: str) -> list[str]:
        """Names of what the newest attempt told, in the order in which they first appeared."""
        return list(self.counts(run))

    def counts(self, run: str) -> dict[str, int]:
        """How many values of each metric the newest attempt told, in that order too."""
        query = f"SELECT name, points FROM metric WHERE attempt = ({_NEWEST}) ORDER BY id"
        return dict(self._rows(query, run))

    def figures(self, run: str, attempt: int = 0) -> dict[str, float | None]:
        """The last value of each metric, of the newest attempt unless one is named."""
        which = "SELECT id FROM attempt WHERE run = ? AND number = ?" if attempt else _NEWEST
        values = (run, attempt) if attempt else (run,)
        rows = self._rows(
            "SELECT name, value FROM metric JOIN point"
            " ON point.metric = metric.id AND point.n = metric.points - 1"
            f" WHERE metric.attempt = ({which}) AND name NOT LIKE 'system.%' ORDER BY metric.id",
            *values,
        )
        return dict(rows)

    def curve(self, run: str, metric: str, points: int = 400) -> list[CurvePoint]:
        """The newest attempt's values, oldest first.

        Of more than `points`, unless that is 0, only the least and the greatest of each stretch
        are told, and the last one, so that a spike does not vanish.
        """
        found = self._rows(
            f"SELECT id, points FROM metric WHERE attempt = ({_NEWEST}) AND name = ?", run, metric
        )
        if not found:
            return []
        [(identity, count)] = found
        every = "SELECT n, step, value, at FROM point WHERE metric = ?"
        if not points or count <= points:
            rows = self._rows(f"{every} ORDER BY n", identity)
        else:
            stretch = max(1, 2 * count // max(2, points))
            # SQLite takes the other columns from the row that has the least or the greatest.
            sides = " UNION ".join(
                f"SELECT n, step, {side}(value), at FROM point WHERE metric = ? GROUP BY n / ?"
                for side in ("MIN", "MAX")
            )
            last = f"{every} AND n = ?"
            values = (identity, stretch, identity, stretch, identity, count - 1)
            rows = self._rows(f"{sides} UNION {last} ORDER BY 1", *values)
        return [CurvePoint(n if step is None else step, value, at) for n, step, value, at in rows]

    def position(self, run: str, attempt: int, source: str) -> Position:
        rows = self._rows(
            "SELECT source.offset, source.step FROM source JOIN attempt"
            " ON attempt.id = source.attempt"
            " WHERE (attempt.run, attempt.number, source.name) = (?,?,?)",
            *(run, attempt, source),
        )
        return Position(*rows[0]) if rows else Position()

    def told(self, run: str, attempt: int) -> Iterator[Point]:
        """Everything, metric by metric."""
        query = (
            "SELECT metric.name, point.step, point.value, point.at FROM attempt"
            " JOIN metric ON metric.attempt = attempt.id JOIN point ON point.metric = metric.id"
            " WHERE (attempt.run, attempt.number) = (?,?) ORDER BY metric.id, point.n"
        )
        for row in self._rows(query, run, attempt):
            yield Point(*row)

    def last_step(self, run: str, attempt: int) -> float:
        """The greatest that any source told last; 0 before the first."""
        rows = self._rows(
            "SELECT MAX(source.step) FROM source JOIN attempt ON attempt.id = source.attempt"
            " WHERE (attempt.run, attempt.number) = (?,?)",
            *(run, attempt),
        )
        return float(rows[0][0] or 0.0)

    def record(
        self, run: str, attempt: int, source: str, points: Sequence[Point], read: Position
    ) -> None:
        """Take down what was found, and how far `source` was read. All or nothing."""
        db = self._connected()
        if db is None:
            raise LogError(f"{self.path}: not open")
        try:
            with db:
                db.execute("BEGIN IMMEDIATE")
                identity = self._attempt(db, run, attempt)
                self._insert(db, identity, points)
                db.execute(
                    "INSERT OR REPLACE INTO source VALUES (?,?,?,?)",
                    (identity, source, read.offset, read.step),
                )
        except sqlite3.Error as error:
            self._attempts.clear()
            raise LogError(f"{self.path}: {error}") from error

    def _insert(self, db: sqlite3.Connection, attempt: int, points: Sequence[Point]) -> None:
        rows: list[tuple[int, int, float | None, float | None, float]] = []
        metrics: dict[str, list[int]] = {}
        for point in points:
            if (metric := metrics.get(point.metric)) is None:
                found = self._metric(db, attempt, point.metric)
                if found is None:
                    continue
                metric = metrics[point.metric] = found
            rows.append((metric[0], metric[1], point.step, point.value, point.at))
            metric[1] += 1
        db.executemany("INSERT INTO point VALUES (?,?,?,?,?)", rows)
        counts = [(count, identity) for identity, count in metrics.values()]
        db.executemany("UPDATE metric SET points = ? WHERE id = ?", counts)

    def _metric(self, db: sqlite3.Connection, attempt: int, name: str) -> list[int] | None:
        """Its id and how many points it has; None for one too many."""
        asked = "SELECT id, points FROM metric WHERE (attempt, name) = (?,?)"
        found = db.execute(asked, (attempt, name)).fetchone()
        if found is None:
            (count,) = db.execute(
                "SELECT COUNT(*) FROM metric WHERE attempt = ?", (attempt,)
            ).fetchone()
            if count >= MOST_FIGURES:
                return None
            db.execute("INSERT INTO metric (attempt, name) VALUES (?,?)", (attempt, name))
            found = db.execute(asked, (attempt, name)).fetchone()
        return list(found)

    def _attempt(self, db: sqlite3.Connection, run: str, number: int) -> int:
        if (known := self._attempts.get((run, number))) is None:
            db.execute("INSERT OR IGNORE INTO attempt (run, number) VALUES (?,?)", (run, number))
            (found,) = db.execute(
                "SELECT id FROM attempt WHERE (run, number) = (?,?)", (run, number)
            ).fetchone()
            known = self._attempts[run, number] = int(found)
        return known

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        db = self._connected()
        if db is None:
            return []
        try:
            return db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise LogError(f"{self.path}: {error}") from error

    def _connected(self) -> sqlite3.Connection | None:
        if self._db is None and not self._is_writer and self.path.exists():
            self._open()
        return self._db

    def _open(self) -> None:
        mode = "rwc" if self._is_writer else "ro"
        try:
            db = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode={mode}",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version > SCHEMA:
                db.close()
                raise LogTooNew(f"{self.path}: written by a newer program; update this one")
            if self._is_writer:
                db.execute("PRAGMA journal_mode=WAL")
                db.execute("PRAGMA synchronous=NORMAL")
                if not version:
                    db.executescript(TABLES)
            elif not version:
                db.close()
                return
        except sqlite3.Error as error:
            raise LogError(f"{self.path}: {error}") from error
        self._db = db


def write_figures(ledger: Path, run: str, attempt: int, folder: Path) -> None:
    """Write what the attempt told to `figures.jsonl` in its folder, as it was told.

    Raises LogError, OSError; may be called from any thread.
    """
    made = folder / "figures.jsonl.new"
    with RunLedger(ledger) as reader, made.open("wb") as file:
        for row in reader.told(run, attempt):
            file.write(msgspec.json.encode(row) + b"\n")
    made.replace(folder / "figures.jsonl")


_NEWEST = "SELECT id FROM attempt WHERE run = ? ORDER BY number DESC LIMIT 1"
