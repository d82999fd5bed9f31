"""What a budget allows, and what is told of it."""

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace

from command_center.domain import budget_events as bev, events as ev
from command_center.domain.budgets import (
    ALL_TIME,
    Bill,
    Budget,
    Cap,
    Level,
    fits,
    judge,
    parse_cap,
    shown_money,
)
from command_center.domain.model import Fleet
from command_center.domain.reduce import replay
from tests.strategies import LAUNCHED, recorded

FIVE = Cap(money=5.0)
amounts = st.floats(0, 1e6, allow_nan=False)
bills = st.builds(Bill, st.integers(0, 10**9), amounts, st.integers(0, 10**5))
caps = st.builds(Cap, amounts, st.integers(0, 10**9)).filter(bool)


def spent(money: float, messages: int = 100) -> Bill:
    return Bill(tokens=0, money=money, messages=messages)


def after(*happened: ev.Event) -> Fleet:
    return replay(recorded((*LAUNCHED, *happened)))


def told(budget: Budget, *bills: Bill, period: str = ALL_TIME) -> list[str]:
    """Names of the events as the spending grows."""
    names = []
    for bill in bills:
        for event in bev.budget_news(budget, bill, period):
            names.append(type(event).__name__)
            changed = bev.budgeted(budget, event, 1.0)
            assert changed is not None
            budget = changed
    return names


@pytest.mark.parametrize(
    ("text", "cap"),
    [
        ("5usd", Cap(5.0)),
        ("$0.50", Cap(0.5)),
        ("2$", Cap(2.0)),
        ("200ktok", Cap(tokens=200_000)),
        ("1.5 Mtok", Cap(tokens=1_500_000)),
        ("900 tokens", Cap(tokens=900)),
        ("5 USD, 200ktok", Cap(5.0, 200_000)),
    ],
)
def test_an_amount_is_money_or_tokens_or_both(text: str, cap: Cap) -> None:
    assert parse_cap(text) == cap


@pytest.mark.parametrize("text", ["", "5", "5eur", "-5usd", "usd", "1e9tok", "5usd;2tok", "0usd"])
def test_an_amount_without_a_unit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is (no amount|nothing)"):
        parse_cap(text)


@pytest.mark.parametrize(
    ("money", "level"),
    [
        (0.0, Level.OPEN),
        (3.99, Level.OPEN),
        (4.0, Level.WARNED),
        (4.94, Level.WARNED),
        (4.96, Level.HELD),
        (5.0, Level.HELD),
        (80.0, Level.HELD),
    ],
)
def test_a_budget_warns_at_four_fifths_and_holds_before_it_is_exceeded(
    money: float, level: Level
) -> None:
    assert judge(FIVE, spent(money)).level is level


def test_the_words_say_why_a_budget_holds_before_it_is_spent() -> None:
    words = judge(FIVE, spent(4.80, messages=10)).words
    assert words == "$4.80 of $5.00 spent, and a message costs about $0.48"


def test_the_stricter_of_two_limits_decides() -> None:
    cap, bill = Cap(5.0, 1_000), Bill(tokens=1_000, money=0.5, messages=100)
    assert judge(cap, bill) == judge(Cap(tokens=1_000), bill)


@given(caps, bills, bills)
def test_whoever_spends_more_is_held_no_later(cap: Cap, bill: Bill, more: Bill) -> None:
    ranks = list(Level)
    # The average of a message may fall, so it is left out.
    before, behind = (replace(b, messages=10**9) for b in (bill, bill + more))
    assert ranks.index(judge(cap, before).level) <= ranks.index(judge(cap, behind).level)


@given(caps, bills)
def test_what_is_not_held_has_room_for_one_more_message(cap: Cap, bill: Bill) -> None:
    if judge(cap, bill).level is not Level.HELD:
        assert fits(cap, bill, bill.message)


@given(st.lists(amounts, min_size=1, max_size=8).map(sorted))
def test_each_level_is_told_once_as_the_spending_grows(growing: list[float]) -> None:
    names = told(Budget("day", FIVE), *(spent(money) for money in growing))
    assert names in ([], ["BudgetWarned"], ["BudgetHeld"], ["BudgetWarned", "BudgetHeld"])


def test_what_is_held_is_not_let_go_by_a_falling_average() -> None:
    assert told(Budget("day", FIVE), spent(4.8, 10), spent(4.8, 10_000)) == ["BudgetHeld"]


def test_a_raised_budget_lets_go_and_warns_anew() -> None:
    fleet = after(
        bev.BudgetSet("day", FIVE, "cli"),
        bev.BudgetHeld("day", "w", "2026-11-20"),
        bev.BudgetSet("day", Cap(6.0), "cli"),
    )
    names = told(fleet.budgets["day"], spent(5.0, 10_000), period="2026-11-20")
    assert names == ["BudgetReleased", "BudgetWarned"]


def test_the_next_day_lets_go_of_what_the_day_before_held() -> None:
    held = Budget("day", FIVE, level=Level.HELD, period="2026-11-20")
    assert told(held, spent(0.0), period="2026-11-20") == []
    assert told(held, spent(0.0), period="2026-11-21") == ["BudgetReleased"]


def test_a_budget_that_is_taken_away_holds_nothing() -> None:
    fleet = after(
        bev.BudgetSet("day", FIVE, "cli"),
        bev.BudgetHeld("day", "w", "d"),
        bev.BudgetSet("day", Cap(), "cli"),
    )
    assert not fleet.budgets["day"].is_held


def test_a_budget_tells_the_user_what_it_holds() -> None:
    fleet = after(
        bev.BudgetSet("agent:a", FIVE, "cli"), bev.BudgetHeld("agent:a", "$5.01 of $5.00", "all")
    )
    [notice] = fleet.notices
    assert notice.text.startswith("the budget of ada is reached: $5.01 of $5.00")
    assert (notice.agent, notice.is_problem) == ("a", True)


def test_an_event_of_a_budget_that_was_never_set_changes_nothing() -> None:
    assert after(bev.BudgetHeld("day", "w", "d")).budgets == {}


def test_small_money_is_never_shown_as_nothing() -> None:
    shown = [shown_money(money) for money in (0.0, 0.0004, 0.05, 0.1, 1234.5)]
    assert shown == ["$0.00", "$0.0004", "$0.0500", "$0.10", "$1,234.50"]
    assert all(one != other for one, other in pairwise(shown))
