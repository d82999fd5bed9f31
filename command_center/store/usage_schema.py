"""The tables of what was spent, and how an older file is brought up to date."""

from command_center.domain.usage import Tokens

SCHEMA = 3
KINDS = ", ".join(Tokens.__struct_fields__)

MIGRATIONS = (
    """
    CREATE TABLE file (
        path TEXT PRIMARY KEY,
        inode INTEGER NOT NULL, size INTEGER NOT NULL, changed INTEGER NOT NULL,
        offset INTEGER NOT NULL, seal INTEGER NOT NULL, memory BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE session (
        id INTEGER PRIMARY KEY,
        spec TEXT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL,
        folder TEXT NOT NULL DEFAULT '',
        used INTEGER NOT NULL DEFAULT 0, window INTEGER NOT NULL DEFAULT 0,
        is_estimate INTEGER NOT NULL DEFAULT 0,
        UNIQUE (spec, account, name)
    );
    CREATE TABLE message (
        key INTEGER PRIMARY KEY,
        session INTEGER NOT NULL, model TEXT NOT NULL, at REAL NOT NULL,
        input INTEGER NOT NULL, output INTEGER NOT NULL,
        cache_read INTEGER NOT NULL, cache_write INTEGER NOT NULL,
        reasoning INTEGER NOT NULL, cache_write_long INTEGER NOT NULL
    );
    CREATE TABLE spent (
        session INTEGER NOT NULL, model TEXT NOT NULL, day TEXT NOT NULL, size INTEGER NOT NULL,
        messages INTEGER NOT NULL,
        input INTEGER NOT NULL, output INTEGER NOT NULL,
        cache_read INTEGER NOT NULL, cache_write INTEGER NOT NULL,
        reasoning INTEGER NOT NULL, cache_write_long INTEGER NOT NULL,
        PRIMARY KEY (session, model, day, size)
    ) WITHOUT ROWID;
    CREATE TABLE rate (
        spec TEXT NOT NULL, account TEXT NOT NULL, minutes INTEGER NOT NULL,
        used REAL NOT NULL, resets_at REAL NOT NULL,
        PRIMARY KEY (spec, account, minutes)
    ) WITHOUT ROWID;
    """,
    "ALTER TABLE session ADD COLUMN last_model TEXT NOT NULL DEFAULT '';",
    f"""
    CREATE TABLE model (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    INSERT INTO model (name) SELECT DISTINCT model FROM message;
    ALTER TABLE message RENAME TO worded;
    CREATE TABLE message (
        key INTEGER PRIMARY KEY,
        session INTEGER NOT NULL, model INTEGER NOT NULL, at REAL NOT NULL,
        input INTEGER NOT NULL, output INTEGER NOT NULL,
        cache_read INTEGER NOT NULL, cache_write INTEGER NOT NULL,
        reasoning INTEGER NOT NULL, cache_write_long INTEGER NOT NULL
    );
    INSERT INTO message SELECT key, session, model.id, at, {KINDS}
        FROM worded JOIN model ON model.name = worded.model;
    DROP TABLE worded;
    CREATE VIEW told AS SELECT
        key, session.id AS session, session.name, model.name AS model, at, {KINDS}
        FROM message JOIN session ON session.id = message.session
        JOIN model ON model.id = message.model;
    """,
)
"""The step at index N brings a file of schema N to N + 1."""
