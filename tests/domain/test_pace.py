import pytest

from command_center.domain.gauges import Gauge
from command_center.domain.model import Agent, Order, Phase, State
from command_center.domain.pace import Pace, all_paces, pace

NOON = 43_200.0
"""Of a day that began at 0."""
GAUGE = Gauge(
    "ada-1",
    NOON - 10,
    rate=12.0,
    rate_minute=3.0,
    rate_hour=0.5,
    busy_s=600.0,
    idle_s=100.0,
    waiting_s=50.0,
    producing_s=432.0,
)


def agent(state: State) -> Agent:
    order = Order("able", "repo", "branch", "HEAD", "/srv/wt")
    return Agent("ada-1", "ada", order, 0.0, phase=Phase.LIVE, state=state, since=NOON - 1000)


def test_the_share_of_a_day_is_of_the_day_so_far() -> None:
    told = pace(agent(State.BUSY), GAUGE, NOON, 0.0)
    assert told is not None
    assert told.share == pytest.approx(0.01)
    assert (told.now, told.minute, told.hour) == (12.0, 3.0, 0.5)


def test_the_present_state_counts_up_to_now() -> None:
    told = pace(agent(State.WAITING), GAUGE, NOON, 0.0)
    assert told is not None
    assert (told.busy_s, told.waiting_s, told.idle_s) == (600.0, 60.0, 100.0)


def test_nothing_flows_that_was_not_measured_lately() -> None:
    told = pace(agent(State.IDLE), GAUGE, NOON + 600, 0.0)
    assert told is not None
    assert (told.now, told.minute) == (0.0, 0.0)


def test_yesterdays_figures_are_not_todays() -> None:
    assert pace(agent(State.IDLE), GAUGE, NOON + 600, NOON) is None


def test_a_fleet_writes_as_fast_as_all_and_its_share_is_the_mean() -> None:
    one = Pace(1.0, 2.0, 3.0, 10.0, 0.1, 4.0, 5.0, 6.0)
    assert all_paces([one, one]) == Pace(2.0, 4.0, 6.0, 20.0, 0.1, 8.0, 10.0, 12.0)
