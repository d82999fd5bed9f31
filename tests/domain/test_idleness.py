"""The fleet's figures together, and what passes with nothing done."""

import pytest
from msgspec.structs import replace

from command_center.domain.gauges import Gauge
from command_center.domain.idleness import idleness, times_today, together
from command_center.domain.model import Agent, Fleet, Order, Phase, State, Times
from command_center.domain.usage import Tokens

NOW = 100_000.0
ORDER = Order("one", "r", "b", "main", "/wt")


def agent(name: str, state: State, minutes: float) -> Agent:
    made = Agent(name, name, ORDER, 0.0, Phase.LIVE)
    return replace(made, state=state, since=NOW - minutes * 60)


def fleet(*agents: Agent) -> Fleet:
    return Fleet(agents={each.id: each for each in agents})


def test_those_who_wait_are_counted_with_their_minutes() -> None:
    waiting = [agent(f"a{n}", State.WAITING, n) for n in (11, 30)]
    both = fleet(*waiting, agent("b", State.BUSY, 90), agent("c", State.IDLE, 7))
    told = idleness(both, {}, NOW)
    assert told.words == "2 agents wait for you: 41 agent-minutes"
    assert (told.idle, told.idle_s) == (1, 420.0)


def test_one_who_waits_is_told_in_the_singular() -> None:
    told = idleness(fleet(agent("a", State.WAITING, 1)), {}, NOW)
    assert told.words == "1 agent waits for you: 1 agent-minute"


def test_nobody_who_waits_is_worth_no_word() -> None:
    assert idleness(fleet(agent("a", State.BUSY, 5)), {}, NOW).words == ""


def test_an_agent_without_a_process_does_not_wait() -> None:
    gone = replace(agent("a", State.WAITING, 5), phase=Phase.LOST)
    assert idleness(fleet(gone), {}, NOW).waiting == 0


def test_time_goes_on_since_the_gauge_was_measured() -> None:
    ada = agent("ada", State.WAITING, 10)
    gauge = Gauge("ada", NOW - 120, busy_s=60.0, waiting_s=480.0)
    assert times_today(ada, gauge, NOW) == Times(busy=60.0, waiting=600.0)


def test_a_state_newer_than_its_gauge_counts_from_its_own_beginning() -> None:
    gauge = Gauge("ada", NOW - 300, idle_s=5.0)
    assert times_today(agent("ada", State.IDLE, 1), gauge, NOW) == Times(idle=65.0)


def test_idle_time_costs_what_its_agent_writes_at_its_own_pace() -> None:
    gauge = Gauge(
        "ada", NOW, busy_s=600.0, waiting_s=300.0, spent_today=Tokens(9, 1000), money_today=2.0
    )
    lazy = Gauge("bob", NOW, idle_s=900.0)
    both = fleet(agent("ada", State.WAITING, 0), agent("bob", State.IDLE, 0))
    told = idleness(both, {"ada": gauge, "bob": lazy}, NOW)
    assert (told.unwritten, told.unwritten_money) == (500.0, 1.0)
    times = "today 5 agent-minutes waiting, 15 agent-minutes idle"
    assert told.words_today == f"{times}: about 500 tokens, $1.00 of work"


def test_a_fleets_gauge_is_the_sum_of_its_agents() -> None:
    ada = Gauge("ada", NOW, spent=Tokens(1, 2), money=1.5, rate=3.0, trend=(1.0, 2.0))
    bob = Gauge("bob", NOW, spent=Tokens(4), unpriced=("m",), rate=4.0, trend=(5.0,))
    whole = together([ada, bob], NOW)
    assert (whole.spent, whole.money, whole.unpriced) == (Tokens(5, 2), 1.5, ("m",))
    assert (whole.rate, whole.trend) == (7.0, (1.0, 7.0))


def test_what_stands_still_lies_further_back_in_the_trend_and_flows_no_more() -> None:
    ada = Gauge("ada", NOW, rate=1.0, trend=(1.0, 1.0, 1.0))
    old = Gauge("old", NOW - 70, rate=9.0, trend=(8.0, 9.0))
    whole = together([ada, old], NOW)
    assert whole.rate == pytest.approx(1.0)
    assert whole.trend == (8.0, 9.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0)


def test_a_fleet_without_gauges_has_spent_nothing() -> None:
    assert together([], NOW) == Gauge("", NOW)
