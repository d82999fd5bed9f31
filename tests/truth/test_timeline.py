import math

from command_center.domain.model import State
from tests.truth.driver import prepared
from tests.truth.score import Sample, Score, judge
from tests.truth.timeline import Mark, Timeline

IDLE, BUSY, WAITING = State.IDLE, State.BUSY, State.WAITING


def timeline() -> Timeline:
    """Idle, a prompt typed from 9.5 on and asked for at 10, a dialog from 20 to 30, then idle."""
    marks = [
        Mark(IDLE, 0, 0),
        Mark(BUSY, 9.5, 10),
        Mark(WAITING, 19.5, 20),
        Mark(IDLE, 30, 30),
    ]
    return Timeline(marks, 40)


def judged(*said: tuple[float, State]) -> Score:
    score = Score()
    judge(score, "ada", timeline(), [Sample(at, state) for at, state in said])
    return score


def test_between_what_may_be_and_what_must_be_both_are_right() -> None:
    assert timeline().right(9.0) == {IDLE}
    assert timeline().right(9.7) == {IDLE, BUSY}
    assert timeline().right(15.0) == {BUSY}


def test_nothing_is_judged_just_after_a_change_or_after_the_end() -> None:
    assert timeline().right(10.2) == frozenset()
    assert timeline().right(40.0) == frozenset()


def test_a_state_that_must_have_begun_ends_what_may_have_gone_on() -> None:
    late = Timeline([Mark(WAITING, 0, 0), Mark(IDLE, 5, 9), Mark(BUSY, 7, 7)], 20)
    assert late.right(8.0) == {BUSY}


def test_wrong_words_in_a_row_are_one_error() -> None:
    score = judged((12.0, IDLE), (12.1, IDLE), (12.2, BUSY), (25.0, BUSY))
    assert (score.judged, score.right) == (4, 1)
    assert (score.false_idle, score.false_busy) == (1, 1)


def test_a_wait_that_nobody_told_is_missed() -> None:
    assert judged((15.0, BUSY), (25.0, BUSY)).missed_waits == 1
    assert judged((15.0, BUSY), (29.0, WAITING)).missed_waits == 0


def test_a_delay_counts_from_when_the_change_must_have_happened() -> None:
    score = judged((1.0, IDLE), (9.8, BUSY), (20.4, WAITING), (31.5, IDLE))
    took = {state: round(seconds, 3) for state, seconds in score.delays[1:]}
    assert took == {BUSY: 0.0, WAITING: 0.4, IDLE: 1.5}
    assert score.delay(0.95) == 1.5


def test_a_change_that_is_never_told_is_infinitely_late() -> None:
    assert math.isinf(judged((1.0, IDLE), (25.0, IDLE)).delay(0.95))


def test_without_a_state_it_is_unknown() -> None:
    assert timeline().without(WAITING).right(25.0) == frozenset()


def test_a_prompt_typed_into_a_limit_is_taken_up_after_its_last_refusal() -> None:
    refused = Mark(State.LIMITED, 10.0, 11.0)
    taken_up = prepared(10.1, 2.0, [7.0, 10.0, 10.2])
    marks = [Mark(IDLE, 0, 0), refused, taken_up, Mark(IDLE, 10.2, 11.0)]
    assert taken_up == Mark(BUSY, 10.0, 10.1)
    assert IDLE in Timeline(marks, 20).right(10.7)
