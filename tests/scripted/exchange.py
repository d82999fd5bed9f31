"""What every wire reads from a request and what it has to write back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tests.scripted.json_values import Obj

if TYPE_CHECKING:
    from tests.scripted.reply import Reply

Role = Literal["user", "assistant", "tool", "system"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One entry of a history. A CLI puts its own reminders in parts beside the user's part."""

    role: Role
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to the model, whatever wire it came on."""

    model: str
    stream: bool
    turns: tuple[Turn, ...]
    tools: Mapping[str, Obj] = field(default_factory=dict)
    """JSON schema of the arguments by tool name."""
    schema: Obj | None = None
    """The schema the answer's text has to fit, when the request names one."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens reported for one answer; `read` excludes the cached ones."""

    read: int = 100
    written: int = 20
    cache_read: int = 2000
    cache_written: int = 300
    reasoned: int = 0


SIDE_USAGE = Usage(11, 3, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call. Free-form tools take a text instead of an object."""

    tool: str
    arguments: Obj | str


@dataclass(frozen=True, slots=True)
class Failure:
    """An HTTP status in place of an answer."""

    status: int
    resets_in: int | None = None
    """Seconds until a plan limit ends; None for any other failure."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model says to one request."""

    text: str
    calls: tuple[Call, ...] = ()
    usage: Usage = Usage()
    side: bool = False
    """The request was the CLI's own (a title, a probe), not part of the conversation."""
    step: int | None = None
    wait: float = 0.0
    """Seconds before the first byte."""
    slow: tuple[int, float] | None = None
    """(chunks, seconds before each); None sends the text in a few chunks at once."""
    thought: str = ""
    failure: Failure | None = None
    limit_percent: float | None = None
    """Share of the plan window that the rate-limit headers claim is used."""
    drop: bool = False
    is_cut: bool = False
    """The answer ends because it has reached its greatest length."""


@dataclass(frozen=True, slots=True)
class Wire:
    """One model API: how to read a request, write an answer, and refuse."""

    name: str
    read: Callable[[str, Obj], Ask]
    answer: Callable[[Ask, Answer, "Reply"], None]
    refuse: Callable[[Failure, "Reply"], None]
