"""JSON from outside: whatever is wrong with it is one kind of error."""

from typing import TypeVar

import msgspec

T = TypeVar("T")


def read_json(body: bytes, kind: type[T]) -> T:
    """Raises msgspec.DecodeError, also for bytes that are no text and for endless nesting."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from None
