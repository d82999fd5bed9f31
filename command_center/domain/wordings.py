"""What people write about a task: in Markdown, as options of a command, in a template."""

import re
import shlex
from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct, structs

from command_center.domain.budgets import parse_cap
from command_center.domain.errors import IntentError
from command_center.domain.tags import checked
from command_center.domain.tasks import Allowance, Brief, Check, Conversation, Judge, TaskKind

_MINUTES = re.compile(r"(\d+(?:\.\d+)?)\s*(min|h)", re.IGNORECASE)


class Wording(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """All of a task but its title; None stands for what was not said."""

    kind: TaskKind | None = None
    prompt: str | None = None
    check: str | None = None
    """A command, its words quoted as for a shell; none runs it."""
    check_seconds: Annotated[float, Meta(gt=0)] | None = None
    returns: Annotated[int, Meta(ge=0)] | None = None
    judge: Judge | None = None
    touches: tuple[str, ...] | None = None
    needs: tuple[str, ...] | None = None
    priority: int | None = None
    tags: tuple[str, ...] | None = None
    spec: str | None = None
    niche: str | None = None
    conversation: Conversation | None = None
    budget: str | None = None
    """Such as `2usd,100ktok,30min`."""
    base: str | None = None
    run: str | None = None
    """Of an experiment: a template of runs, or a command."""

    def __post_init__(self) -> None:
        """Raises ValueError, which decoding reports with the place."""
        if self.check is not None:
            shlex.split(self.check)
        if self.run is not None:
            shlex.split(self.run)
        if self.budget is not None:
            parse_allowance(self.budget)


WORDS = tuple(field.name for field in structs.fields(Wording) if field.name != "prompt")
LISTS = ("touches", "needs", "tags")


def worded(values: Mapping[str, object]) -> Wording:
    """From text, numbers included. Raises IntentError."""
    try:
        return msgspec.convert(values, Wording, strict=False)
    except msgspec.ValidationError as error:
        raise IntentError(str(error)) from None


def laid_over(below: Wording, above: Wording) -> Wording:
    """What `above` says, and what it leaves unsaid as `below` says it.

    Who judges and by what command are said together.
    """
    if above.check is not None or above.judge is not None:
        below = structs.replace(below, check=None, judge=None)
    pairs = {name: (getattr(below, name), getattr(above, name)) for name in (*WORDS, "prompt")}
    return Wording(**{k: under if over is None else over for k, (under, over) in pairs.items()})


def brief_of(title: str, words: Wording) -> Brief:
    """What is unsaid is as in an empty brief. Raises IntentError."""
    usual = Brief(title)
    return Brief(
        title=title,
        prompt=words.prompt or "",
        kind=words.kind or usual.kind,
        check=_check(words),
        allowance=parse_allowance(words.budget) if words.budget else usual.allowance,
        touches=words.touches or (),
        needs=words.needs or (),
        priority=words.priority or 0,
        tags=checked(words.tags or ()),
        spec=words.spec or "",
        niche=words.niche or "",
        conversation=words.conversation or usual.conversation,
        base=words.base or "",
        run=words.run or "",
    )


def _check(words: Wording) -> Check:
    command = tuple(shlex.split(words.check or ""))
    judge = words.judge or (Judge.COMMAND if command else Judge.USER)
    if (judge is Judge.COMMAND) != bool(command):
        wanted = "a check to run" if judge is Judge.COMMAND else "no check to run"
        raise IntentError(f"judge {judge} needs {wanted}")
    usual = Check()
    return Check(
        judge,
        command,
        usual.seconds if words.check_seconds is None else words.check_seconds,
        usual.returns if words.returns is None else words.returns,
    )


def wording_of(brief: Brief) -> Wording:
    """What `brief_of` makes the same brief of."""
    check, usual = brief.check, Check()
    return Wording(
        kind=brief.kind,
        prompt=brief.prompt or None,
        check=shlex.join(check.command) or None,
        check_seconds=check.seconds if check.seconds != usual.seconds else None,
        returns=check.returns if check.returns != usual.returns else None,
        judge=check.judge if check.judge is Judge.REVIEW else None,
        touches=brief.touches or None,
        needs=brief.needs or None,
        priority=brief.priority or None,
        tags=brief.tags or None,
        spec=brief.spec or None,
        niche=brief.niche or None,
        conversation=brief.conversation if brief.conversation is Conversation.KEPT else None,
        budget=shown_allowance(brief.allowance) or None,
        base=brief.base or None,
        run=brief.run or None,
    )


def parse_allowance(text: str) -> Allowance:
    """Of `2usd`, `100ktok`, `30min`, `1.5h`, or several with commas. Raises ValueError."""
    minutes, rest = 0.0, []
    for part in text.split(","):
        if match := _MINUTES.fullmatch(part.strip()):
            minutes += float(match[1]) * (60 if match[2].lower() == "h" else 1)
        else:
            rest.append(part)
    if not rest:
        return Allowance(minutes=minutes)
    try:
        cap = parse_cap(",".join(rest))
    except ValueError:
        raise ValueError(
            f"{text!r} is no budget; write 2usd, 100ktok, 30min, or several as 2usd,30min"
        ) from None
    return Allowance(cap.money, cap.tokens, minutes)


def shown_allowance(allowance: Allowance) -> str:
    """As `parse_allowance` reads it; empty for no limit."""
    parts = [f"{_exact(allowance.money)}usd"] if allowance.money else []
    parts += [f"{allowance.tokens}tok"] if allowance.tokens else []
    parts += [f"{_exact(allowance.minutes)}min"] if allowance.minutes else []
    return ",".join(parts)


def _exact(number: float) -> str:
    return repr(number).removesuffix(".0")
