"""The models that the agent talks to, and what it means when one refuses."""

import os
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Protocol

from command_center.agent.talk import Ask, Model, Reply
from command_center.domain.limits import reset_time
from command_center.domain.text import one_line

Hear = Callable[[str], None]
"""Takes the text of an answer as it comes."""

PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""HTTP statuses after which the same request may be answered."""
_TOO_LONG = re.compile(
    r"too long|context.{0,20}(?:length|window|size)|maximum context", re.IGNORECASE
)


class Wire(Protocol):
    """One model behind one API."""

    async def answer(self, ask: Ask, draft: Reply, hear: Hear) -> None:
        """Fills `draft` while the answer comes, so that a cancelled one is not lost.

        Raises Refused; then `draft` holds what came before.
        """

    async def close(self) -> None: ...


class Refused(Exception):
    """The model gave no answer, or not to its end."""

    def __init__(self, text: str, status: int = 0, wait: float = 0.0, until: float = 0.0) -> None:
        super().__init__(one_line(text, 300))
        self.status = status
        """Of HTTP; 0 when the server was not reached or fell silent."""
        self.wait = wait
        """Seconds after which the server wants to be asked again; 0 if it does not say."""
        self.until = until
        """Unix seconds at which a limit ends; 0 if it is none, or nobody says."""

    @property
    def is_passing(self) -> bool:
        return self.status == 0 or self.status in PASSING

    @property
    def is_limit(self) -> bool:
        return self.status == 429

    @property
    def is_too_long(self) -> bool:
        return self.status == 413 or (self.status == 400 and bool(_TOO_LONG.search(str(self))))

    @property
    def kind(self) -> str:
        """One word for whoever watches us."""
        if self.is_too_long:
            return "context_full"
        words = {401: "authentication", 403: "permission", 404: "not_found", 429: "rate_limit"}
        return words.get(self.status, "connection" if self.status == 0 else f"http_{self.status}")


def refused(body: object, status: int, headers: Mapping[str, str], now: float) -> Refused:
    """From an HTTP error; `now` in Unix seconds."""
    text = f"{status}: {_message(body)}"
    wait = _seconds(headers.get("retry-after", ""))
    until = 0.0
    if status == 429:
        told = headers.get("anthropic-ratelimit-unified-reset", "")
        until = reset_time(told, now) or reset_time(text, now) or (now + wait if wait else 0.0)
    return Refused(text, status, max(wait, until - now if until else 0.0), until)


def _message(body: object) -> str:
    """The words in an error's JSON."""
    while isinstance(body, dict):
        body = body.get("error") or body.get("message") or "no reason given"
    return str(body or "no reason given")


def _seconds(header: str) -> float:
    # The other form, a date, is sent by no model server we know.
    return float(header) if re.fullmatch(r"\d{1,7}(?:\.\d+)?", header) else 0.0


def key_of(model: Model, environ: Mapping[str, str], usual: str) -> str:
    """The key's value; empty when no variable holds one."""
    if model.base_url and not model.key_env:
        # A server of one's own wants none, but the SDKs do.
        return "none"
    return environ.get(model.key_env or usual, "")


def wire_for(model: Model, environ: Mapping[str, str] | None = None) -> Wire:
    """Loads the model's SDK, which takes up to a second: call it in a thread.

    Raises Refused without a key where one is needed.
    """
    module = import_module(f"command_center.agent.{model.wire}_wire")
    made: Wire = module.connect(model, os.environ if environ is None else environ)
    return made
