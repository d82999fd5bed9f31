"""Format `chat-records`: a header, then records that are written again as their tools finish.

Source: chat files of the CLI's 0.6x series. `input` includes what the cache served, `tool` is
prompt too; `output` excludes `thoughts`. The last record of an id is the whole one. A `$set` patch
may carry records as well.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct, field

from command_center.domain.usage import (
    Context,
    Cursor,
    Finding,
    SessionSeen,
    Tokens,
    UsageRow,
    message_key,
)
from command_center.drivers.transcripts.lines import NewLines, OneFile
from command_center.drivers.transcripts.values import Count, decoded, unix_time


class _Tokens(Struct):
    input: Count = 0
    output: Count = 0
    cached: Count = 0
    thoughts: Count = 0
    tool: Count = 0


class _Message(Struct):
    id: str = ""
    timestamp: str = ""
    model: str = ""
    tokens: _Tokens | None = None


class _Patch(Struct):
    messages: list[_Message] = []


class _Line(_Message):
    session_id: str = field(default="", name="sessionId")
    patch: _Patch | None = field(default=None, name="$set")


_line = msgspec.json.Decoder(_Line)


class ChatRecords(OneFile):
    def read(self, path: Path, cursor: Cursor) -> Finding:
        rows: list[UsageRow] = []
        with NewLines(path, cursor) as lines:
            session = lines.memory.decode()
            for line in _lines(lines):
                session = line.session_id or session
                messages = [line, *line.patch.messages] if line.patch else [line]
                rows += [row for each in messages if (row := _row(each, session))]
            context = Context(rows[-1].tokens.prompt) if rows else None
            reached = lines.reached(session.encode())
        seen = (SessionSeen(session, "", context, model=rows[-1].model if rows else ""),)
        return Finding(str(path), reached, tuple(rows), seen)


def _lines(lines: NewLines) -> Iterator[_Line]:
    for block in lines:
        for line in block.splitlines():
            if record := decoded(_line, line):
                yield record


def _row(message: _Message, session: str) -> UsageRow | None:
    if message.tokens is None:
        return None
    told = message.tokens
    tokens = Tokens(
        input=max(0, told.input - told.cached) + told.tool,
        output=told.output + told.thoughts,
        cache_read=told.cached,
        reasoning=told.thoughts,
    )
    key = message_key(message.id)
    at = unix_time(message.timestamp)
    return UsageRow(key, session, message.model, at, tokens) if tokens else None
