"""Files of figures that nobody misses: made anew when they are broken or of another version."""

import sqlite3
from contextlib import closing
from pathlib import Path

from command_center.domain.errors import LogError


def opened(path: Path, schema: int, tables: str) -> sqlite3.Connection:
    """For its only writer, in the thread that calls; no commit waits for the disk.

    `tables` is a script that also sets `user_version` to `schema`. Raises LogError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        try:
            return _opened(path, schema, tables)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            # Not a database, or one that a power cut left in pieces.
            remove(path)
            return _opened(path, schema, tables)
    except sqlite3.Error as error:
        raise LogError(f"{path}: {error}") from error


class Follower:
    """Reads such a file as it is now, which may not exist yet. Owns a connection; close it."""

    def __init__(self, path: Path, schema: int) -> None:
        self._path = path
        self._schema = schema
        self._db: sqlite3.Connection | None = None
        self._inode = 0
        self._version = -1
        """Of the data that was last told to have been read."""

    def followed(self) -> sqlite3.Connection | None:
        """None while there is no such file of our version. Raises sqlite3.Error."""
        try:
            inode = self._path.stat().st_ino
        except FileNotFoundError:
            return None
        if self._db is None or inode != self._inode:
            self.close()
            self._db = sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True, timeout=2)
            (schema,) = self._db.execute("PRAGMA user_version").fetchone()
            if schema != self._schema:
                # Being made just now, or another version's: its owner will make it anew.
                self.close()
                return None
            self._inode, self._version = inode, -1
        return self._db

    def news(self) -> tuple[sqlite3.Connection, int] | None:
        """The connection and the version of what changed since `took`; None when nothing did.

        Costs one stat and one pragma. Raises sqlite3.Error.
        """
        if (db := self.followed()) is None:
            return None
        (version,) = db.execute("PRAGMA data_version").fetchone()
        return None if version == self._version else (db, version)

    def took(self, version: int) -> None:
        self._version = version

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None


def remove(path: Path) -> None:
    """The file and what SQLite keeps beside it. Raises OSError."""
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)


def _opened(path: Path, schema: int, tables: str) -> sqlite3.Connection:
    """Raises sqlite3.Error."""
    with closing(sqlite3.connect(path)) as old:
        (found,) = old.execute("PRAGMA user_version").fetchone()
        old.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    if found != schema:
        remove(path)
    db = sqlite3.connect(path, isolation_level=None, timeout=5)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=OFF")
        if found != schema:
            db.executescript(tables)
    except sqlite3.Error:
        db.close()
        raise
    return db
