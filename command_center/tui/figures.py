"""Figures in few columns: counts, money, rates, small gauges and sparklines."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.style import Style

from command_center.tui import theme

if TYPE_CHECKING:
    from command_center.domain.usage import Context

Part = tuple[str, Style]

METER = 4
"""Columns of a small gauge."""
FULL_SOON, FULL = 0.75, 0.9
"""Shares of a window from which it is worth a look, and from which it is urgent."""
_GIB, _MIB = 1 << 30, 1 << 20
SPARK_STEPS = (0.5, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0)
"""Tokens a second that make a bar one higher. They are the same for all, so that agents compare
at a glance and one agent's peak moves no other's line."""


def short(count: int) -> str:
    """Such as `950`, `12.4k` or `3.1M`, rounded down; empty for none."""
    if not count:
        return ""
    for size, unit in ((10**12, "T"), (10**9, "G"), (10**6, "M"), (1000, "k")):
        if count >= size:
            tenths = count * 10 // size
            return f"{tenths // 10}.{tenths % 10}{unit}"
    return str(count)


def dollars(money: float | None, *, is_spent: bool) -> str:
    """Empty while nothing is spent, and `$?` where a price is unknown."""
    if not is_spent:
        return ""
    if money is None:
        return "$?"
    if money >= 1000:
        return f"${short(int(money))}"
    return f"${money:.2f}" if money < 100 else f"${money:.0f}"


def per_second(rate: float) -> str:
    if rate < 0.05:
        return ""
    return f"{rate:.1f} t/s" if rate < 9.95 else f"{min(rate, 999):.0f} t/s"


def bytes_text(count: float) -> str:
    """Bytes in at most six columns, such as `512M`, `6.1G` or `1200G`."""
    if count < _GIB:
        return f"{count / _MIB:.0f}M"
    return f"{count / _GIB:.1f}G" if count < 100 * _GIB else f"{count / _GIB:.0f}G"


def spark(trend: Sequence[float], width: int) -> str:
    """The last of `trend` as bars, each the mean of as many values as fit; empty if all is 0."""
    if not any(trend):
        return ""
    each = max(1, -(-len(trend) // width))
    bars = (trend[max(0, end - each) : end] for end in range(len(trend), 0, -each))
    return "".join(_bar(sum(bar) / len(bar)) for bar in bars)[:width][::-1]


def _bar(rate: float) -> str:
    return theme.SPARKS[sum(rate >= step for step in SPARK_STEPS)] if rate > 0 else " "


def meter(share: float, width: int) -> tuple[str, str]:
    """The full and the empty part of a gauge; anything above 0 shows."""
    halves = min(2 * width, round(share * 2 * width) or (1 if share > 0 else 0))
    full, half = divmod(halves, 2)
    shown = theme.METER_FULL * full + theme.METER_HALF * half
    return shown, theme.METER_EMPTY * (width - len(shown))


def meter_style(share: float) -> Style:
    if share >= FULL:
        return theme.PROBLEM
    return theme.UNSEEN if share >= FULL_SOON else theme.KEY


def context_parts(context: "Context | None") -> tuple[Part, ...]:
    """A gauge and a percentage; the count alone where the window is unknown."""
    if context is None or not context.used:
        return ()
    if not context.window:
        return ((short(context.used), theme.QUIET),)
    share = context.used / context.window
    full, empty = meter(share, METER)
    style = meter_style(share)
    return ((full, style), (empty, theme.QUIET), (f"{min(share, 9.99):5.0%}", style))
