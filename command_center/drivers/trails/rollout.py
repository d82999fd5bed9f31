"""Format `rollout`: one file per thread, events and the items of the conversation.

Source: rollouts of the CLI's 0.1xx series. Words: the type of an event, `task_started`,
`task_complete`, `turn_aborted`, and `task_complete:KIND` for a turn that failed; `tool` and
`assistant` for what the model did.
"""

import msgspec
from msgspec import Raw, Struct

from command_center.domain.trails import Trace
from command_center.drivers.trails.words import call_of, last_sentence, object_in
from command_center.drivers.transcripts.values import decoded, unix_time


class _Line(Struct):
    type: str
    payload: Raw
    timestamp: str | None = None


class _Event(Struct):
    type: str = ""
    error: dict[str, object] | None = None
    reason: str | None = None


class _Part(Struct):
    text: str | None = None


class _Item(Struct):
    type: str = ""
    role: str | None = None
    name: str | None = None
    arguments: str | None = None
    input: str | None = None
    content: list[_Part] | None = None


_line = msgspec.json.Decoder(_Line)
_event = msgspec.json.Decoder(_Event)
_item = msgspec.json.Decoder(_Item)


def rollout_line(line: bytes) -> Trace | None:
    record = decoded(_line, line)
    if record is None:
        return None
    at = unix_time(record.timestamp)
    if record.type == "event_msg":
        event = decoded(_event, record.payload)
        return _happened(event, at) if event else None
    if record.type == "response_item":
        item = decoded(_item, record.payload)
        return _done(item, at) if item else None
    return None


def _happened(event: _Event, at: float) -> Trace:
    if event.error is not None:
        text = str(event.error.get("message") or "")
        return Trace(f"{event.type}:{_kind(event.error)}", text, at, text)
    doing = "" if event.type in ("task_started", "turn_aborted") else None
    return Trace(event.type, event.reason or "", at, doing)


def _kind(error: dict[str, object]) -> str:
    """Beside its message an error has one field: a word, or an object with one key."""
    info = next((value for key, value in error.items() if key != "message"), None)
    word = next(iter(info), None) if isinstance(info, dict) else info
    return word if isinstance(word, str) else "error"


def _done(item: _Item, at: float) -> Trace | None:
    if item.type in ("function_call", "custom_tool_call"):
        arguments = object_in(item.arguments) or {"command": item.input or ""}
        call = call_of(item.name or "tool", arguments)
        return Trace("tool", call, at, call)
    if item.type == "message" and item.role == "assistant":
        text = "\n".join(part.text or "" for part in item.content or ())
        return Trace("assistant", text, at, last_sentence(text) or None)
    return None
