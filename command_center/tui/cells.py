"""What a line of the fleet list says, and how it shares its width among the columns."""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from rich.cells import cell_len, set_cell_size
from rich.style import Style

from command_center.domain.model import Agent, Delivery, Diff, Phase, State
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.rows import HiddenRow, RepoRow

Part = tuple[str, Style]


class Cells(Struct, frozen=True):
    """The texts of one agent, free of control characters."""

    glyph: str
    state: str
    style: Style
    age: str
    name: str
    spec: str
    badge: str
    reason: str
    task: str
    branch: str
    diff: str
    is_unseen: bool
    is_hidden: bool


class Widths(Struct, frozen=True):
    """Columns of the optional cells; 0 leaves one out. What is left goes to reason and task."""

    name: int
    spec: int
    diff: int
    branch: int
    what: int
    is_roomy: bool = False
    """Two lines: the second is for reason, task and branch, and `what` is its width."""


_STATE = 8
_AGE = 4
_FIXED = 2 + 2 + _STATE + 1 + _AGE + 2 + 1
_CAPS = Widths(name=18, spec=16, diff=12, branch=24, what=0)
_INDENT = 4
"""The second line of an agent begins below the word of its state."""
_WHAT_WANTS = 30
_REASON_WANTS = 50
"""Columns that an agent which waits may claim to say why."""
_BRANCH_LEAST = 8
"""A branch is not cut to fewer; a badge or a diff stat is not cut at all."""


def age(seconds: float) -> str:
    """Whole seconds, minutes, hours or days: the largest that is not zero."""
    whole = max(0, int(seconds))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if whole >= size:
            return f"{whole // size}{unit}"
    return f"{whole}s"


def reason_of(agent: Agent) -> str:
    """Why it is in its state, or what of ours is under way, or that a prompt got stuck."""
    if agent.phase is Phase.STOPPING:
        return "stopping"
    if agent.is_being_removed:
        return "removing"
    stuck = [r for r in agent.receipts[-1:] if r.delivery in (Delivery.UNSENT, Delivery.HELD)]
    if stuck and not agent.reason:
        return one_line(f"prompt {stuck[0].delivery}: {stuck[0].proof}", 200)
    return one_line(agent.reason, 200)


def diff_text(diff: Diff | None) -> str:
    if diff is None or not (diff.added or diff.removed):
        return ""
    return f"+{diff.added} -{diff.removed}"


def cells(agent: Agent, spec: str, badge: str, age_text: str) -> Cells:
    look = theme.LOOKS[agent.state]
    return Cells(
        glyph=look.glyph,
        state=str(agent.state),
        style=look.style,
        age=age_text,
        name=one_line(agent.name, 64),
        spec=one_line(badge or spec, 64),
        badge=one_line(badge, 64),
        reason=reason_of(agent),
        task=one_line(agent.task, 300),
        branch=one_line(agent.order.branch, 200),
        diff=diff_text(agent.diff),
        is_unseen=agent.is_unseen,
        is_hidden=agent.is_hidden,
    )


def shared(width: int, lines: Sequence[Cells]) -> Widths:
    """Every column as wide as its widest text, up to a cap, while the task keeps a rest."""
    name = _widest((c.name for c in lines), _CAPS.name)
    rest = width - _FIXED - name - 2
    asks = _widest((c.reason for c in lines if c.state == State.WAITING), _REASON_WANTS)
    what = max(_WHAT_WANTS, asks)
    # A badge that loses its column takes as much from the task, so it does not make way.
    spec = _WHAT_WANTS if any(c.badge for c in lines) else what
    taken = {}
    wanted = (
        ("spec", _widest((c.spec for c in lines), _CAPS.spec), spec),
        ("diff", _widest((c.diff for c in lines), _CAPS.diff), what),
        ("branch", _widest((c.branch for c in lines), _CAPS.branch), what),
    )
    for column, widest, keeps in wanted:
        size = min(widest, rest - keeps - 2)
        least = min(widest, _BRANCH_LEAST) if column == "branch" else widest
        taken[column] = size if size >= least else 0
        rest -= taken[column] + 2 if taken[column] else 0
    return Widths(name, taken["spec"], taken["diff"], taken["branch"], max(0, rest))


def shared_roomy(width: int, lines: Sequence[Cells]) -> Widths:
    """As `shared`, for two lines each: only name and spec need columns."""
    name = _widest((c.name for c in lines), _CAPS.name)
    spec = _widest((c.spec for c in lines), _CAPS.spec)
    if _FIXED + name + 2 + spec + 2 > width:
        spec = 0
    return Widths(name, spec, 0, 0, max(0, width - _INDENT - 1), is_roomy=True)


def _widest(texts: Iterable[str], cap: int) -> int:
    return min(cap, max(map(cell_len, texts), default=0))


def fitted(text: str, width: int) -> str:
    """`text` in exactly `width` columns, cut with an ellipsis."""
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    return set_cell_size(text, width - 1) + "…" if width > 0 else ""


def fitted_end(text: str, width: int) -> str:
    """`fitted`, but it is the beginning that gives way: branches differ at their ends."""
    if cell_len(text) <= width:
        return fitted(text, width)
    end = text[len(text) - width + 1 :] if width > 1 else ""
    while cell_len(end) >= max(width, 1):
        end = end[1:]
    return fitted("…" + end, width)


def agent_lines(line: Cells, widths: Widths, is_selected: bool) -> tuple[tuple[Part, ...], ...]:
    """One line, or two when the widths are those of roomy lists."""
    if widths.is_roomy:
        first = _first_parts(line, widths, is_selected)
        return tuple(first), tuple(_second_parts(line, widths, is_selected))
    return (tuple(_only_parts(line, widths, is_selected)),)


def _only_parts(line: Cells, widths: Widths, is_selected: bool) -> list[Part]:
    parts = [*_head_parts(line, widths, is_selected), *_what_parts(line, widths)]
    if widths.branch:
        parts.append(("  " + fitted_end(line.branch, widths.branch), theme.QUIET))
    if widths.diff:
        parts += _diff_parts(line.diff, widths.diff)
    return [*parts, (" ", theme.PLAIN)]


def _first_parts(line: Cells, widths: Widths, is_selected: bool) -> list[Part]:
    parts = _head_parts(line, widths, is_selected)
    left = _INDENT + widths.what - sum(cell_len(text) for text, _ in parts)
    if cell_len(line.diff) + 2 <= left:
        parts += _diff_parts(line.diff, left - 2)
    else:
        parts.append((" " * left, theme.PLAIN))
    return [*parts, (" ", theme.PLAIN)]


def _second_parts(line: Cells, widths: Widths, is_selected: bool) -> list[Part]:
    badge = "" if widths.spec else line.badge
    quiet = theme.QUIET
    said = ((badge, theme.BADGE), (line.reason, line.style), (line.task, quiet))
    parts, left = _sentence(said, widths.what)
    branch = cell_len(line.branch)
    if line.branch and left - 3 >= min(branch, _BRANCH_LEAST):
        shown = fitted_end(line.branch, min(branch, left - 3))
        parts.append(((" · " if parts else "") + shown, quiet))
    bar = theme.CURSOR_GLYPH if is_selected else " "
    parts = [(bar, theme.CURSOR_BAR), (" " * (_INDENT - 1), theme.PLAIN), *parts]
    left = _INDENT + widths.what + 1 - sum(cell_len(text) for text, _ in parts)
    return [*parts, (" " * left, theme.PLAIN)]


def _head_parts(line: Cells, widths: Widths, is_selected: bool) -> list[Part]:
    quiet = theme.QUIET
    parts: list[Part] = [
        (theme.CURSOR_GLYPH if is_selected else " ", theme.CURSOR_BAR),
        (theme.UNSEEN_GLYPH if line.is_unseen else " ", theme.UNSEEN),
        (f"{line.glyph} {line.state:<{_STATE}} ", line.style),
        (f"{line.age:>{_AGE}}  ", quiet),
        (fitted(line.name, widths.name) + "  ", theme.STRONG if not line.is_hidden else quiet),
    ]
    if widths.spec:
        style = theme.BADGE if line.badge else quiet
        parts.append((fitted(line.spec, widths.spec) + "  ", style))
    return parts


def _what_parts(line: Cells, widths: Widths) -> list[Part]:
    """The badge if it has no column, then the reason, then the task, in one cell."""
    task = theme.QUIET if line.is_hidden else theme.PLAIN
    badge = "" if widths.spec else line.badge
    said = ((badge, theme.BADGE), (line.reason, line.style), (line.task, task))
    parts, left = _sentence(said, widths.what)
    return [*parts, (" " * left, theme.PLAIN)]


def _sentence(said: Iterable[Part], width: int) -> tuple[list[Part], int]:
    """What is not empty, between dots, as far as it fits; and the columns that are left."""
    parts: list[Part] = []
    left = width
    for text, style in said:
        gap = " · " if parts else ""
        if left <= len(gap) + 1:
            break
        if text:
            shown = fitted(text, min(cell_len(text), left - len(gap)))
            parts += [(gap, theme.QUIET), (shown, style)]
            left -= len(gap) + cell_len(shown)
    return parts, left


def _diff_parts(diff: str, width: int) -> list[Part]:
    added, _, removed = diff.partition(" ")
    pad = " " * (2 + max(0, width - cell_len(diff)))
    shown = [(added, theme.ADDED), (" ", theme.PLAIN), (removed, theme.REMOVED)]
    return [(pad, theme.PLAIN), *(shown if diff else [])]


def repo_parts(row: RepoRow) -> tuple[Part, ...]:
    need = f" · {row.needing} need you" if row.needing > 1 else " · 1 needs you"
    return (
        (f" {one_line(row.name, 60)}", theme.STRONG),
        (f"  {row.agents}", theme.QUIET),
        (need if row.needing else "", theme.UNSEEN),
    )


def hidden_parts(row: HiddenRow) -> tuple[Part, ...]:
    way = "hides" if row.are_shown else "shows"
    need = f" · {row.needing} need you" if row.needing > 1 else " · 1 needs you"
    return (
        (f"  {row.agents} hidden", theme.QUIET),
        (need if row.needing else "", theme.UNSEEN),
        (f" · . {way} them", theme.QUIET),
    )
