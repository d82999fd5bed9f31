"""The lines that tell how fast each agent writes, and what its day was made of. Pure."""

import time
from collections.abc import Iterator, Mapping

from rich.style import Style

from command_center.domain.gauges import Gauge
from command_center.domain.model import Fleet
from command_center.domain.pace import Pace, all_paces, paces
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.cells import fitted
from command_center.tui.figures import Part

_HEADS = ("T/S NOW", "1 MIN", "1 HOUR", "WRITING", "BUSY", "WAITING", "IDLE")
_CELL, _WIDE_CELL, _WIDE = 9, 14, 150
ALL = "all agents"


def pace_table(
    fleet: Fleet, gauges: Mapping[str, Gauge], now: float, width: int
) -> list[tuple[Part, ...]]:
    """A head line, one line for each agent, who wrote most today first, and one for all."""
    told = paces(fleet, gauges, now, midnight(now))
    found = [(fleet.agents[agent].name, each) for agent, each in told.items()]
    found.sort(key=lambda each: (-each[1].producing_s, each[0]))
    cell = _WIDE_CELL if width >= _WIDE else _CELL
    name = max(8, width - 2 - cell * len(_HEADS))
    heads = "".join(f"{word:>{cell}}" for word in _HEADS)
    lines: list[tuple[Part, ...]] = [((f" {fitted('AGENT', name)}{heads}", theme.QUIET),)]
    lines += [_line(one_line(who, 200), each, name, cell, theme.STRONG) for who, each in found]
    if len(found) > 1:
        lines.append(_line(ALL, all_paces(told.values()), name, cell, theme.QUIET))
    return lines


def midnight(now: float) -> float:
    """When the local day of `now` began. Unix seconds."""
    day = time.localtime(now)
    return time.mktime((*day[:3], 0, 0, 0, 0, 0, -1))


def _line(who: str, told: Pace, name: int, cell: int, style: Style) -> tuple[Part, ...]:
    figures = "".join(f"{figure:>{cell}}" for figure in _figures(told))
    return (f" {fitted(who, name)}", style), (figures, theme.PLAIN)


def _figures(told: Pace) -> Iterator[str]:
    yield from (f"{rate:.1f}" for rate in (told.now, told.minute, told.hour))
    yield f"{told.share:.1%}"
    yield from (_span(seconds) for seconds in (told.busy_s, told.waiting_s, told.idle_s))


def _span(seconds: float) -> str:
    """Such as `41 min` or `3.2 h`."""
    return f"{seconds / 60:.0f} min" if seconds < 5970 else f"{seconds / 3600:.1f} h"
