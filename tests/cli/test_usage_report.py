"""What the Usage screen is told of real counts."""

import time
from collections.abc import Iterator

import pytest

from command_center.cli.usage_report import usage_report
from command_center.domain import events as ev
from command_center.domain.usage import (
    Cursor,
    Finding,
    RateWindow,
    SessionSeen,
    Source,
    Tokens,
    UsageRow,
)
from command_center.store.usage import UsageStore
from command_center.store.view import View
from command_center.tui.usage_report import By, Report
from tests.cli.house import House

PRICED, FREE = "claude-sonnet-4-5", "nobody-knows-me"
NOW = time.time()
DAY = 86400


@pytest.fixture
def store(house: House) -> Iterator[UsageStore]:
    house.add_agent("ada", prompt="Add a greeting\nand more")
    house.write(ev.SessionLearned("ada-1a2b", "s-ada"))
    with UsageStore(house.places.usage) as store:
        yield store


def spend(store: UsageStore, key: int, session: str, model: str, tokens: Tokens, at: float) -> None:
    window = RateWindow(300, 40.0, NOW + 60)
    row, seen = UsageRow(key, session, model, at, tokens), SessionSeen(session)
    store.record(Source("demo", "/c"), [Finding(f"/{key}", Cursor(), (row,), (seen,), (window,))])


def told(house: House, days: int) -> Report:
    view = View(house.places.log)
    view.poll()
    report = usage_report(house.places, view.fleet, days)
    view.close()
    return report


def test_nothing_counted_is_an_empty_report(house: House) -> None:
    report = told(house, 7)
    assert not report.whole.tokens
    assert report.shares == dict.fromkeys(By, ())
    assert report.points == ()


def test_sums_and_points_are_those_of_the_period_and_of_the_fleet(
    house: House, store: UsageStore
) -> None:
    ours = Tokens(1_000_000, 100_000)
    spend(store, 1, "s-ada", PRICED, ours, NOW)
    spend(store, 2, "s-ada", PRICED, ours, NOW - 3 * DAY)
    spend(store, 3, "s-ada", PRICED, ours, NOW - 20 * DAY)
    spend(store, 4, "somebody else's", PRICED, ours, NOW)
    for days, times in ((1, 1), (7, 2), (30, 3)):
        report = told(house, days)
        assert report.whole.tokens == Tokens(1_000_000 * times, 100_000 * times)
        assert sum(point.output for point in report.points) == 100_000 * times
        assert sum(point.money for point in report.points) == pytest.approx(report.whole.money)
        assert all(report.since <= point.start < report.until for point in report.points)


def test_an_unknown_price_is_none_and_told(house: House, store: UsageStore) -> None:
    spend(store, 1, "s-ada", FREE, Tokens(10, 5), NOW)
    [share] = told(house, 1).shares[By.MODEL]
    assert (share.name, share.money, share.unpriced) == (FREE, None, (FREE,))


def test_sums_are_told_apart_by_each_way(house: House, store: UsageStore) -> None:
    spend(store, 1, "s-ada", PRICED, Tokens(10, 5), NOW)
    spend(store, 2, "s-ada", FREE, Tokens(10, 5), NOW)
    names = {by: [share.name for share in shares] for by, shares in told(house, 1).shares.items()}
    assert names == {
        By.AGENT: ["ada"],
        By.MODEL: [PRICED, FREE],
        By.TASK: ["Add a greeting"],
        By.REPOSITORY: [str(house.home / "project")],
    }


def test_plan_windows_are_those_last_reported(house: House, store: UsageStore) -> None:
    spend(store, 1, "s-ada", PRICED, Tokens(10, 5), NOW)
    [window] = told(house, 1).windows
    assert (window.spec, window.window.used) == ("demo", 40.0)
