"""`acc budget`, and budgets of agents that are launched."""

from collections.abc import Iterator

import pytest

from command_center.domain import budget_events as bev, events as ev
from command_center.domain.budgets import Cap
from command_center.domain.intents import Intent, Launch, SetBudget
from command_center.domain.usage import Tokens
from tests.cli.house import House, Supervising, wait_for
from tests.cli.test_usage import Books


@pytest.fixture
def books(house: House) -> Iterator[Books]:
    house.add_agent("ada")
    house.write(ev.SessionLearned("ada-1a2b", "s-ada"))
    books = Books(house)
    yield books
    books.store.close()


def done(asked: str, _: Intent) -> list[ev.Event]:
    return [ev.IntentDone(asked, text="$5.00")]


def refused(asked: str, _: Intent) -> list[ev.Event]:
    return [ev.IntentRefused(asked, "no")]


def test_without_a_budget_it_says_how_to_set_one(house: House) -> None:
    assert "acc budget set day" in house.run("budget").stderr


def test_what_is_spent_stands_beside_the_limit(books: Books) -> None:
    for _ in range(10):
        books.spend("s-ada", Tokens(input=100_000))
    books.house.write(
        bev.BudgetSet("day", Cap(4.0), "cli"),
        bev.BudgetSet("agent:ada-1a2b", Cap(tokens=5_000_000), "launch"),
        bev.BudgetSet("fleet", Cap(), "cli"),
        bev.BudgetSet("agent:gone", Cap(1.0), "cli"),
    )
    ada, day = books.house.rows("budget")
    assert (ada["scope"], ada["name"]) == ("agent:ada-1a2b", "ada")
    assert (ada["dollars"], ada["tokens"], ada["spent_tokens"]) == (None, 5_000_000, 1_000_000)
    assert (day["dollars"], day["spent_dollars"], day["tokens"]) == (4.0, 3.0, None)
    shown = books.house.run("budget").stdout
    assert "$3.00 of $4.00 spent" in shown
    assert "1M tok of 5M tok spent" in shown


def test_a_money_budget_names_the_models_it_cannot_see(books: Books) -> None:
    books.spend("s-ada", Tokens(input=1_000), model="scripted-1")
    books.house.write(bev.BudgetSet("day", Cap(4.0), "cli"), bev.BudgetBlind("day", "no price"))
    [day] = books.house.rows("budget")
    assert (day["unpriced"], day["spent_dollars"], day["blind"]) == (
        ["scripted-1"],
        0.0,
        "no price",
    )
    assert "no price" in books.house.run("budget").stdout


def test_setting_and_raising_are_asked_for(books: Books) -> None:
    with Supervising(books.house, done) as supervising:
        assert books.house.run("budget", "set", "day", "5usd", "--stop").exit_code == 0
        assert books.house.run("budget", "raise", "ad", "200ktok").exit_code == 0
        assert books.house.run("budget", "set", "fleet", "none").stdout == "fleet: $5.00\n"
    assert supervising.taken == [
        SetBudget("day", Cap(5.0), False, True),
        SetBudget("agent:ada-1a2b", Cap(tokens=200_000), True),
        SetBudget("fleet", Cap()),
    ]


def test_a_refusal_is_one_line_and_exit_code_1(house: House) -> None:
    with Supervising(house, refused):
        result = house.run("budget", "set", "task:T9", "5usd")
    assert (result.exit_code, result.stderr) == (1, "acc: no\n")


@pytest.mark.parametrize(
    "words",
    [("set", "day", "5"), ("set", "day"), ("raise", "day", "none"), ("lower", "day", "1usd")],
)
def test_a_slip_of_the_finger_is_exit_code_2(house: House, words: tuple[str, ...]) -> None:
    assert house.run("budget", *words).exit_code == 2
    assert house.intents() == []


def test_a_launch_may_have_a_budget_and_a_resume(house: House) -> None:
    words = ("--budget", "5usd,1Mtok", "--resume-after-limit", "--no-wait")
    with Supervising(house, done) as supervising:
        house.run("launch", "demo", "--repo", str(house.home), *words)
        house.run("launch", "demo", "--repo", str(house.home), "--no-wait")
        wait_for(lambda: len(supervising.taken) == 2, "both were taken")
    first, second = supervising.taken
    assert isinstance(first, Launch)
    assert isinstance(second, Launch)
    assert (first.budget, first.comes_back) == (Cap(5.0, 1_000_000), True)
    assert (second.budget, second.comes_back) == (Cap(), None)
    assert house.run("launch", "demo", "--budget", "5").exit_code == 2


def test_an_agent_is_shown_with_its_budget(books: Books) -> None:
    books.house.write(bev.BudgetSet("agent:ada-1a2b", Cap(5.0), "launch"))
    assert "budget      $5.00, open\n" in books.house.run("show", "ada").stdout
    books.house.write(bev.BudgetHeld("agent:ada-1a2b", "$5.01 of $5.00 spent", "all"))
    assert "$5.00, held: $5.01 of $5.00 spent" in books.house.run("show", "ada").stdout
