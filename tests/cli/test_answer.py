"""`acc answer`: shown first, then answered by its id."""

from collections.abc import Iterable

import pytest

from command_center.domain import events as ev
from command_center.domain.asks import Kind, Question, Verdict
from command_center.domain.intents import Answer, Intent
from command_center.domain.model import State
from tests.cli.house import NOW, House, Supervising

COMMAND = "git diff \x1b[31m--stat"


def waits(house: House, name: str, command: str, tool: str = "Bash") -> str:
    """Id of an agent that asks for leave to run `command`; the question's id is `q-NAME`."""
    agent = house.add_agent(name)
    text = f"{tool}: {command}"
    question = Question(f"q-{name}", Kind.PERMISSION, text, NOW, tool, command, is_exact=True)
    house.write(ev.QuestionAsked(agent, f"{name}-launch", question))
    house.say(name, State.WAITING, f"permission: {tool} {command}")
    return agent


def taken(intent: str, asked: Intent) -> Iterable[ev.Event]:
    assert isinstance(asked, Answer)
    yield ev.IntentTaken(intent, "Answer")
    yield ev.IntentDone(intent, asked.agent, "answered by hook")


@pytest.fixture
def ada(house: House) -> House:
    waits(house, "ada", COMMAND)
    return house


def test_without_an_answer_the_question_is_only_shown(ada: House) -> None:
    result = ada.run("answer", "ada")
    assert (result.exit_code, result.stdout) == (0, "ada  Bash: git diff --stat\n")
    assert ada.intents() == []


def test_an_answer_is_to_the_question_that_was_shown(ada: House) -> None:
    with Supervising(ada, taken) as supervising:
        result = ada.run("answer", "ada", "yes")
    assert result.stdout == "ada  Bash: git diff --stat\nada: answered by hook\n"
    assert supervising.taken == [Answer("ada-1a2b", "q-ada", Verdict.YES)]


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        (["no"], Answer("ada-1a2b", "q-ada", Verdict.NO)),
        (["no", "--text", "why?"], Answer("ada-1a2b", "q-ada", Verdict.NO, text="why?")),
        (["2"], Answer("ada-1a2b", "q-ada", Verdict.CHOICE, 2)),
        (["--text", "blue"], Answer("ada-1a2b", "q-ada", Verdict.TEXT, text="blue")),
    ],
)
def test_every_kind_of_answer_can_be_given(ada: House, words: list[str], intent: Answer) -> None:
    with Supervising(ada, taken) as supervising:
        assert ada.run("answer", "ada", *words).exit_code == 0
    assert supervising.taken == [intent]


@pytest.mark.parametrize(
    "words", [["maybe"], ["0"], ["yes", "--text", "x"], ["yes", "--like", "x"]]
)
def test_what_is_no_answer_is_refused(ada: House, words: list[str]) -> None:
    assert ada.run("answer", "ada", *words).exit_code == 2
    assert ada.intents() == []


def test_an_agent_that_asks_nothing_is_not_answered(house: House) -> None:
    house.add_agent("bob")
    house.say("bob", State.IDLE)
    result = house.run("answer", "bob", "yes")
    assert (result.exit_code, result.stdout, house.intents()) == (1, "", [])
    assert "bob asks nothing: it is idle" in result.stderr


def test_a_refusal_is_a_failure(ada: House) -> None:
    def refused(intent: str, asked: Intent) -> Iterable[ev.Event]:
        del asked
        yield ev.IntentRefused(intent, "ada: that question was answered already", "ada-1a2b")

    with Supervising(ada, refused):
        result = ada.run("answer", "ada", "yes")
    assert result.exit_code == 1
    assert "answered already" in result.stderr


@pytest.fixture
def crowd(ada: House) -> House:
    waits(ada, "bob", "git diff HEAD")
    waits(ada, "cid", "rm -rf build")
    waits(ada, "dot", "a.txt", tool="Write")
    return ada


def test_all_of_one_kind_are_answered_at_once(crowd: House) -> None:
    with Supervising(crowd, taken) as supervising:
        result = crowd.run("answer", "ada", "yes", "--all")
    assert [asked.question for asked in supervising.taken if isinstance(asked, Answer)] == [
        "q-ada",
        "q-bob",
        "q-cid",
    ]
    assert "cid  Bash: rm -rf build" in result.stdout


def test_a_batch_can_be_narrowed_by_the_command(crowd: House) -> None:
    with Supervising(crowd, taken) as supervising:
        crowd.run("answer", "ada", "yes", "--all", "--like", "git diff*")
    assert [asked.question for asked in supervising.taken if isinstance(asked, Answer)] == [
        "q-ada",
        "q-bob",
    ]


def test_programs_get_the_question_and_its_choices(house: House) -> None:
    agent = house.add_agent("ada")
    asked = Question("q1", Kind.QUESTION, "Which?", NOW, choices=("Red", "Blue"))
    house.write(ev.QuestionAsked(agent, "ada-launch", asked))
    house.say("ada", State.WAITING, "question")
    [row] = house.rows("answer", "ada")
    assert (row["kind"], row["asks"], row["choices"]) == ("question", "question", ["Red", "Blue"])


def test_show_tells_what_is_asked(ada: House) -> None:
    assert "asks        Bash: git diff --stat" in ada.run("show", "ada").stdout
