"""A plan as lines: what needs another task stands further in, below the deepest that it needs."""

import shlex
from collections.abc import Sequence

from command_center.domain.plans import Proposal, depths
from command_center.domain.tasks import Brief, Judge
from command_center.domain.text import one_line, plain
from command_center.tui import theme
from command_center.tui.entry_list import Entry
from command_center.tui.figures import Part, dollars

_TITLE = 90


def entries_of(briefs: Sequence[Brief]) -> list[Entry]:
    """One for each, by its place from 0."""
    deep = depths(briefs)
    return [Entry(str(at), (_line(at, brief, deep[at]),)) for at, brief in enumerate(briefs)]


def _line(at: int, brief: Brief, depth: int) -> tuple[Part, ...]:
    tree = f"{'  ' * (depth - 1)}└ " if depth else ""
    parts: list[Part] = [
        (f"#{at + 1:<3}", theme.QUIET),
        (f"{brief.kind:<11}", theme.TAG),
        (tree, theme.QUIET),
        (one_line(brief.title, _TITLE), theme.STRONG),
    ]
    if brief.needs:
        parts.append((f"  needs {one_line(' '.join(brief.needs), 30)}", theme.QUIET))
    return (*parts, (f"  {done_when(brief)}", theme.KEY if brief.check.command else theme.QUIET))


def done_when(brief: Brief) -> str:
    """How it is known that it is done."""
    match brief.check.judge:
        case Judge.COMMAND:
            return f"runs {one_line(shlex.join(brief.check.command), 300)}"
        case Judge.REVIEW:
            return "reviewed by another agent"
        case Judge.USER:
            return "you say so"


def details_of(brief: Brief) -> str:
    """All that its agent is told and what is done about it, in plain text."""
    said = [
        ("needs", ", ".join(brief.needs)),
        ("touches", ", ".join(brief.touches)),
        ("wants", brief.spec or brief.niche),
        ("done when", done_when(brief)),
    ]
    lines = [f"{name:<10}{one_line(text, 600)}" for name, text in said if text]
    return "\n".join((*lines, "", plain(brief.words)))


def origin_of(made: Proposal) -> str:
    """Who planned, and what that took."""
    cost = dollars(made.dollars, is_spent=made.dollars is not None)
    parts = [f"by {one_line(made.by, 80)}", cost, f"{made.seconds:.0f} s" if made.seconds else ""]
    return " · ".join(filter(None, parts))


def outcome_of(briefs: Sequence[Brief]) -> str:
    """What adding them would do."""
    first = sum(not brief.needs for brief in briefs)
    return f"{len(briefs)} task{'s' * (len(briefs) != 1)}, {first} of them can start at once"
