"""Anthropic's Messages API, through its SDK."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import anthropic
import msgspec

from command_center.domain.errors import ModelError
from command_center.domain.niches import ModelChoice, key_in
from command_center.domain.text import one_line
from command_center.domain.usage import Tokens
from command_center.drivers.models.talk import TOOL, Ask, Attempt, Draft

if TYPE_CHECKING:
    from anthropic import types

_TOKEN = "ANTHROPIC_AUTH_TOKEN"
RETRIES = 3
"""With a growing pause, or the one the server asks for."""


def connect(choice: ModelChoice, environ: Mapping[str, str]) -> "AnthropicWire":
    """Raises ModelMissing without a key."""
    name = key_in(choice, environ)
    key = environ[name] if name else "none"
    is_token = name == _TOKEN and not choice.key
    client = anthropic.Anthropic(
        api_key=None if is_token else key,
        auth_token=key if is_token else None,
        base_url=choice.base_url or environ.get("ANTHROPIC_BASE_URL") or None,
        max_retries=RETRIES,
        timeout=choice.seconds,
    )
    return AnthropicWire(choice, client)


class AnthropicWire:
    def __init__(self, choice: ModelChoice, client: anthropic.Anthropic) -> None:
        self._choice = choice
        self._client = client

    def answer(
        self, ask: Ask, schema: dict[str, object] | None, attempts: Sequence[Attempt]
    ) -> Draft:
        try:
            whole = self._client.messages.create(
                model=self._choice.model,
                max_tokens=self._choice.max_output,
                system=[_lasting(text) for text in (ask.instructions, ask.context) if text],
                messages=list(_messages(ask, attempts)),
                tools=[_tool(schema)] if schema else anthropic.omit,
                tool_choice={"type": "tool", "name": TOOL} if schema else anthropic.omit,
            )
        except (anthropic.AnthropicError, ValueError) as error:
            raise ModelError(f"{self._choice.model}: {one_line(str(error), 300)}") from error
        try:
            return _draft(whole)
        except (AttributeError, TypeError) as error:
            # What is not as its API says comes unchecked out of the SDK.
            raise ModelError(f"{self._choice.model}: not an answer of this API") from error

    def close(self) -> None:
        self._client.close()


def _lasting(text: str) -> "types.TextBlockParam":
    return {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}


def _tool(schema: dict[str, object]) -> "types.ToolParam":
    return {"name": TOOL, "description": "Give the answer.", "input_schema": schema}


def _messages(ask: Ask, attempts: Iterable[Attempt]) -> "Iterator[types.MessageParam]":
    yield {"role": "user", "content": ask.prompt}
    for attempt in attempts:
        draft = attempt.draft
        if draft.call:
            given = msgspec.json.decode(draft.text)
            yield {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": draft.call, "name": TOOL, "input": given}],
            }
            yield {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": draft.call,
                        "content": attempt.problem,
                        "is_error": True,
                    }
                ],
            }
        else:
            yield {"role": "assistant", "content": draft.text.strip() or "(nothing)"}
            yield {"role": "user", "content": attempt.problem}


def _draft(whole: "types.Message") -> Draft:
    text, call = "", ""
    for block in whole.content:
        if block.type == "tool_use" and not call:
            text, call = msgspec.json.encode(block.input).decode(), block.id
        elif block.type == "text" and not call:
            text += block.text
    usage = whole.usage
    return Draft(
        text=text,
        id=whole.id,
        model=whole.model,
        tokens=Tokens(
            usage.input_tokens,
            usage.output_tokens,
            usage.cache_read_input_tokens or 0,
            usage.cache_creation_input_tokens or 0,
        ),
        call=call,
        is_cut=whole.stop_reason == "max_tokens",
        refusal="it refused" if whole.stop_reason == "refusal" else "",
    )
