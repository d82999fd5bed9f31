"""Applies a spec's own words about signals to what was seen."""

import re
from collections.abc import Iterable

from msgspec.structs import replace

from command_center.domain.limits import reset_time
from command_center.domain.model import Claim, State
from command_center.domain.signals import Rule

_FIELD = re.compile(r"\{([\w.]+)\}")


def filled(template: str, fields: dict[str, object]) -> str:
    """`{a.b}` becomes the text at that path of a JSON object; nothing where there is none."""
    return _FIELD.sub(lambda match: _at_path(fields, match[1]), template).strip()


def _at_path(fields: object, path: str) -> str:
    found = value_at(fields, path)
    return found if isinstance(found, str) else "" if found is None else str(found)


def value_at(fields: object, path: str) -> object:
    """What a path of keys leads to, None if nowhere; `only` is the one item of a list of one."""
    for key in path.split("."):
        if isinstance(fields, dict):
            fields = fields.get(key)
        elif isinstance(fields, list) and key == "only" and len(fields) == 1:
            fields = fields[0]
        else:
            return None
    return fields


def first_match(rules: Iterable[Rule], text: str) -> Rule | None:
    """The first rule that `text` matches, its reason's `{1}` and `{name}` filled in."""
    for rule in rules:
        if match := re.search(rule.match, text, re.MULTILINE):
            groups: dict[str, object] = {str(i): g for i, g in enumerate(match.groups(), 1)}
            return replace(rule, reason=filled(rule.reason, groups | match.groupdict()))
    return None


def timed(claim: Claim, said: str = "") -> Claim:
    """A claim that tells of a limit, with the time at which it ends by its reason or what was said.

    Where neither says, the claim as it is; as is any other.
    """
    if claim.state is not State.LIMITED:
        return claim
    until = reset_time(claim.reason, claim.at) or reset_time(said, claim.at)
    return replace(claim, until=until)
