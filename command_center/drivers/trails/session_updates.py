"""Format `session-updates`: the updates of the Agent Client Protocol, as a CLI keeps them.

Words: the kinds of the updates, such as `user_message_chunk`, `tool_call` and `turn_completed`,
whose text is why it ended, with the words of an error if it was one. Times are whole seconds but
where the agent adds its own.
"""

import msgspec
from msgspec import Raw, Struct

from command_center.domain.trails import Trace
from command_center.drivers.trails.words import call_of, last_sentence, object_in
from command_center.drivers.transcripts.values import Number, decoded


class _Content(Struct):
    text: str | None = None


class _Update(Struct, rename="camel"):
    session_update: str
    content: Raw = Raw()
    title: str | None = None
    raw_input: Raw = Raw()
    stop_reason: str | None = msgspec.field(default=None, name="stop_reason")
    agent_result: str | None = msgspec.field(default=None, name="agent_result")


class _Meta(Struct):
    at_ms: Number = msgspec.field(default=0, name="agentTimestampMs")


class _Params(Struct):
    update: _Update
    meta: _Meta | None = msgspec.field(default=None, name="_meta")


class _Line(Struct):
    params: _Params
    timestamp: Number = 0.0


_line = msgspec.json.Decoder(_Line)
_content = msgspec.json.Decoder(_Content)


def session_update(line: bytes) -> Trace | None:
    record = decoded(_line, line)
    if record is None:
        return None
    update, meta = record.params.update, record.params.meta
    at = meta.at_ms / 1000 if meta and meta.at_ms else record.timestamp
    word = update.session_update
    if word == "tool_call":
        call = call_of(update.title or "tool", object_in(update.raw_input))
        return Trace(word, call, at, call)
    content = decoded(_content, update.content)
    ended = ": ".join(filter(None, (update.stop_reason, update.agent_result)))
    text = (content.text if content else "") or ended
    if word == "agent_message_chunk":
        return Trace(word, text, at, last_sentence(text) or None)
    return Trace(word, text, at, "" if word == "user_message_chunk" else None)
