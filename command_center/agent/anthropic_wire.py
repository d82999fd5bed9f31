"""Anthropic's Messages API, through its SDK."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import anthropic
import httpx2

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
    from anthropic import types

    Param = (
        types.TextBlockParam
        | types.ThinkingBlockParam
        | types.ToolUseBlockParam
        | types.ToolResultBlockParam
    )


def connect(model: Model, environ: Mapping[str, str]) -> "AnthropicWire":
    return AnthropicWire(model, environ)


class AnthropicWire:
    def __init__(self, model: Model, environ: Mapping[str, str]) -> None:
        self._model = model
        key = key_of(model, environ, "ANTHROPIC_API_KEY")
        token = "" if key or model.key_env else environ.get("ANTHROPIC_AUTH_TOKEN", "")
        if not key and not token:
            raise Refused(f"no key: set {model.key_env or 'ANTHROPIC_API_KEY'}", 401)
        base_url = model.base_url or environ.get("ANTHROPIC_BASE_URL") or None
        # It would take the other variable by itself, and send both.
        self._client = anthropic.AsyncAnthropic(
            api_key=key or None,
            auth_token=token or None,
            base_url=base_url,
            max_retries=0,
            timeout=model.seconds,
        )

    async def answer(self, ask: Ask, draft: Reply, hear: Hear) -> None:
        try:
            await self._stream(ask, draft, hear)
        except anthropic.APIStatusError as error:
            headers = error.response.headers
            raise refused(error.body, error.status_code, headers, time.time()) from error
        except (anthropic.APIError, httpx2.HTTPError, ValueError) as error:
            raise Refused(f"{type(error).__name__}: {error}") from error

    async def close(self) -> None:
        await self._client.close()

    async def _stream(self, ask: Ask, draft: Reply, hear: Hear) -> None:
        streaming = self._client.messages.stream(
            model=self._model.name,
            max_tokens=self._model.max_output,
            system=[{"type": "text", "text": ask.system, "cache_control": {"type": "ephemeral"}}],
            messages=list(_messages(ask.messages)),
            tools=[_tool(tool) for tool in ask.tools],
            extra_headers={"X-Session-Id": ask.session},
        )
        async with streaming as stream:
            draft.request = stream.request_id or ""
            async for event in stream:
                if event.type == "message_start":
                    draft.id, draft.model = event.message.id, event.message.model
                    draft.spent = _spent(event.message.usage)
                elif event.type == "text":
                    draft.text += event.text
                    hear(event.text)
            whole = await stream.get_final_message()
        draft.content, draft.stop = tuple(_blocks(whole.content)), whole.stop_reason or ""
        draft.spent = _spent(whole.usage)


def _messages(messages: Sequence[Message]) -> "Iterator[types.MessageParam]":
    for message in messages:
        blocks = [param for block in message.content if (param := _param(block)) is not None]
        # An empty one would be refused.
        if blocks:
            yield _message(message, blocks, message is messages[-1])


def _message(message: Message, blocks: "list[Param]", is_last: bool) -> "types.MessageParam":
    if is_last:
        # What stands before this mark is read from the cache by the next request.
        last = blocks[-1]
        if last["type"] == "text" or last["type"] == "tool_result":
            last["cache_control"] = {"type": "ephemeral"}
    if message.role == "user":
        return {"role": "user", "content": blocks}
    return {"role": "assistant", "content": blocks}


def _param(block: Block) -> "Param | None":
    match block:
        case Text():
            return {"type": "text", "text": block.text}
        case Thinking():
            if not block.signature:
                return None
            thought = block.thinking
            return {"type": "thinking", "thinking": thought, "signature": block.signature}
        case ToolUse():
            return {"type": "tool_use", "id": block.id, "name": block.name, "input": block.input}
        case ToolResult():
            return {
                "type": "tool_result",
                "tool_use_id": block.tool_use_id,
                "content": block.content or "(nothing)",
                "is_error": block.is_error,
            }


def _tool(tool: Tool) -> "types.ToolParam":
    return {"name": tool.name, "description": tool.description, "input_schema": tool.schema}


def _blocks(content: "Iterable[types.ContentBlock]") -> Iterable[Block]:
    for block in content:
        if block.type == "text" and block.text:
            yield Text(block.text)
        elif block.type == "thinking":
            yield Thinking(block.thinking, block.signature)
        elif block.type == "tool_use":
            given = block.input if isinstance(block.input, dict) else {}
            yield ToolUse(block.id, block.name, given)


def _spent(usage: "types.Usage") -> Spent:
    details = usage.output_tokens_details
    return Spent(
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_read_input_tokens or 0,
        usage.cache_creation_input_tokens or 0,
        details.thinking_tokens or 0 if details else 0,
    )
