"""The title line of a cell of the wall, and the line that tells the page."""

from command_center.domain.gauges import Gauge
from command_center.domain.model import Agent, State
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.cells import Part, age, reason_of

_NUMBERED = 9
"""Cells that a digit reaches."""


def cell_parts(agent: Agent, number: int, gauge: Gauge | None, now: float) -> tuple[Part, ...]:
    """Number, state, name, how long, and why or what it is doing. `now` is Unix seconds."""
    look = theme.LOOKS[agent.state]
    digit = str(number) if number <= _NUMBERED else " "
    state = f"{look.glyph} " if agent.state in _QUIET else f"{look.glyph} {agent.state} "
    ago = f" {age(now - agent.since)}" if agent.since else ""
    said = reason_of(agent) or (gauge.doing if gauge else "") or agent.task
    return (
        (f"{digit} ", theme.KEY),
        (theme.UNSEEN_GLYPH if agent.is_unseen else "", theme.UNSEEN),
        (state, look.style),
        (one_line(agent.name, 40), theme.STRONG),
        (ago, theme.QUIET),
        (f" · {one_line(said, 200)}" if said else "", theme.QUIET),
    )


_QUIET = (State.BUSY, State.IDLE)
"""States whose glyph says enough, because most agents are in one of them."""


def page_parts(page: int, per_page: int, count: int) -> tuple[Part, ...]:
    """Pages are counted from 0, but not where people read it."""
    first = page * per_page
    last = min(first + per_page, count)
    return (
        (f" page {page + 1} of {-(-count // per_page)}", theme.STRONG),
        (f" · {first + 1}-{last} of {count} agents", theme.QUIET),
    )
