"""Format `message-table`: an SQLite database of the CLI's own, one row per message.

Source: database of the CLI's 1.18 series. Counts are disjoint and grow while a message is written;
`output` excludes `reasoning`. A sub-agent is a session with a parent. This is an outsider's file:
it is opened read-only, and the store knows nothing of it.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import msgspec
from msgspec import Struct

from command_center.domain.usage import (
    Context,
    Cursor,
    Finding,
    SessionSeen,
    Tokens,
    UsageRow,
    message_key,
)
from command_center.drivers.transcripts.lines import Look, OneFile
from command_center.drivers.transcripts.values import Count, Number, decoded

PATIENCE = 0.2
"""Seconds to wait for the CLI to end a write."""


class _Cache(Struct, frozen=True):
    read: Count = 0
    write: Count = 0


class _Tokens(Struct):
    input: Count = 0
    output: Count = 0
    reasoning: Count = 0
    cache: _Cache = _Cache()


class _Time(Struct, frozen=True):
    created: Number = 0.0
    """Unix milliseconds."""


class _Message(Struct):
    role: str
    tokens: _Tokens
    model: str = msgspec.field(default="", name="modelID")
    time: _Time = _Time()


_message = msgspec.json.Decoder(_Message)


class MessageTable:
    @staticmethod
    def look(path: str) -> Look:
        """Covers the write-ahead log, which grows while the database does not. Raises OSError."""
        database = OneFile.look(path)
        try:
            log = OneFile.look(path + "-wal")
        except FileNotFoundError:
            return database
        changed = max(database.changed, log.changed)
        return Look(database.inode, database.size + log.size, changed)

    def read(self, path: Path, cursor: Cursor) -> Finding:
        """One finding, whose rows name their sessions. Raises OSError when it cannot be read."""
        reached = Cursor(*self.look(str(path)))
        since = cursor.offset if reached.inode == cursor.inode else 0
        try:
            with closing(
                sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=PATIENCE)
            ) as db:
                sessions = db.execute("SELECT id, parent_id, directory FROM session").fetchall()
                # Equal times are read again: a row may have been added within the millisecond.
                told = db.execute(
                    "SELECT id, session_id, time_updated, CAST(data AS BLOB) FROM message"
                    " WHERE time_updated >= ? ORDER BY time_updated",
                    (since,),
                ).fetchall()
        except sqlite3.Error as error:
            raise OSError(f"{path}: {error}") from error
        parents = {name: parent for name, parent, _ in sessions}
        rows, last = [], {}
        for message, session, _, data in told:
            if row := _row(message, _root(session, parents), data):
                rows.append(row)
                if row.session == session:
                    last[session] = Context(row.tokens.prompt), row.model
        seen = tuple(
            SessionSeen(name, folder, last[name][0], model=last[name][1])
            for name, _, folder in sessions
            if name in last
        )
        offset = told[-1][2] if told else since
        return Finding(
            str(path), msgspec.structs.replace(reached, offset=offset), tuple(rows), seen
        )


def _row(message: str, session: str, data: bytes) -> UsageRow | None:
    told = decoded(_message, data)
    if told is None or told.role != "assistant":
        return None
    tokens = Tokens(
        input=told.tokens.input,
        output=told.tokens.output + told.tokens.reasoning,
        cache_read=told.tokens.cache.read,
        cache_write=told.tokens.cache.write,
        reasoning=told.tokens.reasoning,
    )
    at = told.time.created / 1000
    return UsageRow(message_key(message), session, told.model, at, tokens) if tokens else None


def _root(session: str, parents: Mapping[str, str | None]) -> str:
    seen = {session}
    while (parent := parents.get(session)) and parent not in seen:
        session = parent
        seen.add(parent)
    return session
