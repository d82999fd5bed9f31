"""Reports made by hand for tests of the Usage screen."""

from collections.abc import Sequence

from command_center.domain.usage import RateWindow, Tokens
from command_center.tui.usage_report import STEPS, By, PlanWindow, Point, Report, Share

MIDNIGHT = 1_795_132_800.0
"""2026-11-20 00:00 UTC."""
KNOWN = Share("ada", Tokens(4000, 1500, 90_000, 2000, 300), 12, 1.5)
UNKNOWN = Share("bell", Tokens(1000, 500), 3, None, ("local-model",))
MIXED = Share("cleo", Tokens(9_000_000, 80), 7, 12.0, ("local-model",), is_estimate=True)


def report(
    *shares: Share,
    days: int = 1,
    spent: Sequence[tuple[int, int, float]] = (),
    windows: Sequence[RateWindow] = (),
    hours: float = 12,
) -> Report:
    """Of so many hours; `spent` has the number of a step, output tokens and dollars."""
    tokens = sum((share.tokens for share in shares), Tokens())
    priced = [share.money for share in shares if share.money is not None]
    unpriced = tuple(sorted({model for share in shares for model in share.unpriced}))
    messages = sum(share.messages for share in shares)
    whole = Share("", tokens, messages, sum(priced) if priced else None, unpriced)
    return Report(
        days=days,
        since=MIDNIGHT,
        until=MIDNIGHT + hours * 3600,
        whole=whole,
        shares=dict.fromkeys(By, shares),
        points=tuple(Point(MIDNIGHT + n * STEPS[days], out, cost) for n, out, cost in spent),
        windows=tuple(PlanWindow("able", "/srv/able", window) for window in windows),
    )
