"""What the Usage screen shows, put together from the counts and the price table."""

import time
from collections import defaultdict
from collections.abc import Iterable

from command_center.cli.attribution import NAMES
from command_center.cli.spending import Owned, Spent, first_day, spent_by_agents
from command_center.domain.model import Fleet
from command_center.domain.places import Places
from command_center.store.usage import LocalDays
from command_center.store.usage_view import Step, UsageView
from command_center.tui.usage_report import STEPS, By, PlanWindow, Point, Report, Share


def usage_report(places: Places, fleet: Fleet, days: int) -> Report:
    """Of the last `days` days, today included. Raises LogError."""
    day, now = first_day(days), time.time()
    since = time.mktime(time.strptime(day, "%Y-%m-%d"))
    owned = spent_by_agents(places, fleet, day)
    sessions = {total.by[0] for _, total in owned}
    steps, windows = list[Step](), tuple[PlanWindow, ...]()
    if places.usage.exists():
        with UsageView(places.usage) as view:
            steps = [s for s in view.series(since, now, STEPS[days]) if s.session in sessions]
            windows = tuple(PlanWindow(s.spec, s.account, rate) for s, rate in view.windows())
    return Report(
        days=days,
        since=since,
        until=now,
        whole=share_of("", _summed(owned)),
        shares={by: _shares(fleet, owned, by) for by in By},
        points=tuple(_points(steps)),
        windows=windows,
    )


def _summed(owned: Iterable[Owned]) -> Spent:
    whole = Spent()
    for _, total in owned:
        whole.add(total)
    return whole


def _shares(fleet: Fleet, owned: Iterable[Owned], by: By) -> tuple[Share, ...]:
    sums = defaultdict[str, Spent](Spent)
    for each in owned:
        sums[NAMES[by](fleet, each)].add(each[1])
    shares = [share_of(name, spent) for name, spent in sums.items()]
    return tuple(sorted(shares, key=lambda s: (-(s.money or 0.0), -s.tokens.total, s.name)))


def share_of(name: str, spent: Spent) -> Share:
    dollars, unpriced = spent.money
    money = None if dollars is None else float(dollars)
    return Share(name, spent.tokens, spent.messages, money, unpriced, spent.is_estimate)


def _points(steps: Iterable[Step]) -> Iterable[Point]:
    from command_center.drivers.prices import worth

    day_of, found = LocalDays(), defaultdict[float, list[Step]](list)
    for step in steps:
        found[step.start].append(step)
    for start, some in sorted(found.items()):
        day = day_of(start)
        dollars, _ = worth((step.model, day, step.size, step.tokens) for step in some)
        yield Point(start, sum(step.tokens.output for step in some), float(dollars or 0))
