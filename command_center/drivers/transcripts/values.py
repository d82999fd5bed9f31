"""What the CLIs' records are made of, and decoding that no content can break."""

from datetime import UTC, datetime
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Raw

T = TypeVar("T")

Count = Annotated[int, Meta(ge=0, le=10**12)]
Number = Annotated[float, Meta(ge=0, le=10**15)]


def decoded(decoder: msgspec.json.Decoder[T], body: bytes | bytearray | Raw) -> T | None:
    """None for whatever is no such record."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def unix_time(text: str | None) -> float:
    """Unix seconds of an ISO 8601 time, read as UTC where it names no zone; 0 if unreadable."""
    try:
        time = datetime.fromisoformat(text or "")
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return 0.0
