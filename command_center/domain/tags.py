"""Tags: short words that a user gives agents to find them again."""

import re
from collections.abc import Iterable

from command_center.domain.errors import IntentError
from command_center.domain.prompt_events import Happening

MOST = 20
"""Tags of one agent."""
_TAG = re.compile(r"[^\W_][\w./-]{0,31}")


class AgentRetagged(Happening, frozen=True):
    agent: str
    tags: tuple[str, ...]
    """All that it has from now on."""


def checked(tags: Iterable[str]) -> tuple[str, ...]:
    """Each once, in the order given. Raises IntentError."""
    found = tuple(dict.fromkeys(tags))
    for tag in found:
        if not _TAG.fullmatch(tag):
            wanted = "up to 32 letters, digits and . / _ -, beginning with a letter or digit"
            raise IntentError(f"tag {tag!r}: use {wanted}")
    if len(found) > MOST:
        raise IntentError(f"{len(found)} tags are too many; an agent can have {MOST}")
    return found


def retagged(tags: tuple[str, ...], add: Iterable[str], drop: Iterable[str]) -> tuple[str, ...]:
    """Raises IntentError. What is both added and dropped is dropped."""
    gone = set(drop)
    return tuple(tag for tag in checked((*tags, *add)) if tag not in gone)
