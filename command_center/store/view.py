"""The reading side of the log: the newest fleet, for anyone but the supervisor."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from command_center.domain import events as ev
from command_center.domain.errors import LogError
from command_center.domain.model import Fleet
from command_center.domain.reduce import replay
from command_center.store.log import load_fleet, read_since, schema_of


class View:
    """Follows a log that may not exist yet. Owns one read-only connection; close it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._inode = 0
        self._version = -1
        self.fleet = Fleet()

    def poll(self) -> Fleet | None:
        """The new fleet if anything was logged since the last call, else None.

        A log that was replaced by another starts a new fleet. Costs one pragma and one stat
        when nothing has changed. Raises LogTooNew, LogError.
        """
        shown = self.fleet.seq
        if not self._opened():
            return None
        assert self._db is not None
        try:
            (version,) = self._db.execute("PRAGMA data_version").fetchone()
            if version == self._version:
                return None
            is_first = self._version == -1
            if self.fleet.seq:
                self.fleet = replay(read_since(self._db, self.fleet.seq), self.fleet)
            else:
                self.fleet = load_fleet(self._db)
            self._version = version
        except sqlite3.Error as error:
            raise LogError(f"{self._path}: {error}") from error
        is_changed = self.fleet.seq != shown or (is_first and shown > 0)
        return self.fleet if is_changed else None

    def records(self, after: int = 0) -> Iterator[ev.Record]:
        """The log's own records, oldest first."""
        if self._opened():
            assert self._db is not None
            yield from read_since(self._db, after)

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def _opened(self) -> bool:
        try:
            inode = self._path.stat().st_ino
        except FileNotFoundError:
            return False
        if self._db is not None and inode == self._inode:
            return True
        self.close()
        try:
            self._db = sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True, timeout=2)
            if schema_of(self._db, self._path) == 0:
                self.close()
                return False
        except sqlite3.Error as error:
            raise LogError(f"{self._path}: {error}") from error
        self._inode, self._version, self.fleet = inode, -1, Fleet()
        return True
