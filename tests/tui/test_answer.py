"""Answering from the dashboard: nothing is approved unseen."""

import pytest
from msgspec.structs import replace
from textual.widgets import Input

from command_center.domain.asks import Kind, Question, Verdict
from command_center.domain.intents import Answer
from command_center.domain.model import Agent, Order, Phase, State
from command_center.tui.actions import BY_ID
from command_center.tui.dialogs import answer as dialogs
from command_center.tui.dialogs.answer import AnswerDialog
from tests.tui.dialog_app import NOTHING_YET, Asking
from tests.tui.test_actions import now
from tests.tui.world import World, running, until, until_shown

RUN = Question("q1", Kind.PERMISSION, "Bash: rm -rf\tbuild\nls", 0.0, "Bash", "rm -rf build\nls")
COLOR = Question("q2", Kind.QUESTION, "Which?", 0.0, choices=("Red", "Blue"))
ORDER = Order("able", "shop", "agents/ada", "HEAD", "/trees/ada")
ADA = Agent(
    "ada-1", "ada", ORDER, 0.0, phase=Phase.LIVE, state=State.WAITING, question=RUN, pane="%1"
)
BOB = replace(ADA, id="bob-1", name="bob", question=replace(RUN, id="q3", text="Bash: make"))


class Clock:
    """Stands still when the dialog opens, and a second later ever after."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def asking(*pairs: tuple[Agent, Question]) -> Asking[list[Answer]]:
    return Asking(AnswerDialog(pairs, Clock()))


@pytest.mark.parametrize(("key", "verdict"), [("y", Verdict.YES), ("n", Verdict.NO)])
async def test_a_key_answers_the_question_that_is_shown(key: str, verdict: Verdict) -> None:
    app = asking((ADA, RUN))
    async with app.run_test(size=(100, 30)) as pilot:
        assert "Bash: rm -rf" in app.text
        assert "ls" in app.text
        await pilot.press(key)
    assert app.answer == [Answer("ada-1", "q1", verdict)]


async def test_a_key_that_comes_before_it_can_be_read_answers_nothing() -> None:
    app: Asking[list[Answer]] = Asking(AnswerDialog([(ADA, RUN)], lambda: 0.0))
    async with app.run_test() as pilot:
        await pilot.press("y", "y")
        assert app.answer is NOTHING_YET


async def test_a_no_may_say_why() -> None:
    app = asking((ADA, RUN))
    async with app.run_test() as pilot:
        await pilot.press("r", *"yes y", "enter")
    assert app.answer == [Answer("ada-1", "q1", Verdict.NO, text="yes y")]


async def test_a_choice_is_taken_by_its_number_and_only_so() -> None:
    app = asking((ADA, COLOR))
    async with app.run_test(size=(100, 30)) as pilot:
        assert "2. Blue" in app.text
        await pilot.press("y", "3")
        assert app.answer is NOTHING_YET
        await pilot.press("2")
    assert app.answer == [Answer("ada-1", "q2", Verdict.CHOICE, 2)]


async def test_a_question_may_be_replied_to_in_words() -> None:
    app = asking((ADA, COLOR))
    async with app.run_test() as pilot:
        await pilot.press("r", *"green", "enter")
    assert app.answer == [Answer("ada-1", "q2", Verdict.TEXT, text="green")]


async def test_a_batch_lists_every_question_first() -> None:
    assert BOB.asks is not None
    app = asking((ADA, RUN), (BOB, BOB.asks))
    async with app.run_test(size=(100, 30)) as pilot:
        assert "2 agents ask" in app.text
        assert "ada  Bash: rm -rf" in app.text
        assert "bob  Bash: make" in app.text
        await pilot.press("y")
    assert app.answer == [
        Answer("ada-1", "q1", Verdict.YES),
        Answer("bob-1", "q3", Verdict.YES),
    ]


async def test_what_a_question_says_moves_no_cursor() -> None:
    evil = replace(RUN, text="Bash: \x1b[2Jls [bold]x[/bold]")
    app = asking((ADA, evil))
    async with app.run_test(size=(100, 30)):
        assert "Bash: ls [bold]x[/bold]" in app.text


async def test_escape_leaves_the_question_open() -> None:
    app = asking((ADA, RUN))
    async with app.run_test() as pilot:
        await pilot.press("escape")
    assert app.answer is None


def test_an_agent_that_asks_nothing_cannot_be_answered() -> None:
    idle = replace(ADA, state=State.IDLE)
    assert BY_ID["answer"].why_not(now(idle)) == "ada asks nothing"
    assert BY_ID["answer"].why_not(now(ADA)) is None


async def test_y_twice_answers_the_selected_agent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogs, "READING_SECONDS", 0.0)
    world.repo("shop")
    world.agent("ada", state=State.WAITING, reason="permission: Bash ls")
    async with running(world, (120, 50)) as (app, pilot):
        await pilot.press("y")
        await until_shown(pilot, app, "ada asks")
        assert world.asked() == []
        await pilot.press("y")
        await until(pilot, lambda: len(world.asked()) == 1, "it is asked")
    [asked] = world.asked()
    assert isinstance(asked, Answer)
    assert asked.verdict is Verdict.YES


async def test_the_line_for_words_says_how_to_get_there() -> None:
    async with asking((ADA, RUN)).run_test() as pilot:
        [reply] = pilot.app.screen.query("#reply").results(Input)
        assert reply.placeholder == "press r and write"
