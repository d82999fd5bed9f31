"""What was spent: one SQLite file that the supervisor writes as transcripts grow.

Counts and read positions are saved in one transaction, so that nothing is counted twice or lost
whenever the process dies. The counts outlive the transcripts they came from.
"""

import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from msgspec import Struct, structs
from msgspec.structs import astuple

from command_center.domain.errors import LogError
from command_center.domain.usage import (
    Cursor,
    Finding,
    RateWindow,
    SessionSeen,
    Source,
    Tokens,
    UsageRow,
    size_of,
)
from command_center.store.usage_schema import KINDS, MIGRATIONS, SCHEMA
from command_center.store.usage_view import UsageView, at_schema

YEAR_10000 = 253402300800
BY_HEART = 100_000
"""Keys; about 8 MB. Beyond, the database is asked which it knows."""
PLACES = 500
"""Values in one IN (…); far below what any SQLite allows."""
SUMMED = ("messages", *Tokens.__struct_fields__)


class LocalDays:
    """The local date of a Unix time, as `2026-11-20`; empty for an unknown time."""

    def __init__(self) -> None:
        self._days: dict[float, str] = {}

    def __call__(self, at: float) -> str:
        # No time zone changes its date within a quarter of an hour.
        quarter = at // 900
        if (day := self._days.get(quarter)) is None:
            day = self._days[quarter] = _local_day(at)
        return day


def _local_day(at: float) -> str:
    if not 0 < at < YEAR_10000:
        return ""
    try:
        local = time.localtime(at)
    except (OverflowError, ValueError, OSError):
        return ""
    return f"{local.tm_year}-{local.tm_mon:02}-{local.tm_mday:02}"


class UsageStore(UsageView):
    """The writing side; the supervisor owns the only one. Raises LogTooNew, LogError."""

    def __init__(self, path: Path, day: Callable[[float], str] | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(path, is_writer=True)
        self._day = day or LocalDays()
        self._sessions: dict[tuple[str, str, str], int] = {}
        self._heart: set[int] | None = None
        """Every key that was counted, if this process has counted them all and they are few."""
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            # A power cut may lose the newest counts and their read positions, together.
            self._db.execute("PRAGMA synchronous=NORMAL")
            # Each checkpoint waits for the disk; a first scan would pass through a dozen.
            self._db.execute("PRAGMA wal_autocheckpoint=8000")
            for number in range(at_schema(self._db, path, SCHEMA), SCHEMA):
                self._db.executescript(
                    f"BEGIN; {MIGRATIONS[number]} PRAGMA user_version={number + 1}; COMMIT;"
                )
            if self._db.execute("SELECT 1 FROM message LIMIT 1").fetchone() is None:
                self._heart = set()
        except sqlite3.Error as error:
            self.close()
            raise LogError(f"{path}: {error}; move the file away to count afresh") from error
        except LogError:
            self.close()
            raise

    def cursors(self) -> dict[str, Cursor]:
        """How far each file was read, by its path."""
        return {path: Cursor(*rest) for path, *rest in self._rows("SELECT * FROM file")}

    def record(self, source: Source, findings: Sequence[Finding]) -> list[UsageRow]:
        """Count what was found, once, and remember how far the files were read.

        Returns what the totals grew by: a row per new message, and the difference for a message
        of which a greater count was found. Raises LogError, and then has recorded nothing.
        """
        try:
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                grown = self._count(source, findings)
                for finding in findings:
                    self._remember(source, finding)
        except (sqlite3.Error, OverflowError) as error:
            self._sessions.clear()
            self._heart = None
            raise LogError(f"{self.path}: {error}") from error
        return grown

    def note(self, source: Source, seen: SessionSeen, windows: Iterable[RateWindow]) -> None:
        """Take over what was told by no file. Raises LogError, and then has recorded nothing."""
        try:
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                if seen.name:
                    self._see(self._session(source, seen.name), seen)
                for window in windows:
                    self._see_window(source, window)
        except (sqlite3.Error, OverflowError) as error:
            self._sessions.clear()
            self._heart = None
            raise LogError(f"{self.path}: {error}") from error

    def _count(self, source: Source, findings: Iterable[Finding]) -> list[UsageRow]:
        found: dict[int, UsageRow] = {}
        for finding in findings:
            for row in finding.rows:
                if (known := found.setdefault(row.key, row)) is not row:
                    found[row.key] = _joined(known, row)
        old = self._known(found)
        new = [row for key, row in found.items() if key not in old] if old else [*found.values()]
        sums = _Sums(self._day)
        self._insert(source, new, sums)
        grown = new + self._grown(found, old, sums)
        if self._heart is not None:
            self._heart.update(found)
            self._heart = self._heart if len(self._heart) <= BY_HEART else None
        sums.save(self._db)
        return grown

    def _insert(self, source: Source, new: Iterable[UsageRow], sums: "_Sums") -> None:
        messages, sessions, models = [], dict[str, int](), dict[str, int]()
        for row in new:
            if (session := sessions.get(row.session)) is None:
                session = sessions[row.session] = self._session(source, row.session)
            if (model := models.get(row.model)) is None:
                model = models[row.model] = self._model(row.model)
            kinds = astuple(row.tokens)
            messages.append((row.key, session, model, row.at, *kinds))
            sums.add(session, row.model, row.at, kinds)
        if self._heart is None:
            # Ascending keys touch each page of the table once; a small table is at hand as it is.
            messages.sort()
        self._db.executemany("INSERT INTO message VALUES (?,?,?,?,?,?,?,?,?,?)", messages)

    def _grown(
        self, found: dict[int, UsageRow], old: "dict[int, _Counted]", sums: "_Sums"
    ) -> list[UsageRow]:
        grown = []
        for key, was in old.items():
            joined = found[key].tokens | was.row.tokens
            if joined == was.row.tokens:
                continue
            model, at = was.row.model, was.row.at
            sums.take(was.session, model, at, astuple(was.row.tokens))
            sums.add(was.session, model, at, astuple(joined))
            grown.append(structs.replace(was.row, tokens=joined - was.row.tokens))
            self._db.execute(
                f"UPDATE message SET ({KINDS}) = (?,?,?,?,?,?) WHERE key = ?",
                (*astuple(joined), key),
            )
        return grown

    def _known(self, keys: dict[int, UsageRow]) -> "dict[int, _Counted]":
        heart = self._heart
        wanted = list(keys if heart is None else heart.intersection(keys))
        known: dict[int, _Counted] = {}
        for start in range(0, len(wanted), PLACES):
            some = wanted[start : start + PLACES]
            for key, session, name, model, at, *kinds in self._db.execute(
                f"SELECT key, session, name, model, at, {KINDS} FROM told"
                f" WHERE key IN ({','.join('?' * len(some))})",
                some,
            ):
                row = UsageRow(key, name, model, at, Tokens(*kinds))
                known[key] = _Counted(session, row)
        return known

    def _session(self, source: Source, name: str) -> int:
        key = (source.spec, source.account, name)
        if (known := self._sessions.get(key)) is None:
            self._db.execute(
                "INSERT OR IGNORE INTO session (spec, account, name) VALUES (?,?,?)", key
            )
            (known,) = self._db.execute(
                "SELECT id FROM session WHERE (spec, account, name) = (?,?,?)", key
            ).fetchone()
            self._sessions[key] = known
        return known

    def _model(self, name: str) -> int:
        self._db.execute("INSERT OR IGNORE INTO model (name) VALUES (?)", (name,))
        (known,) = self._db.execute("SELECT id FROM model WHERE name = ?", (name,)).fetchone()
        return int(known)

    def _remember(self, source: Source, finding: Finding) -> None:
        for seen in finding.sessions:
            if seen.name:
                self._see(self._session(source, seen.name), seen)
        for window in finding.windows:
            self._see_window(source, window)
        self._db.execute(
            "INSERT OR REPLACE INTO file VALUES (?,?,?,?,?,?,?)",
            (finding.path, *astuple(finding.cursor)),
        )

    def _see(self, session: int, seen: SessionSeen) -> None:
        if seen.folder or seen.is_estimate:
            self._db.execute(
                "UPDATE session SET folder = ?, is_estimate = ? WHERE id = ?",
                (seen.folder, seen.is_estimate, session),
            )
        if seen.context:
            # Not every source knows the window.
            self._db.execute(
                "UPDATE session SET used = ?, window = CASE WHEN ? > 0 THEN ?"
                " ELSE window END WHERE id = ?",
                (seen.context.used, seen.context.window, seen.context.window, session),
            )
        if seen.model:
            self._db.execute(
                "UPDATE session SET last_model = ? WHERE id = ?", (seen.model, session)
            )

    def _see_window(self, source: Source, window: RateWindow) -> None:
        # Files are not read in the order in which they were written: a later reset is newer.
        self._db.execute(
            "INSERT INTO rate VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE"
            " SET used = excluded.used, resets_at = excluded.resets_at"
            " WHERE excluded.resets_at >= resets_at",
            (source.spec, source.account, *astuple(window)),
        )


class _Counted(Struct, frozen=True):
    session: int
    row: UsageRow


Place = tuple[int, str, str, int]
"""A row of the table of sums: session, model, day and size."""


class _Sums:
    """What one transaction adds to the table of sums."""

    def __init__(self, day: Callable[[float], str]) -> None:
        self._day = day
        self._added = defaultdict[Place, list[tuple[int, ...]]](list)
        self._taken = defaultdict[Place, list[tuple[int, ...]]](list)

    def add(self, session: int, model: str, at: float, kinds: tuple[int, ...]) -> None:
        """A message."""
        size = size_of(kinds[0] + kinds[2] + kinds[3])
        self._added[session, model, self._day(at), size].append(kinds)

    def take(self, session: int, model: str, at: float, kinds: tuple[int, ...]) -> None:
        """What was counted of a message before."""
        size = size_of(kinds[0] + kinds[2] + kinds[3])
        self._taken[session, model, self._day(at), size].append(kinds)

    def save(self, db: sqlite3.Connection) -> None:
        rows = [
            (*key, len(some), *map(sum, zip(*some, strict=True)))
            for key, some in self._added.items()
        ]
        rows += [
            (*key, -len(some), *(-sum(column) for column in zip(*some, strict=True)))
            for key, some in self._taken.items()
        ]
        more = ", ".join(f"{column} = {column} + excluded.{column}" for column in SUMMED)
        db.executemany(
            f"INSERT INTO spent VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET {more}",
            rows,
        )


def _joined(one: UsageRow, other: UsageRow) -> UsageRow:
    tokens = one.tokens | other.tokens
    return one if tokens is one.tokens else structs.replace(one, tokens=tokens)
