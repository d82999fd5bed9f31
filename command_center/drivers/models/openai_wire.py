"""Chat Completions, which OpenAI and nearly every server for models of one's own speak."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import openai

from command_center.domain.errors import ModelError
from command_center.domain.niches import ModelChoice, key_in
from command_center.domain.text import one_line
from command_center.domain.usage import Tokens
from command_center.drivers.models.talk import TOOL, Ask, Attempt, Draft

if TYPE_CHECKING:
    from openai.types import chat
    from openai.types.completion_usage import CompletionUsage
    from openai.types.shared_params import ResponseFormatJSONSchema

RETRIES = 3
"""With a growing pause, or the one the server asks for."""


def connect(choice: ModelChoice, environ: Mapping[str, str]) -> "ChatWire":
    """Raises ModelMissing without a key where one is needed."""
    name = key_in(choice, environ)
    client = openai.OpenAI(
        # A server of one's own wants no key, but the SDK does.
        api_key=environ[name] if name else "none",
        base_url=choice.base_url or environ.get("OPENAI_BASE_URL") or None,
        max_retries=RETRIES,
        timeout=choice.seconds,
    )
    return ChatWire(choice, client)


class ChatWire:
    def __init__(self, choice: ModelChoice, client: openai.OpenAI) -> None:
        self._choice = choice
        self._client = client

    def answer(
        self, ask: Ask, schema: dict[str, object] | None, attempts: Sequence[Attempt]
    ) -> Draft:
        most, is_own = self._choice.max_output, bool(self._choice.base_url)
        try:
            whole = self._client.chat.completions.create(
                model=self._choice.model,
                messages=list(_messages(ask, attempts)),
                # The newer name is not known to every server, the older not to every model.
                max_tokens=most if is_own else openai.omit,
                max_completion_tokens=openai.omit if is_own else most,
                response_format=_format(schema) if schema else openai.omit,
            )
        except (openai.OpenAIError, ValueError) as error:
            raise ModelError(f"{self._choice.model}: {one_line(str(error), 300)}") from error
        try:
            return _draft(whole)
        except (AttributeError, IndexError, TypeError) as error:
            # What is not as its API says comes unchecked out of the SDK.
            raise ModelError(f"{self._choice.model}: not an answer of this API") from error

    def close(self) -> None:
        self._client.close()


def _format(schema: dict[str, object]) -> "ResponseFormatJSONSchema":
    # Its strict mode knows no default values; what comes is validated in any case.
    return {
        "type": "json_schema",
        "json_schema": {"name": TOOL, "schema": schema, "strict": False},
    }


def _messages(ask: Ask, attempts: Iterable[Attempt]) -> "Iterator[chat.ChatCompletionMessageParam]":
    yield {"role": "system", "content": f"{ask.instructions}\n\n{ask.context}".strip()}
    yield {"role": "user", "content": ask.prompt}
    for attempt in attempts:
        yield {"role": "assistant", "content": attempt.draft.text.strip() or "(nothing)"}
        yield {"role": "user", "content": attempt.problem}


def _draft(whole: "chat.ChatCompletion") -> Draft:
    first = whole.choices[0]
    return Draft(
        text=first.message.content or "",
        id=whole.id or "",
        model=whole.model or "",
        tokens=_tokens(whole.usage) if whole.usage else Tokens(),
        is_cut=first.finish_reason == "length",
        refusal=first.message.refusal or "",
    )


def _tokens(usage: "CompletionUsage") -> Tokens:
    """The prompt there includes what the cache served; ours are disjoint."""
    read, written = usage.prompt_tokens_details, usage.completion_tokens_details
    cached = (read.cached_tokens or 0) if read else 0
    reasoned = (written.reasoning_tokens or 0) if written else 0
    return Tokens(
        input=max(0, usage.prompt_tokens - cached),
        output=usage.completion_tokens,
        cache_read=cached,
        reasoning=reasoned,
    )
