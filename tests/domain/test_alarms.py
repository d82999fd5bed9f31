"""Alarms about the machine: when they stand, and what they say."""

import pytest

from command_center.domain.alarms import Alarm, Waiting, conditions, rules, standing
from command_center.domain.machine import GIB, StandingAlarm

NONE = Waiting()
IDLE = Alarm("idle-gpu", "gpu.*.use", under=1.0, for_s=720.0, queued=1)


def stood(
    rule: Alarm, told: list[dict[str, float]], waiting: Waiting = NONE, step: float = 60.0
) -> list[tuple[StandingAlarm, ...]]:
    """What stands after each look, one `step` after the other."""
    found: dict[str, StandingAlarm] = {}
    answers = []
    for look, figures in enumerate(told):
        found = conditions((rule,), figures, waiting, look * step, found)
        answers.append(standing((rule,), found, look * step))
    return answers


def test_an_idle_gpu_is_told_of_when_it_was_idle_long_enough() -> None:
    looks = stood(IDLE, [{"gpu.0.use": 0.0, "gpu.1.use": 9.0}] * 14, Waiting(runs=5, gpu_runs=3))
    assert looks[11] == ()
    assert looks[12] == (
        StandingAlarm("idle-gpu gpu.0", "GPU 0 at 0 % for 12 min while 3 runs are queued", 0.0),
    )


def test_runs_that_want_no_gpu_are_no_reason_to_use_one() -> None:
    assert stood(IDLE, [{"gpu.0.use": 0.0}] * 20, Waiting(runs=5))[-1] == ()


def test_time_begins_anew_when_the_condition_did_not_hold_in_between() -> None:
    told = [{"gpu.0.use": 0.0}] * 10 + [{"gpu.0.use": 50.0}] + [{"gpu.0.use": 0.0}] * 10
    assert stood(IDLE, told, Waiting(gpu_runs=1))[-1] == ()


def test_a_figure_that_is_not_told_raises_no_alarm() -> None:
    assert stood(Alarm("hot", "gpu.*.celsius", over=90.0, for_s=0.0), [{"cpu": 1.0}]) == [()]


@pytest.mark.parametrize(
    ("rule", "figures", "text"),
    [
        (Alarm("a", "memory.available", under=1.0, for_s=0), 0.5 * GIB, "memory available at 0.5"),
        (Alarm("a", "cpu", over=95.0, for_s=0), 0.99, "cpu at 99 % for 0 s"),
        (Alarm("a", "gpu.7.celsius", over=85.0, for_s=0), 91.0, "GPU 7 at 91 °C for 0 s"),
        (Alarm("a", "cpu", over=1.0, for_s=0, text="{value}, {0}!"), 0.5, "50 %, {0}!"),
    ],
)
def test_bounds_and_texts_are_in_the_unit_that_is_shown(
    rule: Alarm, figures: float, text: str
) -> None:
    [[alarm]] = stood(rule, [{rule.figure: figures}])
    assert alarm.text.startswith(text)


def test_a_rule_of_the_users_takes_the_place_of_the_shipped_one() -> None:
    own = Alarm("idle-gpu", "gpu.*.use", under=20.0)
    assert own in rules((own,))
    assert len(rules((own,))) == len(rules(()))


def test_a_rule_without_a_figure_switches_the_shipped_one_off() -> None:
    assert "low-memory" not in {rule.id for rule in rules((Alarm("low-memory"),))}


@pytest.mark.parametrize(("over", "under"), [(None, None), (1.0, 2.0)])
def test_a_rule_has_one_bound(over: float | None, under: float | None) -> None:
    with pytest.raises(ValueError, match="either `over` or `under`"):
        Alarm("a", "cpu", over=over, under=under)
