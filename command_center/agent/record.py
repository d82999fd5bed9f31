"""A conversation as it is kept: one JSON object per line, only ever appended to.

In the shape `message-blocks` of `docs/usage.md`: `user` and `assistant` records with their
message, an answer's with the API's own usage. Two records are our own: `compaction` holds the
whole history that counts from there on, and an `assistant` record that is a side chain tells of
tokens that went into no answer.
"""

import os
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from command_center.agent.talk import Block, Message, Reply, Spent, Text, ToolResult
from command_center.domain.wire import read_json

INTERRUPTED = "[Request interrupted by user]"
NOT_DONE = "Not done: the user interrupted."


class _Usage(Struct):
    input_tokens: int = 0
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0
    output_tokens: int = 0


class _Kept(Struct):
    content: tuple[Block, ...] = ()
    usage: _Usage | None = None


class _Record(Struct):
    type: str
    message: Raw = Raw()
    history: Raw = Raw()
    isSidechain: bool = False  # noqa: N815


class Conversation:
    """One session's messages. Without a file of that name it is a new one."""

    def __init__(self, folder: Path, session: str = "") -> None:
        self._folder = folder
        self.session = session or str(uuid.uuid4())
        self.messages: list[Message] = []
        self.context = 0
        """Tokens that the last request and its answer filled; 0 when unknown."""
        for record in self._records():
            self._recall(record)
        self._mend()

    @property
    def path(self) -> Path:
        return self._folder / f"{self.session}.jsonl"

    @property
    def prompts(self) -> list[str]:
        """What the user said, as far as it still counts."""
        said = (message.text for message in self.messages if message.is_prompt)
        return [text for text in said if text != INTERRUPTED]

    @property
    def size(self) -> int:
        """Tokens of the history: told by the API, else guessed from its length."""
        return self.context or len(msgspec.json.encode(self.messages)) // 4

    def hear(self, text: str) -> None:
        self._add(Message("user", (Text(text),)))

    def tell(self, results: Sequence[ToolResult]) -> None:
        self._add(Message("user", tuple(results)))

    def answer(self, reply: Reply) -> None:
        """A whole answer; an empty one counts but is not said again."""
        content = reply.content
        self.context = reply.spent.context
        if content:
            self.messages.append(Message("assistant", content))
        self._append("assistant", _told(reply, content), requestId=reply.request)

    def interrupt(self, reply: Reply) -> None:
        """What had been said so far, and that it was cut off."""
        if reply.text.strip():
            said = Text(reply.text)
            self.messages.append(Message("assistant", (said,)))
            self._append("assistant", _told(reply, (said,)), requestId=reply.request)
        elif reply.spent != Spent():
            self.spend(reply)
        self._add(Message("user", (Text(INTERRUPTED),)))

    def spend(self, reply: Reply) -> None:
        """Tokens for what is no part of the conversation."""
        if reply.id and reply.spent != Spent():
            told = _told(reply, ())
            self._append("assistant", told, requestId=reply.request, isSidechain=True)

    def compact(self, history: Sequence[Message]) -> None:
        """From here on `history` is all that is known; what was before stays in the file."""
        self.messages = list(history)
        self.context = 0
        self._write({"type": "compaction", "history": self.messages})

    def _add(self, message: Message) -> None:
        self.messages.append(message)
        self._append("user", {"role": "user", "content": message.content})

    def _mend(self) -> None:
        """A call without a result, such as a crash leaves, would be refused by every API."""
        if self.messages and (calls := self.messages[-1].calls):
            self.tell([ToolResult(call.id, NOT_DONE, is_error=True) for call in calls])

    def _append(self, kind: str, message: object, **more: object) -> None:
        self._write({"type": kind, "message": message, **more})

    def _write(self, fields: dict[str, object]) -> None:
        about = {
            "sessionId": self.session,
            "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "cwd": str(Path.cwd()),
            "uuid": str(uuid.uuid4()),
        }
        line = msgspec.json.encode({**fields, **about}) + b"\n"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(fd, line)
        finally:
            os.close(fd)

    def _records(self) -> Iterator[_Record]:
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return
        for line in lines:
            try:
                yield read_json(line, _Record)
            except msgspec.DecodeError:
                # The last line of a process that was killed while writing.
                continue

    def _recall(self, record: _Record) -> None:
        if record.isSidechain:
            return
        if record.type == "compaction":
            self.messages = read_json(bytes(record.history), list[Message])
            self.context = 0
        elif record.type in ("user", "assistant"):
            kept = read_json(bytes(record.message), _Kept)
            if kept.content and record.type == "user":
                self.messages.append(Message("user", kept.content))
            elif kept.content:
                self.messages.append(Message("assistant", kept.content))
            if kept.usage is not None:
                self.context = sum(msgspec.structs.astuple(kept.usage))


def _told(reply: Reply, content: Sequence[Block]) -> dict[str, object]:
    spent = reply.spent
    return {
        "id": reply.id,
        "type": "message",
        "role": "assistant",
        "model": reply.model,
        "content": content,
        "stop_reason": reply.stop or None,
        "usage": {
            "input_tokens": spent.input,
            "cache_creation_input_tokens": spent.cache_write,
            "cache_read_input_tokens": spent.cache_read,
            "output_tokens": spent.output,
            "output_tokens_details": {"thinking_tokens": spent.reasoning},
        },
    }
