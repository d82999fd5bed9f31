"""Format `message-blocks`: one record per content block, each with its whole message's usage.

Source: transcripts of the CLI's 2.1 series. `input_tokens` excludes both caches, `output_tokens`
includes thinking. A message is told once per block, with counts that grow; resumed and forked
sessions copy records, with the message and request ids kept. Sub-agents write files of their own
below the session's folder, marked as a side chain, with their parent's session id.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from command_center.domain.usage import (
    NO_MODEL,
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

NEEDLE = b'"cache_read_input_tokens"'
"""In every usage the CLI writes; long, because a search skips ahead by the needle's length."""


class _Tiers(Struct, gc=False):
    ephemeral_1h_input_tokens: Count | None = None


class _Details(Struct, gc=False):
    thinking_tokens: Count | None = None


class _Usage(Struct, gc=False):
    input_tokens: Count | None = None
    output_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None
    cache_creation_input_tokens: Count | None = None
    cache_creation: _Tiers | None = None
    output_tokens_details: _Details | None = None


class _Message(Struct, gc=False):
    usage: Raw
    id: str = ""
    model: str | None = None


class _Record(Struct, rename="camel", gc=False):
    message: _Message
    type: str = ""
    request_id: str | None = None
    uuid: str | None = None
    timestamp: str | None = None
    session_id: str | None = None
    cwd: str | None = None
    is_sidechain: bool | None = None


_record = msgspec.json.Decoder(_Record)
_usage = msgspec.json.Decoder(_Usage)


class MessageBlocks(OneFile):
    def read(self, path: Path, cursor: Cursor) -> Finding:
        rows: list[UsageRow] = []
        session = folder = ""
        main: UsageRow | None = None
        with NewLines(path, cursor) as lines:
            for record in _records(lines):
                if row := _row(record):
                    rows.append(row)
                    session, folder = row.session or session, record.cwd or folder
                    main = main if record.is_sidechain else row
            context, model = (Context(main.tokens.prompt), main.model) if main else (None, "")
            seen = SessionSeen(session, folder, context, model == NO_MODEL, model)
            return Finding(str(path), lines.cursor, tuple(rows), (seen,) if rows else ())


def _records(lines: NewLines) -> Iterator[_Record]:
    """The records that hold usage, without those that repeat the one before.

    Most lines are the next block of the same message: both ids and the same bytes of usage tell
    them without decoding.
    """
    message = request = b""
    usage, shift = b"\0", 0
    for buffer, whole in lines.windows():
        find, holds = buffer.find, buffer.startswith
        at = find(NEEDLE, 0, whole)
        while at >= 0:
            start, end = buffer.rfind(b"\n", 0, at) + 1, find(b"\n", at, whole)
            end = whole if end < 0 else end
            is_told = (
                at - shift >= start
                and holds(usage, at - shift)
                and find(message, start, end) >= 0
                and find(request, start, end) >= 0
            )
            record = None if is_told else decoded(_record, buffer[start:end])
            if record is not None and record.type == "assistant":
                message = record.message.id.encode()
                request = (record.request_id or "").encode()
                usage = bytes(record.message.usage)
                shift = usage.find(NEEDLE)
                yield record
            at = find(NEEDLE, end, whole)


def _row(record: _Record) -> UsageRow | None:
    usage = decoded(_usage, record.message.usage)
    if usage is None:
        return None
    tiers, details = usage.cache_creation, usage.output_tokens_details
    tokens = Tokens(
        usage.input_tokens or 0,
        usage.output_tokens or 0,
        usage.cache_read_input_tokens or 0,
        usage.cache_creation_input_tokens or 0,
        (details.thinking_tokens or 0) if details else 0,
        (tiers.ephemeral_1h_input_tokens or 0) if tiers else 0,
    )
    if not tokens:
        return None
    message = record.message
    key = message_key(message.id or record.uuid or "", record.request_id or "")
    session, model = record.session_id or "", message.model or ""
    return UsageRow(key, session, model, unix_time(record.timestamp), tokens)
