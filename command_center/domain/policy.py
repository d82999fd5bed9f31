"""The approval policy: rules of the user's `config.toml` that answer a permission without asking.

`docs/policy.md` explains it. A deny that matches beats every other rule; of the rest the first that
matches decides; without one a person is asked. What is not surely understood is asked.
"""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from fnmatch import fnmatchcase

from msgspec import Struct

from command_center.domain.asks import Kind, Question

_SYNTAX = re.compile(r"[;&|<>()`$\n\r]")
"""What lets a shell run a second command, write a file or put in other words."""
_SEGMENTS = re.compile(r"[;&|()`\n\r]+|\$\(?|[<>]")
_UPWARDS = re.compile(r"(?:^|[\s/='\"])\.\.(?:[\s/'\"]|$)")


class Do(StrEnum):
    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """One `[[policy]]` table. Patterns are globs over the whole text; case counts."""

    do: Do
    tool: str = "*"
    match: tuple[str, ...] = ()
    """Over the command, path or address; one has to match. Empty: whatever it is."""
    spec: str = "*"
    agent: str = "*"
    repo: str = "*"
    """Over the repository's root folder."""
    compound: bool = False
    """Whether an allow may match a command with shell syntax, of which `*` hides any part."""
    reason: str = ""
    """What a denied agent is told."""

    def __str__(self) -> str:
        about = (("tool", self.tool), ("spec", self.spec), ("agent", self.agent))
        named = [f"{key}={glob}" for key, glob in (*about, ("repo", self.repo)) if glob != "*"]
        return " ".join((self.do, *named, *(f"'{pattern}'" for pattern in self.match)))


class Asker(Struct, frozen=True):
    """Who asks."""

    spec: str
    agent: str
    repo: str


ASK = Rule(Do.ASK)
"""What holds when no rule does."""


def decision(rules: Iterable[Rule], asker: Asker, question: Question) -> Rule:
    """The rule that decides about `question`; its `do` is the decision."""
    if question.kind is not Kind.PERMISSION or not question.tool:
        return ASK
    about = [rule for rule in rules if _is_about(rule, asker, question)]
    denials = (rule for rule in about if rule.do is Do.DENY and _denies(rule, question))
    first = (rule for rule in about if _is_matched(rule, question))
    return next(denials, None) or next(first, ASK)


def _is_about(rule: Rule, asker: Asker, question: Question) -> bool:
    pairs = (
        (question.tool, rule.tool),
        (asker.spec, rule.spec),
        (asker.agent, rule.agent),
        (asker.repo, rule.repo),
    )
    return all(fnmatchcase(text, glob) for text, glob in pairs)


def _denies(rule: Rule, question: Question) -> bool:
    """A denial reaches into every part of a compound command."""
    return not rule.match or any(
        fnmatchcase(part, glob) for part in _parts(question.detail) for glob in rule.match
    )


def _is_matched(rule: Rule, question: Question) -> bool:
    if rule.do is Do.DENY:
        return False
    globs = rule.match or ("*",)
    if rule.do is Do.ASK:
        return any(fnmatchcase(question.detail, glob) for glob in globs)
    if not question.is_exact or (_SYNTAX.search(question.detail) and not rule.compound):
        return False
    return any(_allows(glob, question.detail) for glob in globs)


def _allows(glob: str, detail: str) -> bool:
    # No `*` may lead out of the folder that the pattern names.
    climbs = _UPWARDS.search(detail) is not None and ".." not in glob
    return fnmatchcase(detail, glob) and not climbs


def _parts(detail: str) -> Iterator[str]:
    yield detail
    for part in _SEGMENTS.split(detail):
        yield part.strip()
