"""Format `event-records`: everything that happens in a session, as events with their data.

Source: event files of the CLI's 1.0 series. Words: the events' types; `:tools` is added to a
message that calls some, to a `permission.completed` what was decided, to a `session.error` its
kind, to a `session.usage_record`, which is written before the message that it counts, who asked
and why the model ended (`session.usage_record:conversation-agent:stop`), and `:rewind` to a
`session.usage_checkpoint` of a conversation whose last prompt was taken back.
"""

import msgspec
from msgspec import Raw, Struct

from command_center.domain.trails import Trace
from command_center.drivers.trails.words import call_of, last_sentence, object_in
from command_center.drivers.transcripts.values import decoded, unix_time


class _Event(Struct):
    type: str
    data: Raw = Raw()
    timestamp: str | None = None


class _Permission(Struct, rename="camel"):
    kind: str = ""
    full_command_text: str | None = None
    path: str | None = None
    file_name: str | None = None
    url: str | None = None


class _Result(Struct):
    kind: str = ""


class _Usage(Struct, rename="camel"):
    interaction_type: str = ""
    finish_reason: str = ""


class _Cached(Struct, rename="camel"):
    pending_rewrite_sources: list[str] = []


class _Data(Struct, rename="camel"):
    content: str | None = None
    message: str | None = None
    reason: str | None = None
    tool_name: str | None = None
    arguments: Raw = Raw()
    tool_requests: list[Raw] | None = None
    permission_request: _Permission | None = None
    result: Raw = Raw()
    error_type: str | None = None
    usage: Raw = Raw()
    prompt_cache_break_state: list[_Cached] | None = None


_event = msgspec.json.Decoder(_Event)
_data = msgspec.json.Decoder(_Data)
_result = msgspec.json.Decoder(_Result)
_usage = msgspec.json.Decoder(_Usage)


def event_record(line: bytes) -> Trace | None:
    event = decoded(_event, line)
    data = decoded(_data, event.data) if event is not None else None
    if event is None or data is None:
        return None
    at, word = unix_time(event.timestamp), event.type
    if word == "user.message":
        return Trace(word, data.content or "", at, "")
    if word == "assistant.message":
        said = last_sentence(data.content or "") or None
        return Trace(f"{word}:tools" if data.tool_requests else word, data.content or "", at, said)
    if word == "tool.execution_start":
        call = call_of(data.tool_name or "tool", object_in(data.arguments))
        return Trace(word, call, at, call)
    if word == "permission.requested" and (asked := data.permission_request):
        where = asked.path or asked.file_name or asked.url or ""
        return Trace(word, asked.full_command_text or f"{asked.kind} {where}".strip(), at)
    if word == "permission.completed":
        decided = decoded(_result, data.result)
        return Trace(f"{word}:{decided.kind}" if decided else word, "", at)
    if word == "session.usage_record" and (counted := decoded(_usage, data.usage)):
        return Trace(f"{word}:{counted.interaction_type}:{counted.finish_reason}", "", at)
    if word == "session.usage_checkpoint":
        caches = data.prompt_cache_break_state or ()
        is_rewound = any("rewind" in cache.pending_rewrite_sources for cache in caches)
        return Trace(f"{word}:rewind" if is_rewound else word, "", at)
    if word == "session.error" and data.error_type:
        return Trace(f"{word}:{data.error_type}", data.message or "", at)
    return Trace(word, data.message or data.reason or "", at)
