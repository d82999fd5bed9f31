"""How fast tokens come, from messages that are told when they are whole."""

import pytest
from hypothesis import given, strategies as st

from command_center.domain.flow import Flow

NOON = 1_795_176_000.0


def flow(*messages: tuple[float, int], midnight: float = NOON - 43200) -> Flow:
    made = Flow(midnight)
    for seconds, tokens in messages:
        made.add(NOON + seconds, tokens)
    return made


def test_a_message_is_spread_over_the_time_that_it_took() -> None:
    one = flow((0, 100), (4, 200))
    assert one.rate(NOON + 4, 4) == pytest.approx(50)
    assert one.rate(NOON + 4, 8) == pytest.approx(37.5)


def test_a_pause_before_a_message_is_no_writing() -> None:
    one = flow((0, 100), (300, 250))
    assert one.rate(NOON + 300, 10) == pytest.approx(25)
    assert one.rate(NOON + 290, 10) == 0


def test_a_rate_falls_when_nothing_comes() -> None:
    one = flow((0, 250))
    assert one.rate(NOON + 5, 10) == pytest.approx(12.5)
    assert one.rate(NOON + 20, 10) == 0


def test_an_hour_is_forgotten_when_it_is_over() -> None:
    one = flow((0, 3600))
    one.forget(NOON + 1800)
    assert one.rate_hour() == pytest.approx(1.0)
    one.forget(NOON + 3700)
    assert one.rate_hour() == 0


def test_the_trend_ends_with_the_last_whole_step() -> None:
    one = flow((0, 250), (10, 500))
    trend = one.trend(NOON + 15)
    assert trend[-2:] == [pytest.approx(25), pytest.approx(50)]
    assert not any(trend[:-2])


def test_writing_is_timed_once_and_from_midnight_on() -> None:
    one = flow((5, 10), (8, 1000), (8, 1000), midnight=NOON + 4.5)
    assert one.producing_s == pytest.approx(0.5 + 3)


@given(st.lists(st.tuples(st.floats(0, 3000), st.integers(1, 5000)), max_size=30))
def test_no_token_is_lost_or_told_twice(messages: list[tuple[float, int]]) -> None:
    one = flow(*messages)
    one.forget(NOON + 3000)
    assert one.rate_hour() * 3600 == pytest.approx(sum(tokens for _, tokens in messages))


def test_a_message_without_a_time_flows_nowhere() -> None:
    one = Flow(0.0)
    one.add(0.0, 100)
    assert one.rate_hour() == 0
