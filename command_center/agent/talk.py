"""What is said between the user, the model and its tools, in the words every wire shares.

The JSON of these is that of Anthropic's Messages API, which is also how conversations are kept.
"""

from typing import Literal, TypeAlias

from msgspec import Struct


class Text(Struct, frozen=True, tag_field="type", tag="text"):
    text: str


class Thinking(Struct, frozen=True, tag_field="type", tag="thinking"):
    thinking: str
    signature: str = ""
    """Only signed thoughts can be given back to the model."""


class ToolUse(Struct, frozen=True, tag_field="type", tag="tool_use"):
    id: str
    name: str
    input: dict[str, object]


class ToolResult(Struct, frozen=True, tag_field="type", tag="tool_result"):
    tool_use_id: str
    content: str
    is_error: bool = False


Block: TypeAlias = Text | Thinking | ToolUse | ToolResult


class Message(Struct, frozen=True):
    role: Literal["user", "assistant"]
    content: tuple[Block, ...]

    @property
    def text(self) -> str:
        return "\n".join(block.text for block in self.content if isinstance(block, Text))

    @property
    def last_text(self) -> str:
        """The prompt itself, where something of ours stands before it."""
        return next((b.text for b in reversed(self.content) if isinstance(b, Text)), "")

    @property
    def calls(self) -> tuple[ToolUse, ...]:
        return tuple(block for block in self.content if isinstance(block, ToolUse))

    @property
    def is_prompt(self) -> bool:
        """Whether it begins a turn, rather than telling what tools did."""
        return self.role == "user" and any(isinstance(block, Text) for block in self.content)


class Tool(Struct, frozen=True):
    """What the model is told of a tool."""

    name: str
    description: str
    schema: dict[str, object]
    """JSON schema of its input."""


class Ask(Struct, frozen=True):
    """One request to a model."""

    system: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...]
    session: str


class Spent(Struct, frozen=True):
    """Tokens as the API told them, kinds disjoint but for `reasoning`, a part of `output`."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0

    @property
    def context(self) -> int:
        """Tokens that the conversation fills after the answer."""
        return self.input + self.cache_read + self.cache_write + self.output


class Reply(Struct):
    """An answer as far as it has come; whole when the wire returns it."""

    id: str = ""
    request: str = ""
    model: str = ""
    text: str = ""
    """What was heard so far; the content's text when whole."""
    content: tuple[Block, ...] = ()
    spent: Spent = Spent()
    stop: str = ""


class Model(Struct, frozen=True):
    """Which model, and where."""

    wire: Literal["anthropic", "openai"]
    name: str
    base_url: str = ""
    """Empty: where the SDK looks by itself, its variables included."""
    key_env: str = ""
    """Variable that holds the key; empty: the usual one, which no `base_url` of one's own gets."""
    window: int = 200_000
    """Tokens that fit."""
    max_output: int = 16_000
    """Tokens of one answer, where the API wants to be told."""
    seconds: float = 600.0
    """Without a byte, after which a server counts as gone."""
