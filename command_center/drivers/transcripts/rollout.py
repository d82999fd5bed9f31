"""Format `rollout`: one file per thread, with a usage record per response and running totals.

Source: rollouts of the CLI's 0.1xx series. `input_tokens` includes what the cache served and what
was written to it; `output_tokens` includes reasoning. Older files hold only `token_count` events,
which repeat the running total; they count until a file's first usage record.
"""

from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from command_center.domain.usage import (
    Context,
    Cursor,
    Finding,
    RateWindow,
    SessionSeen,
    Tokens,
    UsageRow,
    message_key,
)
from command_center.drivers.transcripts.lines import NewLines, OneFile
from command_center.drivers.transcripts.values import Count, Number, decoded, unix_time


class _Line(Struct):
    type: str
    payload: Raw
    timestamp: str | None = None


class _Usage(Struct):
    input_tokens: Count | None = None
    cached_input_tokens: Count | None = None
    cache_write_input_tokens: Count | None = None
    output_tokens: Count | None = None
    reasoning_output_tokens: Count | None = None
    total_tokens: Count | None = None


class _Meta(Struct):
    id: str = ""
    session_id: str | None = None
    cwd: str | None = None


class _Turn(Struct):
    model: str | None = None


class _Record(Struct):
    usage: _Usage
    thread_id: str | None = None
    session_id: str | None = None
    response_id: str | None = None


class _Window(Struct):
    used_percent: Number = 0.0
    window_minutes: Count | None = None
    resets_at: Count | None = None


class _Limits(Struct):
    primary: _Window | None = None
    secondary: _Window | None = None


class _Info(Struct):
    total_token_usage: _Usage | None = None
    last_token_usage: _Usage | None = None
    model_context_window: Count | None = None


class _Event(Struct):
    type: str = ""
    info: _Info | None = None
    rate_limits: _Limits | None = None


class _Memory(Struct):
    session: str = ""
    is_main: bool = True
    model: str = ""
    has_records: bool = False
    total: Tokens = Tokens()
    """The last running total."""


_line = msgspec.json.Decoder(_Line)
_meta = msgspec.json.Decoder(_Meta)
_turn = msgspec.json.Decoder(_Turn)
_record = msgspec.json.Decoder(_Record)
_event = msgspec.json.Decoder(_Event)
_memory = msgspec.msgpack.Decoder(_Memory)


class Rollout(OneFile):
    def read(self, path: Path, cursor: Cursor) -> Finding:
        with NewLines(path, cursor) as lines:
            reading = _Reading(_memory.decode(lines.memory) if lines.memory else _Memory())
            for block in lines:
                for line in block.splitlines():
                    if record := decoded(_line, line):
                        reading.take(record)
            return reading.finding(path, lines)


class _Reading:
    def __init__(self, memory: _Memory) -> None:
        self._memory = memory
        self._rows: list[UsageRow] = []
        self._folder = ""
        self._context: Context | None = None
        self._windows: tuple[RateWindow, ...] = ()

    def take(self, line: _Line) -> None:
        match line.type:
            case "session_meta":
                self._take_meta(line.payload)
            case "turn_context":
                turn = decoded(_turn, line.payload)
                self._memory.model = (turn and turn.model) or self._memory.model
            case "token_usage_record":
                self._take_record(line)
            case "event_msg":
                self._take_count(line)

    def finding(self, path: Path, lines: NewLines) -> Finding:
        memory = self._memory
        context = self._context if memory.is_main else None
        reached = lines.reached(msgspec.msgpack.encode(memory))
        seen = (SessionSeen(memory.session, self._folder, context),)
        return Finding(str(path), reached, tuple(self._rows), seen, self._windows)

    def _take_meta(self, payload: Raw) -> None:
        meta = decoded(_meta, payload)
        # A fork copies the first record of its parent behind its own.
        if meta and not self._memory.session:
            self._memory.session = meta.session_id or meta.id
            self._memory.is_main = self._memory.session == meta.id
            self._folder = meta.cwd or ""

    def _take_record(self, line: _Line) -> None:
        record = decoded(_record, line.payload)
        if record is None:
            return
        self._memory.has_records = True
        session = record.session_id or record.thread_id or self._memory.session
        self._add(session, line, _tokens(record.usage), record.response_id or "")

    def _take_count(self, line: _Line) -> None:
        event = decoded(_event, line.payload)
        if event is None or event.type != "token_count":
            return
        if limits := event.rate_limits:
            self._windows = _windows(limits) or self._windows
        if event.info:
            self._take_info(event.info, line)

    def _take_info(self, info: _Info, line: _Line) -> None:
        memory, last = self._memory, info.last_token_usage
        total = _tokens(info.total_token_usage or _Usage())
        if last and last.total_tokens:
            self._context = Context(last.total_tokens, info.model_context_window or 0)
        if not memory.has_records and total != memory.total:
            self._add(memory.session, line, _tokens(last) if last else total - memory.total, "")
        memory.total = total

    def _add(self, session: str, line: _Line, tokens: Tokens, response: str) -> None:
        if tokens:
            at = line.timestamp or ""
            key = message_key(response or f"{session} {at} {tokens}")
            self._rows.append(UsageRow(key, session, self._memory.model, unix_time(at), tokens))


def _tokens(usage: _Usage) -> Tokens:
    read, write = usage.cached_input_tokens or 0, usage.cache_write_input_tokens or 0
    return Tokens(
        input=max(0, (usage.input_tokens or 0) - read - write),
        output=usage.output_tokens or 0,
        cache_read=read,
        cache_write=write,
        reasoning=usage.reasoning_output_tokens or 0,
    )


def _windows(limits: _Limits) -> tuple[RateWindow, ...]:
    told = [window for window in (limits.primary, limits.secondary) if window]
    return tuple(
        RateWindow(w.window_minutes or 0, w.used_percent, float(w.resets_at or 0)) for w in told
    )
