"""Format `event-records`: an event log with one `session.usage_record` per model call.

Source: `events.jsonl` of the CLI's 1.0 series. `inputTokens` includes both caches, `outputTokens`
includes reasoning. The closing sums of `session.shutdown` tell the same calls again.
"""

from pathlib import Path

import msgspec
from msgspec import Raw, Struct

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


class _Line(Struct):
    type: str
    data: Raw
    id: str = ""
    timestamp: str = ""


class _Place(Struct):
    cwd: str = ""


class _Start(Struct, rename="camel"):
    session_id: str = ""
    context: _Place | None = None


class _Usage(Struct, rename="camel"):
    model: str = ""
    input_tokens: Count = 0
    output_tokens: Count = 0
    cache_read_tokens: Count = 0
    cache_write_tokens: Count = 0
    reasoning_tokens: Count = 0
    max_prompt_tokens: Count = 0
    api_call_id: str | None = None


class _Record(Struct):
    usage: _Usage


_line = msgspec.json.Decoder(_Line)
_start = msgspec.json.Decoder(_Start)
_record = msgspec.json.Decoder(_Record)


class EventRecords(OneFile):
    def read(self, path: Path, cursor: Cursor) -> Finding:
        rows: list[UsageRow] = []
        folder, context = "", None
        with NewLines(path, cursor) as lines:
            session = lines.memory.decode()
            for line in (each for block in lines for each in block.splitlines()):
                event = decoded(_line, line)
                if event is None:
                    continue
                if event.type == "session.start" and (start := decoded(_start, event.data)):
                    session = start.session_id or session
                    folder = start.context.cwd if start.context else folder
                if event.type != "session.usage_record":
                    continue
                record = decoded(_record, event.data)
                if record and (row := _row(event, record.usage, session)):
                    rows.append(row)
                    context = Context(row.tokens.prompt, record.usage.max_prompt_tokens)
            reached = lines.reached(session.encode())
        seen = (SessionSeen(session, folder, context),)
        return Finding(str(path), reached, tuple(rows), seen)


def _row(event: _Line, usage: _Usage, session: str) -> UsageRow | None:
    read, write = usage.cache_read_tokens, usage.cache_write_tokens
    tokens = Tokens(
        input=max(0, usage.input_tokens - read - write),
        output=usage.output_tokens,
        cache_read=read,
        cache_write=write,
        reasoning=usage.reasoning_tokens,
    )
    key = message_key(usage.api_call_id or event.id)
    at = unix_time(event.timestamp)
    return UsageRow(key, session, usage.model, at, tokens) if tokens else None
