"""What is asked of a model and what it answers, whatever API it speaks."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

import msgspec
from msgspec import Struct

from command_center.domain.usage import Tokens

TOOL = "answer"
"""The name of what a structured answer is given through."""
T = TypeVar("T")


class Ask(Struct, frozen=True):
    """The parts stand from the most lasting to the newest, so that caches serve what repeats."""

    instructions: str
    """The same in every call for a job."""
    prompt: str
    context: str = ""
    """The same in every call about one thing, such as a repository's files."""


class Draft(Struct, frozen=True):
    """One answer as it came; untrusted."""

    text: str
    """JSON where a schema was given, if the model kept to it."""
    id: str = ""
    model: str = ""
    tokens: Tokens = Tokens()
    call: str = ""
    """Id of the tool call that carries the text; empty for a plain answer."""
    is_cut: bool = False
    """Whether it reached the greatest length before its end."""
    refusal: str = ""
    """Why the model would not answer."""


class Attempt(Struct, frozen=True):
    """An answer that could not be taken, and what the model is told about it."""

    draft: Draft
    problem: str


class Wire(Protocol):
    """One model behind one API. Close it."""

    def answer(
        self, ask: Ask, schema: dict[str, object] | None, attempts: Sequence[Attempt]
    ) -> Draft:
        """Raises ModelError."""

    def close(self) -> None: ...


def json_schema(kind: type) -> dict[str, object]:
    """Of a Struct, as an object at the top: what every API wants."""
    (top,), parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    rest = dict(parts)
    name = str(top.get("$ref", "")).rpartition("/")[2]
    return {**rest.pop(name), "$defs": rest} if name in rest else dict(top)


def decoded(text: str, kind: type[T]) -> T:
    """Also out of a fenced block or prose around it. Raises msgspec.DecodeError, RecursionError."""
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        start, end = text.find("{"), text.rfind("}")
        if start < 0 or end < start or (start == 0 and end == len(text) - 1):
            raise
        return msgspec.json.decode(text[start : end + 1], type=kind)
