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
    Context,
    Cursor,
    Finding,
    SessionSeen,
    Tokens,
    UsageRow,
    message_key,
)
from command_center.drivers.transcripts.lines import NewLines, OneFile, lines_with
from command_center.drivers.transcripts.values import Count, decoded, unix_time

NEEDLE = b'"cache_read_input_tokens"'
"""In every usage the CLI writes; long, because a search skips ahead by the needle's length."""


class _Tiers(Struct):
    ephemeral_1h_input_tokens: Count | None = None


class _Details(Struct):
    thinking_tokens: Count | None = None


class _Usage(Struct):
    input_tokens: Count | None = None
    output_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None
    cache_creation_input_tokens: Count | None = None
    cache_creation: _Tiers | None = None
    output_tokens_details: _Details | None = None


class _Message(Struct):
    usage: Raw
    id: str = ""
    model: str | None = None


class _Record(Struct, rename="camel"):
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


class _Seen:
    """The record before: most lines are the next block of the same message, told by their bytes."""

    def __init__(self, message: bytes = b"", request: bytes = b"", usage: bytes = b"\0") -> None:
        self._message, self._request, self._usage = message, request, usage
        self._shift = usage.find(NEEDLE)

    @classmethod
    def of(cls, record: _Record) -> "_Seen":
        request = (record.request_id or "").encode("utf-8", "replace")
        message = record.message.id.encode("utf-8", "replace")
        return cls(message, request, bytes(record.message.usage))

    def is_again(self, block: bytes, start: int, needle: int, end: int) -> bool:
        return (
            block.startswith(self._usage, needle - self._shift)
            and block.find(self._message, start, end) >= 0
            and block.find(self._request, start, end) >= 0
        )


class MessageBlocks(OneFile):
    def read(self, path: Path, cursor: Cursor) -> Finding:
        rows: list[UsageRow] = []
        session = folder = ""
        context: Context | None = None
        with NewLines(path, cursor) as lines:
            for record in _records(lines):
                if row := _row(record):
                    rows.append(row)
                    session, folder = row.session or session, record.cwd or folder
                    context = context if record.is_sidechain else Context(row.tokens.prompt)
            seen = (SessionSeen(session, folder, context),) if rows else ()
            return Finding(str(path), lines.cursor, tuple(rows), seen)


def _records(lines: NewLines) -> Iterator[_Record]:
    """The records that hold usage, without those that repeat the one before."""
    last = _Seen()
    for block in lines:
        for start, at, end in lines_with(NEEDLE, block):
            if last.is_again(block, start, at, end):
                continue
            if (record := decoded(_record, block[start:end])) and record.type == "assistant":
                last = _Seen.of(record)
                yield record


def _row(record: _Record) -> UsageRow | None:
    usage = decoded(_usage, record.message.usage)
    if usage is None or not (tokens := _tokens(usage)):
        return None
    message = record.message
    key = message_key(message.id or record.uuid or "", record.request_id or "")
    session, model = record.session_id or "", message.model or ""
    return UsageRow(key, session, model, unix_time(record.timestamp), tokens)


def _tokens(usage: _Usage) -> Tokens:
    tiers, details = usage.cache_creation, usage.output_tokens_details
    return Tokens(
        input=usage.input_tokens or 0,
        output=usage.output_tokens or 0,
        cache_read=usage.cache_read_input_tokens or 0,
        cache_write=usage.cache_creation_input_tokens or 0,
        reasoning=(details.thinking_tokens or 0) if details else 0,
        cache_write_long=(tiers.ephemeral_1h_input_tokens or 0) if tiers else 0,
    )
