"""Which question of an agent is open."""

from command_center.domain import events as ev
from command_center.domain.asks import Kind, Question, Verdict
from command_center.domain.model import Agent, Claim, Source, State
from command_center.domain.reduce import replay
from tests.strategies import LAUNCHED, recorded

RUNNING = (*LAUNCHED, ev.PaneOpened("a", "a", "%1"), ev.ProcessStarted("a", "a", 77, "start"))


def says(state: State, at: float, reason: str = "", source: Source = Source.OSC) -> ev.Event:
    return ev.StateClaimed("a", "a", Claim(source, state, at, reason))


def asked(at: float, detail: str = "ls") -> ev.QuestionAsked:
    question = Question(f"q{at:g}", Kind.PERMISSION, detail, at, "Bash", detail)
    return ev.QuestionAsked("a", "a", question)


def ada_after(*happened: ev.Event) -> Agent:
    return replay(recorded((*RUNNING, *happened))).agents["a"]


def open_after(*happened: ev.Event) -> str:
    """The text of the open question; empty when there is none."""
    asks = ada_after(*happened).asks
    return asks.text if asks else ""


BUSY = says(State.BUSY, 10)
WAITING = says(State.WAITING, 20, "permission: ls it")


def test_a_question_from_a_hook_opens_with_the_dialog() -> None:
    assert open_after(BUSY, asked(19.9)) == ""
    assert open_after(BUSY, asked(19.9), WAITING) == "ls"


def test_a_hook_says_more_than_the_reason_whichever_comes_first() -> None:
    assert open_after(BUSY, WAITING) == "permission: ls it"
    assert open_after(BUSY, WAITING, asked(19.9)) == "ls"


def test_a_reason_tells_the_kind_of_the_question() -> None:
    reasons = {
        "permission: ls": Kind.PERMISSION,
        "question": Kind.QUESTION,
        "permission: trust this folder": Kind.TRUST,
        "trust this folder": Kind.TRUST,
        "permission: Bash grep -r trust src": Kind.PERMISSION,
        "question: Whom do you trust?": Kind.QUESTION,
        "login needed": Kind.AUTH,
    }
    for reason, kind in reasons.items():
        asks = ada_after(says(State.WAITING, 20, reason)).asks
        assert asks is not None
        assert asks.kind is kind


def test_a_question_is_over_when_the_agent_goes_on() -> None:
    assert open_after(BUSY, asked(19.9), WAITING, says(State.BUSY, 20.5)) == ""
    again = says(State.WAITING, 30, "question")
    assert open_after(BUSY, asked(19.9), WAITING, says(State.BUSY, 20.5), again) == "question"


def test_a_question_that_nobody_saw_is_over_too() -> None:
    assert ada_after(asked(19.9), says(State.BUSY, 30)).question is None


def test_the_same_dialog_told_again_is_the_same_question() -> None:
    again = says(State.WAITING, 60, "permission: ls it")
    assert open_after(BUSY, asked(19.9), WAITING, again) == "ls"


def test_another_dialog_is_another_question() -> None:
    other = says(State.WAITING, 60, "question: which?")
    assert open_after(BUSY, asked(19.9), WAITING, other) == "question: which?"


def test_a_reason_that_says_more_tells_of_the_same_question() -> None:
    short = says(State.WAITING, 20, "permission", Source.TITLE)
    more = says(State.WAITING, 20.5, "permission: ls", Source.SCREEN)
    before, after = ada_after(BUSY, short).asks, ada_after(BUSY, short, more).asks
    assert before is not None
    assert after is not None
    assert (after.id, after.text) == (before.id, "permission: ls")


def test_two_dialogs_within_a_moment_are_two_questions() -> None:
    first = says(State.WAITING, 20, "permission: ls", Source.SCREEN)
    second = says(State.WAITING, 21, "permission: rm", Source.SCREEN)
    before, after = ada_after(first).asks, ada_after(first, second).asks
    assert before is not None
    assert after is not None
    assert after.id != before.id


def test_a_newer_question_takes_the_place_and_an_older_one_does_not() -> None:
    assert open_after(BUSY, asked(19.9), WAITING, asked(25, "rm")) == "rm"
    assert open_after(BUSY, asked(19.9), WAITING, asked(12, "rm")) == "ls"


def test_a_failed_answer_leaves_the_question_open() -> None:
    intended = ev.AnswerIntended("a", "q19.9", Verdict.YES, "cli")
    under_way = ada_after(BUSY, asked(19.9), WAITING, intended)
    assert under_way.asks is not None
    assert under_way.asks.answer == "yes"
    failed = ev.AnswerFailed("a", "q19.9", "no hook")
    after = ada_after(BUSY, asked(19.9), WAITING, intended, failed)
    assert after.asks is not None
    assert after.asks.answer == ""


def test_an_answer_to_another_question_changes_nothing() -> None:
    given = ev.AnswerGiven("a", "q7", "cli", "hook")
    assert open_after(BUSY, asked(19.9), WAITING, given) == "ls"


def test_an_agent_that_ended_asks_nothing() -> None:
    ended = ev.ProcessEnded("a", "a", 0)
    assert ada_after(BUSY, asked(19.9), WAITING, ended).question is None
