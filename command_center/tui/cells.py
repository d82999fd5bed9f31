"""What the fleet list says of one agent."""

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len, set_cell_size
from rich.style import Style

from command_center.domain.model import Agent, Delivery, Diff, Phase, State
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.columns import SHAPES, Column
from command_center.tui.figures import (
    Part as Part,
    bytes_text,
    context_parts,
    dollars,
    per_second,
    short,
    spark,
)

if TYPE_CHECKING:
    # The first paint shows no gauges.
    from command_center.domain.gauges import Gauge

_FRESH_STEPS = 6
"""A rate that is older was not told to have ended, because nobody measures any more."""


class Cells(Struct, frozen=True, dict=True):
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
    tags: str = ""
    doing: str = ""
    trend: str = ""
    rate: str = ""
    context: tuple[Part, ...] = ()
    tokens: str = ""
    money: str = ""
    cpu: str = ""
    memory: str = ""

    @cached_property
    def wants(self) -> tuple[int, ...]:
        """How wide it would have each column, in their order; 0 where it has nothing to show."""
        waits = self.state == State.WAITING
        return (
            _fixed(Column.AGE, self.age),
            cell_len(self.name),
            cell_len(self.spec),
            cell_len(self.reason) if waits else 0,
            _fixed(Column.DOING, self.doing),
            _fixed(Column.TREND, self.trend),
            _fixed(Column.RATE, self.rate),
            _fixed(Column.CONTEXT, self.context),
            _fixed(Column.TOKENS, self.tokens),
            _fixed(Column.MONEY, self.money),
            _fixed(Column.CPU, self.cpu),
            _fixed(Column.MEMORY, self.memory),
            cell_len(self.tags),
            cell_len(self.branch),
            cell_len(self.diff),
        )


def _fixed(column: Column, shown: object) -> int:
    """All that the column may have, so that a figure that grows moves no other."""
    return SHAPES[column].most if shown else 0


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
    if diff is None:
        return ""
    if diff.added or diff.removed:
        return f"+{_lines(diff.added)} -{_lines(diff.removed)}"
    # No line of a file that git does not track is counted.
    return f"{min(diff.uncommitted, 9999)} dirty" if diff.uncommitted else ""


def _lines(count: int) -> str:
    """In four columns at most."""
    for size, unit in ((10**6, "M"), (1000, "k")):
        if count >= 10_000 and count >= size:
            return f"{min(count // size, 999)}{unit}"
    return str(count)


def cells(
    agent: Agent,
    spec: str,
    badge: str,
    age_text: str,
    gauge: "Gauge | None" = None,
    task: str = "",
) -> Cells:
    """`task` is what it is at work on, if that is one of the backlog."""
    look = theme.LOOKS[agent.state]
    plain = Cells(
        glyph=look.glyph,
        state=str(agent.state),
        style=look.style,
        age=age_text,
        name=one_line(agent.name, 64),
        spec=one_line(badge or spec, 64),
        badge=one_line(badge, 64),
        reason=reason_of(agent),
        task=one_line(task or agent.task, 300),
        branch=one_line(agent.order.branch, 200),
        diff=diff_text(agent.diff),
        is_unseen=agent.is_unseen,
        is_hidden=agent.is_hidden,
        tags=" ".join(f"#{one_line(tag, 32)}" for tag in agent.order.tags),
    )
    return measured(plain, gauge) if gauge is not None else plain


def measured(line: Cells, gauge: "Gauge", behind: int = 0) -> Cells:
    """The same agent with its newest figures, which are `behind` steps of a trend old.

    A gauge stands still while nothing is spent.
    """
    return replace(
        line,
        # What others did last is over, or it is what they ask about.
        doing=one_line(gauge.doing, 200) if line.state == State.BUSY else "",
        trend=spark((*gauge.trend[behind:], *(0.0,) * behind), SHAPES[Column.TREND].most),
        rate=per_second(gauge.rate_minute if behind < _FRESH_STEPS else 0.0),
        context=context_parts(gauge.context),
        tokens=short(gauge.spent.total),
        money=dollars(gauge.money, is_spent=bool(gauge.spent)),
        cpu="" if gauge.cpu is None else f"{min(gauge.cpu, 999):.0%}",
        memory="" if gauge.memory is None else bytes_text(gauge.memory),
    )


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
