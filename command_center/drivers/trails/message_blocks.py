"""Format `message-blocks`: one record per content block of a message.

Source: transcripts of the CLI's 2.1 series. Words: `user`, `user:tool_result`, `command` (typed
for the CLI itself), `interrupted`, `assistant:STOP_REASON`, `error:KIND`, `system:SUBTYPE`.
Records of sub-agents are marked as a side chain and tell nothing of the agent itself.
"""

import msgspec
from msgspec import Raw, Struct

from command_center.domain.trails import Trace
from command_center.drivers.trails.words import call_of, last_sentence, object_in
from command_center.drivers.transcripts.values import decoded, unix_time

_INTERRUPTED = "[Request interrupted by user"
_COMMANDS = ("<local-command", "<command-", "<bash-")


class _Block(Struct):
    type: str = ""
    text: str | None = None
    name: str | None = None
    input: Raw = Raw()


class _Message(Struct):
    content: str | list[_Block] | None = None
    stop_reason: str | None = None


class _Record(Struct):
    type: str
    message: _Message | None = None
    subtype: str | None = None
    content: Raw = Raw()
    timestamp: str | None = None
    error: str | None = None
    isSidechain: bool | None = None  # noqa: N815
    isMeta: bool | None = None  # noqa: N815
    isCompactSummary: bool | None = None  # noqa: N815
    isApiErrorMessage: bool | None = None  # noqa: N815


_record = msgspec.json.Decoder(_Record)
_string = msgspec.json.Decoder(str)


def message_block(line: bytes) -> Trace | None:
    record = decoded(_record, line)
    if record is None or record.isSidechain:
        return None
    at = unix_time(record.timestamp)
    if record.type == "system":
        return Trace(f"system:{record.subtype}", decoded(_string, record.content) or "", at)
    message = record.message
    if message is None or record.isCompactSummary:
        return None
    blocks = message.content if isinstance(message.content, list) else []
    text = message.content if isinstance(message.content, str) else _text(blocks)
    if record.type == "assistant":
        return _said(record, message, blocks, text, at)
    if record.type != "user" or record.isMeta:
        return None
    return _heard(blocks, text, at)


def _said(record: _Record, message: _Message, blocks: list[_Block], text: str, at: float) -> Trace:
    if record.isApiErrorMessage:
        return Trace(f"error:{record.error}", text, at, text)
    word = f"assistant:{message.stop_reason}"
    calls = [block for block in blocks if block.type == "tool_use"]
    if calls:
        call = call_of(calls[-1].name or "tool", object_in(calls[-1].input))
        return Trace(word, call, at, call)
    return Trace(word, text, at, last_sentence(text) or None)


def _heard(blocks: list[_Block], text: str, at: float) -> Trace:
    if text.startswith(_INTERRUPTED):
        return Trace("interrupted", text, at, "")
    if text.startswith(_COMMANDS):
        return Trace("command", text, at)
    if any(block.type == "tool_result" for block in blocks):
        return Trace("user:tool_result", "", at)
    return Trace("user", text, at, "")


def _text(blocks: list[_Block]) -> str:
    return "\n".join(block.text or "" for block in blocks if block.type == "text")
