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
