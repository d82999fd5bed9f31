"""The one resume after a limit."""

from command_center.domain import events as ev, limit_events as lim
from command_center.domain.comebacks import KEPT_RESUMES, SAME_LIMIT, Comeback, Comebacks
from command_center.domain.model import Agent, Claim, Source, State
from command_center.domain.reduce import replay
from tests.strategies import LAUNCHED, recorded

LIMIT = 1_000_000.0
PLANNED = lim.ComebackPlanned("a", LIMIT, LIMIT + 30, "resumes 14:11")
LIMITED = ev.StateClaimed(
    "a", "a", Claim(Source.OSC, State.LIMITED, 3.0, "until 14:10", until=LIMIT)
)
IDLE = ev.StateClaimed("a", "a", Claim(Source.OSC, State.IDLE, 5.0))
RUNNING = (ev.PaneOpened("a", "a", "%1"), ev.ProcessStarted("a", "a", 77, "start"))


def ada(*happened: ev.Event) -> Agent:
    return replay(recorded((*LAUNCHED, *RUNNING, *happened))).agents["a"]


def test_a_planned_resume_is_said_beside_the_limit() -> None:
    assert ada(LIMITED, PLANNED).reason == "until 14:10, resumes 14:11"


def test_a_resume_that_was_set_out_to_is_over_and_said_no_more() -> None:
    agent = ada(LIMITED, PLANNED, lim.ComebackIntended("a", LIMIT))
    assert agent.reason == "until 14:10"
    assert agent.comebacks.last == Comeback(LIMIT, agent.comebacks.times[0], is_over=True)


def test_one_limit_has_one_resume_to_the_minute() -> None:
    known = ada(LIMITED, PLANNED, lim.ComebackIntended("a", LIMIT)).comebacks
    assert known.is_known(LIMIT + SAME_LIMIT - 1)
    assert known.is_known(LIMIT - SAME_LIMIT + 1)
    assert not known.is_known(LIMIT + SAME_LIMIT)


def test_an_agent_that_went_on_by_itself_may_have_another() -> None:
    comebacks = ada(LIMITED, PLANNED, lim.ComebackForgone("a", LIMIT, "busy")).comebacks
    assert comebacks == Comebacks()


def test_a_limit_without_a_resume_says_so() -> None:
    agent = ada(LIMITED, lim.ComebackRefused("a", LIMIT, "is not resumed again today"))
    assert agent.reason == "until 14:10, is not resumed again today"
    assert agent.comebacks.is_known(LIMIT)


def test_an_agent_whose_limit_has_ended_says_when_it_goes_on() -> None:
    ended = (LIMITED, PLANNED, ev.ClaimWithdrawn("a", "a", Source.OSC), IDLE)
    assert ada(*ended).reason == "resumes 14:11"
    refused = lim.ComebackRefused("a", LIMIT, "is not resumed again today")
    assert ada(*ended, refused).reason == ""


def test_as_many_resumes_are_remembered_as_a_day_may_have() -> None:
    happened = [lim.ComebackIntended("a", LIMIT + n * 1000) for n in range(KEPT_RESUMES + 5)]
    assert len(ada(*happened).comebacks.times) == KEPT_RESUMES
