"""Applies a spec's own words about signals to what was seen."""

import re
from collections.abc import Iterable

from msgspec.structs import replace

from command_center.domain.specs import Rule

_FIELD = re.compile(r"\{([\w.]+)\}")


def filled(template: str, fields: dict[str, object]) -> str:
    """`{a.b}` becomes the text at that path of a JSON object; nothing where there is none."""
    return _FIELD.sub(lambda match: _at_path(fields, match[1]), template).strip()


def _at_path(fields: object, path: str) -> str:
    for key in path.split("."):
        fields = fields.get(key) if isinstance(fields, dict) else None
    return fields if isinstance(fields, str) else "" if fields is None else str(fields)


def first_match(rules: Iterable[Rule], text: str) -> Rule | None:
    """The first rule that `text` matches, its reason's `{1}` and `{name}` filled in."""
    for rule in rules:
        if match := re.search(rule.match, text, re.MULTILINE):
            groups: dict[str, object] = {str(i): g for i, g in enumerate(match.groups(), 1)}
            return replace(rule, reason=filled(rule.reason, groups | match.groupdict()))
    return None
