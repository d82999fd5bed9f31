"""Makes a question out of what a CLI's hook was given. The payload is untrusted."""

import re

import msgspec

from command_center.domain.answering import Asked
from command_center.domain.asks import Question
from command_center.domain.questions import question_id
from command_center.domain.text import one_line, plain
from command_center.engine.meanings import value_at

LONGEST_TEXT = 20_000
"""Characters of a command; a longer one is cut, and no policy allows it."""
MOST_CHOICES = 20
_HOOK = re.compile(r"ask\.[A-Za-z0-9]{1,40}")


def question_of(how: Asked, fields: dict[str, object], at: float, hook: str = "") -> Question:
    """`hook` names the FIFO at which the CLI waits, if it does."""
    tool = _words(value_at(fields, how.tool))
    found = (value_at(fields, path) for path in how.detail)
    raw = next((value for value in found if value not in (None, "")), "")
    detail = plain(_words(raw))[:LONGEST_TEXT]
    shown = detail or plain(_words(value_at(fields, how.input)))[:LONGEST_TEXT]
    said = plain(_words(value_at(fields, how.text)))[:LONGEST_TEXT]
    carried = value_at(fields, how.carry)
    return Question(
        id=question_id(at),
        kind=how.kind,
        text=said or f"{one_line(tool)}: {shown}".strip(": ") or "it waits for you",
        since=at,
        tool=one_line(tool),
        detail=detail,
        is_exact=detail == raw and tool == one_line(tool) != "",
        choices=_choices(how, fields),
        hook=hook if _HOOK.fullmatch(hook) else "",
        carried="" if carried is None else msgspec.json.encode(carried).decode(),
    )


def _choices(how: Asked, fields: dict[str, object]) -> tuple[str, ...]:
    listed = value_at(fields, how.choices)
    if not isinstance(listed, list):
        return ()
    words = (value_at(item, how.label) if how.label else item for item in listed[:MOST_CHOICES])
    return tuple(plain(_words(word)) for word in words)


def _words(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return msgspec.json.encode(value).decode()
