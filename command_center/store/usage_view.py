"""The reading side of what was spent."""

import sqlite3
from collections.abc import Collection, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from msgspec import Struct

from command_center.domain.errors import LogError, LogTooNew
from command_center.domain.usage import (
    PROMPT_SIZES,
    Context,
    RateWindow,
    SessionSeen,
    Source,
    Tokens,
)

DIMENSIONS = ("spec", "account", "session", "folder", "model", "day", "size")
"""What totals can be told apart by; a size is one of PROMPT_SIZES, as text."""
LAST_DAY = "~"
"""Sorts after every date."""
SUMS = ", ".join(f"SUM({kind})" for kind in Tokens.__struct_fields__)
SIZE = "CASE {} ELSE 0 END".format(
    " ".join(
        f"WHEN input + cache_read + cache_write > {size} THEN {size}"
        for size in reversed(PROMPT_SIZES)
    )
)
"""As `prompt_size` tells it."""


class Total(Struct, frozen=True):
    by: tuple[str, ...]
    """The values of the dimensions that were asked for, in that order."""
    tokens: Tokens
    messages: int
    is_estimate: bool
    """Whether any of it is the CLI's guess."""


class Step(Struct, frozen=True):
    """What one conversation spent with one model, in prompts of one size, within a step of time."""

    start: float
    """Unix seconds."""
    session: str
    model: str
    size: int
    """One of PROMPT_SIZES."""
    tokens: Tokens


class UsageView:
    """Queries. Owns one connection; close it, or use it as a context. Raises LogError."""

    def __init__(self, path: Path, *, is_writer: bool = False) -> None:
        self.path = path
        mode = "rwc" if is_writer else "ro"
        try:
            self._db = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=5
            )
        except sqlite3.Error as error:
            raise LogError(f"{path}: {error}") from error

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
        self._db.close()

    def totals(
        self,
        *by: str,
        since: str = "",
        until: str = LAST_DAY,
        sessions: Collection[str] | None = None,
    ) -> list[Total]:
        """Sums by any of DIMENSIONS, over local dates from `since` to `until`, both included.

        Messages of an unknown date are in totals without `since` only. Of `sessions` only, if any
        are given.
        """
        assert set(by) <= set(DIMENSIONS)
        columns = "".join(("name" if each == "session" else each) + ", " for each in by)
        rows = self._rows(
            f"SELECT {columns} {SUMS}, SUM(messages), MAX(is_estimate)"
            " FROM spent JOIN session ON session.id = spent.session"
            f" WHERE day BETWEEN ? AND ?{_among(sessions)}"
            f" {'GROUP BY ' + columns[:-2] if by else ''}",
            (since, until, *(sessions or ())),
        )
        return [
            Total(
                tuple(map(str, row[: len(by)])), Tokens(*row[len(by) : -2]), row[-2], bool(row[-1])
            )
            for row in rows
            if row[-2] is not None
        ]

    def spent(self, session: str, since: float, until: float) -> Tokens:
        """What one conversation spent from `since` to before `until`, in Unix seconds."""
        for row in self._rows(
            f"SELECT {SUMS} FROM message WHERE at >= ? AND at < ?"
            " AND session IN (SELECT id FROM session WHERE name = ?)",
            (since, until, session),
        ):
            return Tokens(*(count or 0 for count in row))
        return Tokens()

    def messages(
        self, sessions: Collection[str] | None, since: float
    ) -> Iterator[tuple[str, str, float, Tokens]]:
        """(session, model, Unix seconds, tokens) of what was spent since then, oldest first.

        By those conversations; by all for None.
        """
        for session, model, at, *kinds in self._rows(
            f"SELECT name, model, at, {', '.join(Tokens.__struct_fields__)} FROM told"
            f" WHERE at >= ?{_among(sessions)} ORDER BY at",
            (since, *(sessions or ())),
        ):
            yield session, model, at, Tokens(*kinds)

    def series(self, since: float, until: float, step: int) -> list[Step]:
        """Sums over time, counted from `since`; steps without any are missing."""
        rows = self._rows(
            f"SELECT CAST((at - ?) / ? AS INTEGER), name, model, {SIZE}, {SUMS} FROM told"
            " WHERE at >= ? AND at < ? GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
            (since, float(step), since, until),
        )
        return [
            Step(since + number * step, session, model, size, Tokens(*kinds))
            for number, session, model, size, *kinds in rows
        ]

    def sessions(self) -> list[SessionSeen]:
        """Every conversation, as it was last seen."""
        rows = self._rows("SELECT name, folder, used, window, is_estimate, last_model FROM session")
        return [
            SessionSeen(
                name, folder, Context(used, window) if used else None, bool(is_estimate), model
            )
            for name, folder, used, window, is_estimate, model in rows
        ]

    def windows(self) -> list[tuple[Source, RateWindow]]:
        """The plan limits that were last reported."""
        return [
            (Source(spec, account), RateWindow(*rest))
            for spec, account, *rest in self._rows("SELECT * FROM rate")
        ]

    def _rows(self, query: str, values: tuple[object, ...] = ()) -> Iterator[tuple[Any, ...]]:
        # Asked before: its tables come all at once, perhaps between a failure and the question.
        if self._is_blank():
            return
        try:
            yield from self._db.execute(query, values)
        except sqlite3.Error as error:
            raise LogError(f"{self.path}: {error}") from error

    def _is_blank(self) -> bool:
        """Whether its writer has only just begun to make it: nothing was counted yet."""
        try:
            return at_schema(self._db, self.path, 0) == 0
        except (sqlite3.Error, LogTooNew):
            return False


def _among(sessions: Collection[str] | None) -> str:
    return "" if sessions is None else f" AND name IN ({','.join('?' * len(sessions))})"


def at_schema(db: sqlite3.Connection, path: Path, newest: int) -> int:
    """The schema of the file. Raises LogTooNew."""
    (schema,) = db.execute("PRAGMA user_version").fetchone()
    if schema > newest:
        raise LogTooNew(f"{path}: written by a newer command-center; update this one")
    return int(schema)
