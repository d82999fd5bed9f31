"""Chat Completions, which OpenAI and nearly every server for models of one's own speak."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import httpx2
import msgspec
import openai
from msgspec import Struct

from command_center.agent.talk import (
    Ask,
    Block,
    Message,
    Model,
    Reply,
    Spent,
    Text,
    Thinking,
    Tool,
    ToolResult,
    ToolUse,
)
from command_center.agent.wires import Hear, Refused, key_of, refused

if TYPE_CHECKING:
    from openai.types import chat
    from openai.types.completion_usage import CompletionUsage

UNREADABLE = "unreadable"
"""Key of a tool's input that was no JSON; no tool has it, so the model is told."""


class _Call(Struct):
    id: str = ""
    name: str = ""
    arguments: str = ""


def connect(model: Model, environ: Mapping[str, str]) -> "ChatWire":
    return ChatWire(model, environ)


class ChatWire:
    def __init__(self, model: Model, environ: Mapping[str, str]) -> None:
        self._model = model
        key = key_of(model, environ, "OPENAI_API_KEY")
        if not key:
            raise Refused(f"no key: set {model.key_env or 'OPENAI_API_KEY'}", 401)
        base_url = model.base_url or environ.get("OPENAI_BASE_URL") or None
        self._client = openai.AsyncOpenAI(
            api_key=key, base_url=base_url, max_retries=0, timeout=model.seconds
        )

    async def answer(self, ask: Ask, draft: Reply, hear: Hear) -> None:
        try:
            await self._stream(ask, draft, hear)
        except openai.APIStatusError as error:
            headers = error.response.headers
            raise refused(error.body, error.status_code, headers, time.time()) from error
        except (openai.APIError, httpx2.HTTPError, ValueError) as error:
            raise Refused(f"{type(error).__name__}: {error}") from error

    async def close(self) -> None:
        await self._client.close()

    async def _stream(self, ask: Ask, draft: Reply, hear: Hear) -> None:
        stream = await self._client.chat.completions.create(
            model=self._model.name,
            messages=list(_messages(ask)),
            tools=[_tool(tool) for tool in ask.tools] or openai.omit,
            stream=True,
            stream_options={"include_usage": True},
            extra_headers={"X-Session-Id": ask.session},
        )
        calls: dict[int, _Call] = {}
        thought = ""
        async with stream:
            async for chunk in stream:
                draft.id, draft.model = chunk.id or draft.id, chunk.model or draft.model
                if chunk.usage is not None:
                    draft.spent = _spent(chunk.usage)
                for choice in chunk.choices:
                    draft.stop = choice.finish_reason or draft.stop
                    thought += _thought(choice.delta)
                    _gather(calls, choice.delta.tool_calls or ())
                    if said := choice.delta.content:
                        draft.text += said
                        hear(said)
        if not draft.stop:
            raise Refused("the answer broke off")
        draft.content = tuple(_blocks(thought, draft.text, calls.values()))


def _gather(
    calls: dict[int, _Call], deltas: "Iterable[chat.chat_completion_chunk.ChoiceDeltaToolCall]"
) -> None:
    for delta in deltas:
        call = calls.setdefault(delta.index, _Call())
        call.id = delta.id or call.id
        if delta.function is not None:
            call.name = delta.function.name or call.name
            call.arguments += delta.function.arguments or ""


def _thought(delta: "chat.chat_completion_chunk.ChoiceDelta") -> str:
    more = delta.model_extra or {}
    found = more.get("reasoning_content") or more.get("reasoning")
    return found if isinstance(found, str) else ""


def _blocks(thought: str, text: str, calls: Iterable[_Call]) -> Iterator[Block]:
    if thought:
        yield Thinking(thought)
    if text:
        yield Text(text)
    for number, call in enumerate(calls):
        yield ToolUse(call.id or f"call_{number}", call.name, _input(call.arguments))


def _input(arguments: str) -> dict[str, object]:
    try:
        return msgspec.json.decode(arguments or "{}", type=dict[str, object])
    except (msgspec.DecodeError, RecursionError):
        return {UNREADABLE: arguments[:2000]}


def _messages(ask: Ask) -> "Iterator[chat.ChatCompletionMessageParam]":
    yield {"role": "system", "content": ask.system}
    for message in ask.messages:
        if message.role == "assistant":
            # One that holds a thought alone would be refused.
            if message.text or message.calls:
                yield _said(message)
            continue
        for block in message.content:
            if isinstance(block, ToolResult):
                yield {
                    "role": "tool",
                    "tool_call_id": block.tool_use_id,
                    "content": block.content or "(nothing)",
                }
        if message.is_prompt:
            yield {"role": "user", "content": message.text}


def _said(message: Message) -> "chat.ChatCompletionAssistantMessageParam":
    made: chat.ChatCompletionAssistantMessageParam = {"role": "assistant", "content": message.text}
    if message.calls:
        made["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(call.input)},
            }
            for call in message.calls
        ]
    return made


def _tool(tool: Tool) -> "chat.ChatCompletionFunctionToolParam":
    return {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.schema,
        },
    }


def _spent(usage: "CompletionUsage") -> Spent:
    """The prompt there includes what the cache served; ours are disjoint."""
    read = usage.prompt_tokens_details
    written = usage.completion_tokens_details
    cached = (read.cached_tokens or 0) if read else 0
    return Spent(
        max(0, usage.prompt_tokens - cached),
        usage.completion_tokens,
        cached,
        0,
        (written.reasoning_tokens or 0) if written else 0,
    )
