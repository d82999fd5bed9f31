"""Transcripts for tests: recorded ones, and records made to measure."""

import json
from collections.abc import Iterable
from pathlib import Path

from command_center.domain.usage import NOTHING, Tokens, UsageRow

CORPUS = Path(__file__).parent / "corpus" / "usage"
SESSION = "cd764abe-03d8-4bcd-a1ea-07c84a6f554b"
AT = "2026-11-20T10:00:00.000Z"


def counted(rows: Iterable[UsageRow]) -> Tokens:
    """By the rule: the greatest record of each message."""
    greatest: dict[int, Tokens] = {}
    for row in rows:
        greatest[row.key] = greatest.get(row.key, NOTHING) | row.tokens
    return sum(greatest.values(), NOTHING)


def block(
    message: str,
    request: str | None = "req_1",
    *,
    output: int = 10,
    session: str = "s1",
    at: str = AT,
    text: str = "",
    side: bool = False,
    long: int = 0,
    model: str = "model-1",
) -> bytes:
    """A line of the shape `message-blocks`: 100 input, 2000 read, 300 written."""
    usage = {
        "input_tokens": 100,
        "cache_creation_input_tokens": 300,
        "cache_read_input_tokens": 2000,
        "cache_creation": {"ephemeral_5m_input_tokens": 300 - long}
        | {"ephemeral_1h_input_tokens": long},
        "output_tokens": output,
    }
    content = [{"type": "text", "text": text}]
    record = {
        "isSidechain": side,
        "message": {"id": message, "model": model, "content": content, "usage": usage},
        "requestId": request,
        "type": "assistant",
        "timestamp": at,
        "cwd": "/srv/dev/wt",
        "sessionId": session,
    }
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def message(output: int = 10, count: int = 1) -> Tokens:
    """What `count` messages made by `block` amount to."""
    return Tokens(100 * count, output * count, 2000 * count, 300 * count)
