"""Permission requests of real CLIs, answered by us."""

import re
from pathlib import Path

import pytest

from command_center.domain import events as ev, intents as want
from command_center.domain.asks import Question, Verdict
from command_center.domain.model import Agent, State
from tests.agents.cases import Case, Stage
from tests.agents.test_end_to_end import SECONDS, idle

HOOKED = {"claude": "Bash", "codex": "Bash", "opencode": "bash", "native": "shell"}
"""CLIs that tell the exact command, and what they call the tool."""
QUESTION_TOOLS = {"claude": "AskUserQuestion", "opencode": "question"}
"""CLIs whose model can ask the user to choose."""

pytestmark = [pytest.mark.agents, pytest.mark.timeout(240)]


@pytest.fixture
def _ruled(case: Case) -> None:
    if case.spec not in HOOKED:
        pytest.skip(f"{case.spec} tells no rule which tool it asks for")


def prompt(stage: Stage, *commands: str) -> str:
    steps = [f"{stage.case.ask}:{command}" for command in commands]
    return f"SM[{' ;; '.join((*steps, 'say:All done.'))}]SM"


async def asking(stage: Stage, agent: Agent, command: str) -> Question:
    def asks(now: Agent) -> bool:
        shown = now.asks and (now.asks.detail or now.asks.text)
        return shown == command or (stage.case.spec not in HOOKED and command in (shown or ""))

    try:
        agent = await stage.center.agent_until(agent.id, asks, SECONDS)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{stage.screen(agent)}") from None
    assert agent.asks is not None
    return agent.asks


def policy(stage: Stage, text: str) -> None:
    file = stage.center.places.settings
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def given(stage: Stage) -> list[tuple[str, str]]:
    events = (record.event for record in stage.center.view.records())
    return [(e.by, e.rule) for e in events if isinstance(e, ev.AnswerGiven)]


async def test_yes_lets_the_command_run(stage: Stage) -> None:
    command = "echo made > made.txt"
    ada = await stage.launch(prompt(stage, command))
    question = await asking(stage, ada, command)
    assert question.tool == HOOKED.get(stage.case.spec, "")
    answer = await stage.center.answer(want.Answer(ada.id, question.id, Verdict.YES))
    assert not answer.is_refused, answer.text
    ada = await idle(stage, ada)
    assert Path(ada.order.worktree, "made.txt").read_text() == "made\n"
    assert given(stage) == [("test", "")]


async def test_no_keeps_the_command_from_running(stage: Stage) -> None:
    command = "echo made > made.txt"
    ada = await stage.launch(prompt(stage, command))
    question = await asking(stage, ada, command)
    answer = await stage.center.answer(want.Answer(ada.id, question.id, Verdict.NO))
    assert not answer.is_refused, answer.text
    ada = await stage.center.agent_until(ada.id, lambda a: a.state is State.IDLE, SECONDS)
    assert not Path(ada.order.worktree, "made.txt").exists()


async def test_a_question_answered_in_the_pane_takes_no_other_answer(stage: Stage) -> None:
    command = "echo made > made.txt"
    ada = await stage.launch(prompt(stage, command))
    question = await asking(stage, ada, command)
    await stage.press(ada, stage.case.yes)
    await stage.center.agent_until(ada.id, lambda a: a.asks is None, SECONDS)
    answer = await stage.center.answer(want.Answer(ada.id, question.id, Verdict.NO))
    assert answer.is_refused
    ada = await idle(stage, ada)
    assert Path(ada.order.worktree, "made.txt").exists()
    assert given(stage) == []
    assert set(stage.model.prompts()) == {ada.order.prompt}


@pytest.mark.usefixtures("_ruled")
async def test_a_rule_allows_without_a_person(stage: Stage) -> None:
    tool = HOOKED[stage.case.spec]
    policy(stage, f'[[policy]]\ndo = "allow"\ntool = "{tool}"\nmatch = ["touch *"]\n')
    ada = await idle(stage, await stage.launch(prompt(stage, "touch one.txt", "touch two.txt")))
    assert Path(ada.order.worktree, "two.txt").exists()
    assert given(stage) == [("policy", f"allow tool={tool} 'touch *'")] * 2


@pytest.mark.usefixtures("_ruled")
async def test_a_rule_denies_without_a_person(stage: Stage) -> None:
    policy(stage, '[[policy]]\ndo = "deny"\nmatch = ["touch *"]\nreason = "Not today."\n')
    ada = await stage.launch(prompt(stage, "cd . && touch one.txt"))
    ada = await idle(stage, ada)
    assert not Path(ada.order.worktree, "one.txt").exists()
    assert given(stage) == [("policy", "deny 'touch *'")]


async def test_two_agents_are_answered_together(stage: Stage) -> None:
    command = "echo made > made.txt"
    agents = [await stage.launch(prompt(stage, command)) for _ in range(2)]
    questions = [await asking(stage, agent, command) for agent in agents]
    asked = [
        stage.center.ask(want.Answer(agent.id, question.id, Verdict.YES))
        for agent, question in zip(agents, questions, strict=True)
    ]
    fleet = await stage.center.until(lambda f: all(one in f.answers for one in asked), SECONDS)
    assert [fleet.answers[one].is_refused for one in asked] == [False, False]
    for agent in agents:
        done = await idle(stage, agent)
        assert Path(done.order.worktree, "made.txt").exists()


async def test_a_question_with_choices_is_answered_by_one(stage: Stage) -> None:
    if (tool := QUESTION_TOOLS.get(stage.case.spec)) is None:
        pytest.skip("asks no such questions in its ask mode")
    options = '[{"label":"Red","description":"r"},{"label":"Blue","description":"b"}]'
    asked = f'"question":"Which color?","header":"Color","multiSelect":false,"options":{options}'
    ada = await stage.launch(f'SM[tool:{tool}|{{"questions":[{{{asked}}}]}} ;; say:Done.]SM')
    # Another source may have said before the hook that something is asked.
    ada = await stage.center.agent_until(
        ada.id, lambda a: a.asks is not None and a.asks.choices != (), SECONDS
    )
    question = ada.asks
    assert question is not None
    assert (question.text, question.choices) == ("Which color?", ("Red", "Blue"))
    chosen = want.Answer(ada.id, question.id, Verdict.CHOICE, choice=2)
    assert not (await stage.center.answer(chosen)).is_refused
    await idle(stage, ada)
    assert re.search(r"Which color\?\W+Blue", stage.screen(ada))
