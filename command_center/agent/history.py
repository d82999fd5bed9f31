"""How a conversation that fills its window is made smaller."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from command_center.agent.record import INTERRUPTED
from command_center.agent.talk import Block, Message, Text, ToolResult, ToolUse

SHORT = 400
"""Characters that are left of a long text where the whole does not fit."""
LEFT_OUT = "(The beginning of the conversation is left out.)"


class Parts(NamedTuple):
    before: tuple[Message, ...]
    """To be summarised."""
    prompt: str
    """The one under way, which stays word for word; empty between turns."""
    tail: tuple[Message, ...]
    """So do the last calls with their results."""


def parted(messages: Sequence[Message]) -> Parts:
    """How a history is compacted."""
    if not messages or messages[-1].role == "assistant":
        return Parts(tuple(messages), "", ())
    if messages[-1].is_prompt:
        return Parts(tuple(messages[:-1]), messages[-1].last_text, ())
    prompts = (m.last_text for m in reversed(messages) if m.is_prompt and m.text != INTERRUPTED)
    return Parts(tuple(messages), next(prompts, ""), tuple(messages[-2:]))


def lighter(messages: Sequence[Message]) -> Iterator[tuple[Message, ...]]:
    """The history, and what is left of it for a window that is too small even to summarise it."""
    yield tuple(messages)
    short = tuple(_shortened(message) for message in messages)
    yield short
    for part in (2, 8):
        yield _end_of(short, len(short) // part)


def _end_of(messages: Sequence[Message], count: int) -> tuple[Message, ...]:
    """About the last `count`; what begins must be an answer, never the results of lost calls."""
    begin = len(messages) - max(1, count)
    while begin > 0 and messages[begin].role != "assistant":
        begin -= 1
    return (Message("user", (Text(LEFT_OUT),)), *messages[begin:])


def _shortened(message: Message) -> Message:
    return Message(message.role, tuple(_short(block) for block in message.content))


def _short(block: Block) -> Block:
    match block:
        case ToolResult():
            return replace(block, content=_cut(block.content))
        case ToolUse():
            words = {k: _cut(v) if isinstance(v, str) else v for k, v in block.input.items()}
            return replace(block, input=words)
        case Text():
            return replace(block, text=_cut(block.text, 8 * SHORT))
        case _:
            return block


def _cut(text: str, most: int = SHORT) -> str:
    return text if len(text) <= most else f"{text[:most]} [...]"
