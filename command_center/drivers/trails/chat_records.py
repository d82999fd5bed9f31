"""Format `chat-records`: one record per message, written again when its tools have finished.

Source: chat files of the CLI's 0.6x series. Words: `user`, `user:tool_result`, the type that the
file gives the model's messages, and that type with `:tools` when it calls some.
"""

import msgspec
from msgspec import Raw, Struct

from command_center.domain.trails import Trace
from command_center.drivers.trails.words import call_of, last_sentence
from command_center.drivers.transcripts.values import decoded, unix_time


class _Part(Struct):
    text: str | None = None
    functionResponse: Raw = Raw()  # noqa: N815


class _Call(Struct):
    name: str = "tool"
    args: dict[str, object] = {}


class _Record(Struct):
    type: str
    timestamp: str | None = None
    content: str | list[_Part] | None = None
    toolCalls: list[_Call] | None = None  # noqa: N815


_record = msgspec.json.Decoder(_Record)


def chat_record(line: bytes) -> Trace | None:
    record = decoded(_record, line)
    if record is None:
        return None
    at = unix_time(record.timestamp)
    parts = record.content if isinstance(record.content, list) else []
    whole = record.content if isinstance(record.content, str) else None
    text = whole or "\n".join(part.text or "" for part in parts)
    if record.type == "user":
        if any(bytes(part.functionResponse) for part in parts):
            return Trace("user:tool_result", "", at)
        return Trace("user", text, at, "")
    if record.toolCalls:
        call = call_of(record.toolCalls[-1].name, record.toolCalls[-1].args)
        return Trace(f"{record.type}:tools", call, at, call)
    return Trace(record.type, text, at, last_sentence(text) or None)
