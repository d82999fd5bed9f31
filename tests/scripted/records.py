"""What the server remembers of each request."""

import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.scripted.exchange import Answer, Ask, Usage, Wire

SESSION_HEADER_ENDINGS = ("session-id", "session_id")


@dataclass(frozen=True, slots=True)
class Request:
    """One answered request."""

    wire: str
    model: str
    who: str
    """The conversation: the CLI's session header, else a digest of program and first prompt."""
    prompts: tuple[str, ...]
    """Every prompt of the history, verbatim, oldest first."""
    tools: tuple[str, ...]
    """The tools on offer."""
    calls: tuple[str, ...]
    """The tools the answer calls."""
    step: int | None
    """Which step of the script was played; None when nothing was scripted."""
    usage: Usage | None
    """What was reported; None for a refusal or a stream that broke off."""
    side: bool
    """The CLI's own request (a title, a probe), not part of the conversation."""
    status: int
    complete: bool
    """The answer was written to its end; false after a cut or a hang-up."""
    t0: float
    """Unix time at which the request was read."""
    t_end: float
    """Unix time just before the last byte, or of the break."""


def begun(wire: Wire, ask: Ask, answer: Answer, who: str, prompts: Sequence[str]) -> Request:
    """The record of a request that was read now and is not answered yet."""
    return Request(
        wire=wire.name,
        model=ask.model,
        who=who,
        prompts=tuple(prompts),
        tools=tuple(ask.tools),
        calls=tuple(call.tool for call in answer.calls),
        step=answer.step,
        usage=None,
        side=answer.side,
        status=0,
        complete=False,
        t0=time.time(),
        t_end=0.0,
    )


def conversation(wire: Wire, headers: Mapping[str, str], prompts: Sequence[str]) -> str:
    """Who is talking.

    Gemini CLI and Copilot send no session header: two of their conversations that begin with the
    same prompt count as one.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    for name, value in lowered.items():
        if name.endswith(SESSION_HEADER_ENDINGS):
            return value
    told = "\n".join([lowered.get("user-agent", ""), *prompts[:1]])
    return f"{wire.name}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"


def summed(usages: Iterable[Usage]) -> Usage:
    """The sum, column by column."""
    total = Usage(0, 0, 0, 0, 0)
    for usage in usages:
        total = Usage(
            total.read + usage.read,
            total.written + usage.written,
            total.cache_read + usage.cache_read,
            total.cache_written + usage.cache_written,
            total.reasoned + usage.reasoned,
        )
    return total
