"""How a CLI is answered: the `[answer]` table of its spec, and what it makes of a verdict.

A template of `[answer.hook]` is JSON with `${reason}`, `${text}`, `${question}` and `${carried}` in
the place of values; each is replaced by JSON, so nothing that a person or a model wrote can change
the shape. A path such as `tool_input.command` leads into a hook's payload; the step `only` enters
a list that has one item.
"""

import re
from collections.abc import Sequence
from string import Template
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from command_center.domain.asks import Kind, Question, Verdict
from command_center.domain.wire import read_json

_FRAMES = str.maketrans("", "", "│┃║|")
_SEEN = 40
"""Characters of a command that must stand on the screen; a CLI may cut the rest."""


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Asked(_Table, frozen=True):
    """How the payload of a hook's event is a question, by paths into it."""

    kind: Kind = Kind.PERMISSION
    tool: str = ""
    detail: tuple[str, ...] = ()
    """The command, path or address; the first that is there."""
    input: str = ""
    """All that the tool gets: shown where there is no detail."""
    text: str = ""
    """The question in words, shown above tool and detail."""
    choices: str = ""
    """A list."""
    label: str = ""
    """Key of a choice's words, where a choice is an object."""
    carry: str = ""
    """What the answer has to repeat."""


class AnswerHook(_Table, frozen=True):
    """What the waiting hook prints. An empty template: that cannot be said by the hook."""

    allow: str = ""
    deny: str = ""
    reply: str = ""
    """Answers a question; `${text}` is the typed reply or the words of the choice."""
    decides_first: bool = False
    """Whether the CLI hides its own dialog while the hook waits: then only a policy uses it."""


class AnswerKeys(_Table, frozen=True):
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    has_digits: bool = False
    """Whether the number of a choice selects it."""
    takes_text: bool = False
    """Whether a typed reply can be pasted and submitted where the question stands."""
    screen: dict[Kind, str] = {}
    """Pattern that the screen must match before a key is pressed; a kind that is not here is never
    answered by keys."""
    lines: Annotated[int, Meta(ge=1, le=200)] = 30


class Answering(_Table, frozen=True):
    asked: dict[str, Asked] = {}
    """By hook event, or EVENT:VALUE as in `signals.hooks.variants`."""
    hook: AnswerHook | None = None
    keys: AnswerKeys | None = None


def problem_in(answering: Answering) -> str:
    """What is wrong with the table, with its key; empty when nothing is."""
    hook, keys = answering.hook or AnswerHook(), answering.keys or AnswerKeys()
    sample = Question("1", Kind.QUESTION, "?", 0.0, carried="[]")
    for name, template in (("allow", hook.allow), ("deny", hook.deny), ("reply", hook.reply)):
        try:
            read_json(_filled(template, sample, "x").encode() or b"{}", dict[str, object])
        except (ValueError, KeyError) as error:
            return f"hook.{name}: {error!r} in {template!r}"
    for kind, pattern in keys.screen.items():
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            return f"keys.screen.{kind}: bad pattern {pattern!r}: {error}"
    return ""


def hook_reply(
    hook: AnswerHook, question: Question, verdict: Verdict, choice: int, text: str
) -> str:
    """The line for the waiting hook; empty when this cannot be said there."""
    if question.kind is Kind.PERMISSION:
        template = {Verdict.YES: hook.allow, Verdict.NO: hook.deny}.get(verdict, "")
        return _filled(template, question, text or "The user said no.")
    if verdict is Verdict.CHOICE and 0 < choice <= len(question.choices):
        return _filled(hook.reply, question, question.choices[choice - 1])
    return _filled(hook.reply, question, text) if verdict is Verdict.TEXT else ""


def _filled(template: str, question: Question, text: str) -> str:
    quoted, asked = (msgspec.json.encode(words).decode() for words in (text, question.text))
    carried = question.carried or "null"
    values = {"reason": quoted, "text": quoted, "question": asked, "carried": carried}
    return " ".join(Template(template).substitute(values).split("\n")).strip()


def keys_for(keys: AnswerKeys, verdict: Verdict, choice: int) -> tuple[str, ...]:
    """Keys to press; none when this cannot be said so."""
    match verdict:
        case Verdict.YES:
            return keys.yes
        case Verdict.NO:
            return keys.no
        case Verdict.CHOICE:
            return (str(choice),) if keys.has_digits and 0 < choice < 10 else ()
        case Verdict.TEXT:
            return ()


def stands_on(lines: Sequence[str], keys: AnswerKeys, question: Question, choice: int = 0) -> bool:
    """Whether the screen's end shows `question`, with that number of a choice if there is one."""
    tail = lines[-keys.lines :]
    pattern = keys.screen.get(question.kind)
    if pattern is None or not re.search(pattern, "\n".join(tail), re.MULTILINE):
        return False
    number = re.compile(rf"\W*{choice}[.)] ")
    if choice and not any(number.match(line) for line in tail):
        return False
    return not question.detail or _on_screen(question.detail) in _squeezed("".join(tail))


def _on_screen(detail: str) -> str:
    """What of a command, or of a path, a CLI is sure to show in one piece."""
    first = detail.strip().partition("\n")[0]
    if first.startswith("/") and " " not in first:
        first = first.rpartition("/")[2]
    return _squeezed(first)[:_SEEN]


def _squeezed(text: str) -> str:
    """Without white space and frames: how it is wrapped does not matter."""
    return "".join(text.translate(_FRAMES).split())
