"""The lines of the fleet list as styled parts."""

from collections.abc import Callable, Iterable, Sequence

from rich.cells import cell_len

from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.cells import Cells, Part, fitted, fitted_end
from command_center.tui.columns import AT_RIGHT, Column
from command_center.tui.rows import GroupRow, HiddenRow
from command_center.tui.widths import GAP, INDENT, STATE, Widths

_BRANCH_LEAST = 8
_NAMED = 3
"""Agents in need that the head line of a group names."""


def agent_lines(line: Cells, widths: Widths, is_selected: bool) -> tuple[tuple[Part, ...], ...]:
    """One line, or two when the widths are those of roomy lists."""
    if widths.is_roomy:
        first = _first_parts(line, widths, is_selected)
        return joined(first), joined(_second_parts(line, widths, is_selected))
    return (joined(_only_parts(line, widths, is_selected)),)


def joined(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The same to the eye in as few parts as can be: a repaint costs as much as it has parts."""
    done = list[Part]()
    for text, style in parts:
        if done and (style is done[-1][1] or not text.strip()):
            done[-1] = (done[-1][0] + text, done[-1][1])
        elif text:
            done.append((text, style))
    return tuple(done)


def _only_parts(line: Cells, widths: Widths, is_selected: bool) -> list[Part]:
    parts = _state_parts(line, is_selected)
    for number, (column, size) in enumerate(widths.columns):
        gap = [(" " * GAP, theme.PLAIN)] if number else []
        parts += [*gap, *_column_parts(line, column, size, widths)]
    return [*parts, (" ", theme.PLAIN)]


def _first_parts(line: Cells, widths: Widths, is_selected: bool) -> list[Part]:
    parts, right = _state_parts(line, is_selected), list[Part]()
    for column, size in widths.columns:
        if size:
            shown = _column_parts(line, column, size, widths)
            if column in AT_RIGHT:
                right += [(" " * GAP, theme.PLAIN), *shown]
            else:
                parts += [*shown, (" " * GAP, theme.PLAIN)]
    left = INDENT + widths.what - _length(parts) - _length(right)
    return [*parts, (" " * left, theme.PLAIN), *right, (" ", theme.PLAIN)]


def _second_parts(line: Cells, widths: Widths, is_selected: bool) -> list[Part]:
    badge = "" if widths.of(Column.SPEC) else line.badge
    shown = {column for column, _ in widths.columns}
    quiet = theme.QUIET
    doing = line.doing if Column.DOING in shown else ""
    if line.task:
        # Both say what it is about, so neither may push the other out.
        doing = _cut(doing, widths.what // 2)
    tags = line.tags if Column.TAGS in shown else ""
    said = ((badge, theme.BADGE), (line.reason, line.style), (doing, theme.PLAIN))
    parts, left = _sentence((*said, (line.task, quiet), (tags, theme.TAG)), widths.what)
    branch = cell_len(line.branch) if Column.BRANCH in shown else 0
    if branch and left - 3 >= min(branch, _BRANCH_LEAST):
        text = fitted_end(line.branch, min(branch, left - 3))
        parts.append(((" · " if parts else "") + text, quiet))
    bar = theme.CURSOR_GLYPH if is_selected else " "
    parts = [(bar, theme.CURSOR_BAR), (" " * (INDENT - 1), theme.PLAIN), *parts]
    left = INDENT + widths.what + 1 - _length(parts)
    return [*parts, (" " * left, theme.PLAIN)]


def _state_parts(line: Cells, is_selected: bool) -> list[Part]:
    return [
        (theme.CURSOR_GLYPH if is_selected else " ", theme.CURSOR_BAR),
        (theme.UNSEEN_GLYPH if line.is_unseen else " ", theme.UNSEEN),
        (f"{line.glyph} {line.state:<{STATE}} ", line.style),
    ]


def _column_parts(line: Cells, column: Column, size: int, widths: Widths) -> list[Part]:
    """Exactly `size` columns."""
    if column is Column.TASK:
        return _what_parts(line, widths)
    return _PAINTERS[column](line, size)


def _name(line: Cells, size: int) -> list[Part]:
    return [(fitted(line.name, size), theme.QUIET if line.is_hidden else theme.STRONG)]


def _spec(line: Cells, size: int) -> list[Part]:
    return [(fitted(line.spec, size), theme.BADGE if line.badge else theme.QUIET)]


def _context(line: Cells, size: int) -> list[Part]:
    return [(" " * (size - _length(line.context)), theme.PLAIN), *line.context]


def _diff(line: Cells, size: int) -> list[Part]:
    added, _, removed = line.diff.partition(" ")
    pad = (" " * max(0, size - cell_len(line.diff)), theme.PLAIN)
    if not added.startswith("+"):
        return [pad, (line.diff, theme.QUIET)]
    return [pad, (added, theme.ADDED), (" ", theme.PLAIN), (removed, theme.REMOVED)]


_PAINTERS: dict[Column, Callable[[Cells, int], list[Part]]] = {
    Column.AGE: lambda line, size: [(f"{line.age:>{size}}", theme.QUIET)],
    Column.NAME: _name,
    Column.SPEC: _spec,
    Column.DOING: lambda line, size: [(fitted(line.doing, size), theme.PLAIN)],
    Column.TREND: lambda line, size: [(f"{line.trend:>{size}}", theme.TREND)],
    Column.RATE: lambda line, size: [(f"{line.rate:>{size}}", theme.TREND)],
    Column.CONTEXT: _context,
    Column.CPU: lambda line, size: [(f"{line.cpu:>{size}}", theme.QUIET)],
    Column.MEMORY: lambda line, size: [(f"{line.memory:>{size}}", theme.QUIET)],
    Column.TOKENS: lambda line, size: [(f"{line.tokens:>{size}}", theme.QUIET)],
    Column.MONEY: lambda line, size: [(f"{line.money:>{size}}", theme.PLAIN)],
    Column.TAGS: lambda line, size: [(fitted(line.tags, size), theme.TAG)],
    Column.BRANCH: lambda line, size: [(fitted_end(line.branch, size), theme.QUIET)],
    Column.DIFF: _diff,
}


def _what_parts(line: Cells, widths: Widths) -> list[Part]:
    """The badge if it has no column, then the reason, then the task, in one cell."""
    task = theme.QUIET if line.is_hidden else theme.PLAIN
    badge = "" if widths.of(Column.SPEC) else line.badge
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
            shown = _cut(text, left - len(gap))
            parts += [(gap, theme.QUIET), (shown, style)]
            left -= len(gap) + cell_len(shown)
    return parts, left


def _cut(text: str, width: int) -> str:
    return fitted(text, min(cell_len(text), width))


def _length(parts: Sequence[Part]) -> int:
    return sum(cell_len(text) for text, _ in parts)


def group_parts(row: GroupRow, width: int, is_selected: bool = False) -> tuple[Part, ...]:
    """The head line of a group; fewer who need the user are named where there is no room."""
    fold = theme.FOLDED_GLYPH if row.is_folded else theme.OPEN_GLYPH
    parts: list[Part] = [
        (theme.CURSOR_GLYPH if is_selected else " ", theme.CURSOR_BAR),
        (f"{fold} ", theme.QUIET),
        (one_line(row.name, 48), theme.STRONG),
        (f"  {row.agents}", theme.QUIET),
        *_count_parts(row),
    ]
    return (*parts, (_need_words(row, width - _length(parts) - 1), theme.UNSEEN))


def _count_parts(row: GroupRow) -> list[Part]:
    if len(row.counts) < 2:
        return []
    looks = theme.LOOKS.items()
    counts = dict(row.counts)
    return [(f"  {look.glyph} {counts[s]}", look.style) for s, look in looks if s in counts]


def _need_words(row: GroupRow, room: int) -> str:
    verb = "needs" if len(row.needing) == 1 else "need"
    for named in range(min(_NAMED, len(row.needing)), 0, -1):
        names = ", ".join(one_line(name, 18) for name in row.needing[:named])
        more = len(row.needing) - named
        words = f"  {names}{f' and {more} more' if more else ''} {verb} you"
        if cell_len(words) <= room:
            return words
    return f"  {len(row.needing)} {verb} you" if row.needing else ""


def hidden_parts(row: HiddenRow) -> tuple[Part, ...]:
    way = "hides" if row.are_shown else "shows"
    need = f" · {row.needing} need you" if row.needing > 1 else " · 1 needs you"
    return (
        (f"  {row.agents} hidden", theme.QUIET),
        (need if row.needing else "", theme.UNSEEN),
        (f" · . {way} them", theme.QUIET),
    )
