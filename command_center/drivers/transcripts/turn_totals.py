"""Format `turn-totals`: one JSON file per session, written anew after each turn.

Source: `usage.json` of the CLI's 1.0 series, in a folder per session inside a folder named by the
quoted path of the worktree. `inputTokens` includes both caches; `totalTokens` is input plus all
output. Beside it, `signals.json` tells how full the context is.
"""

from pathlib import Path
from urllib.parse import unquote

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
from command_center.drivers.transcripts.lines import LONGEST, OneFile
from command_center.drivers.transcripts.values import Count, decoded, unix_time


class _Sums(Struct, rename="camel"):
    input_tokens: Count = 0
    output_tokens: Count = 0
    cached_read_tokens: Count = 0
    cache_creation_tokens: Count = 0
    reasoning_tokens: Count = 0
    total_tokens: Count = 0


class _Turn(Struct, rename="camel"):
    turn_number: int = 0
    ended_at: str = ""
    model_usage: dict[str, _Sums] = {}


class _File(Struct, rename="camel"):
    session_id: str
    turns: list[_Turn] = []


class _Signals(Struct, rename="camel"):
    context_tokens_used: Count
    context_window_tokens: Count = 0


_file = msgspec.json.Decoder(_File)
_signals = msgspec.json.Decoder(_Signals)


class TurnTotals(OneFile):
    def read(self, path: Path, cursor: Cursor) -> Finding:
        reached = Cursor(*self.look(str(path)))
        told = decoded(_file, _body(path))
        if told is None:
            return Finding(str(path), cursor)
        rows = tuple(
            row
            for turn in told.turns
            for model, sums in turn.model_usage.items()
            if (row := _row(told.session_id, turn, model, sums))
        )
        seen = SessionSeen(told.session_id, unquote(path.parent.parent.name), _context(path))
        return Finding(str(path), reached, rows, (seen,))


def _body(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LONGEST)


def _context(path: Path) -> Context | None:
    try:
        signals = decoded(_signals, _body(path.with_name("signals.json")))
    except FileNotFoundError:
        return None
    if signals is None:
        return None
    return Context(signals.context_tokens_used, signals.context_window_tokens)


def _row(session: str, turn: _Turn, model: str, sums: _Sums) -> UsageRow | None:
    read, write = sums.cached_read_tokens, sums.cache_creation_tokens
    tokens = Tokens(
        input=max(0, sums.input_tokens - read - write),
        output=max(sums.output_tokens, sums.total_tokens - sums.input_tokens),
        cache_read=read,
        cache_write=write,
        reasoning=sums.reasoning_tokens,
    )
    key = message_key(session, str(turn.turn_number), model)
    return UsageRow(key, session, model, unix_time(turn.ended_at), tokens) if tokens else None
