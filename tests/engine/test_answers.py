"""Answers to agents that wait, through real hooks and panes."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from command_center.domain import events as ev, intents as want
from command_center.domain.asks import Question, Verdict
from command_center.domain.model import Agent, Answer, State
from command_center.store.log import EventLog
from tests.center import Center

AGENT = Path(__file__).parent / "asking_agent.py"
SPEC = f"""
id = "asking"
name = "Asking"
[binary]
names = ["${{python}}"]
version = []
[launch]
argv = ["${{binary}}", "{AGENT}", "${{state}}/answers.jsonl", "${{prompt}}"]
[prompt]
first = "argv"
[signals.osc7501]
[signals.hooks.events]
PermissionRequest = {{ state = "waiting", reason = "permission: {{tool_input.command}}" }}
[answer.asked.PermissionRequest]
tool = "tool_name"
detail = ["tool_input.command"]
[answer.keys]
yes = ["y"]
no = ["n"]
screen = {{ permission = "May I run this" }}
[answer.hook]
allow = "{{\\"do\\":\\"allow\\"}}"
deny = "{{\\"do\\":\\"deny\\",\\"why\\":${{reason}}}}"
"""
FIRST = SPEC.replace('"asking"', '"first"', 1) + "decides_first = true\n"
BLIND = SPEC.replace('"asking"', '"blind"', 1).replace("{ permission =", "{ question =")
"""It does not say what the screen shows while it asks for a permission."""
ALLOWED = 'hook {"do":"allow"}'


@pytest_asyncio.fixture
async def asked(supervised: Center) -> AsyncIterator[Center]:
    supervised.add_spec("asking", SPEC)
    supervised.add_spec("first", FIRST)
    supervised.add_spec("blind", BLIND)
    yield supervised


def policy(center: Center, text: str) -> None:
    center.places.settings.parent.mkdir(parents=True, exist_ok=True)
    center.places.settings.write_text(text, "utf-8")


async def waiting(center: Center, prompt: str, *, spec: str = "asking") -> tuple[Agent, Question]:
    ada = await center.launch(prompt, spec=spec)
    return await asking(center, ada, prompt.splitlines()[0].partition(" ")[2])


async def asking(center: Center, agent: Agent, detail: str) -> tuple[Agent, Question]:
    def asks(now: Agent) -> bool:
        return now.asks is not None and now.asks.detail == detail

    agent = await center.agent_until(agent.id, asks)
    assert agent.asks is not None
    return agent, agent.asks


async def say(
    center: Center, agent: Agent, question: Question, verdict: Verdict, text: str = ""
) -> Answer:
    return await center.answer(want.Answer(agent.id, question.id, verdict, text=text))


def given(center: Center, agent: Agent) -> list[str]:
    """What the agent was answered, in order."""
    file = center.places.agent(agent.id) / "answers.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def logged(center: Center, kind: type[ev.Event]) -> list[ev.Event]:
    return [r.event for r in center.view.records() if isinstance(r.event, kind)]


async def idle(center: Center, agent: Agent) -> Agent:
    return await center.agent_until(agent.id, lambda a: a.state is State.IDLE)


async def test_a_question_is_shown_whole(asked: Center) -> None:
    _, question = await waiting(asked, "both rm -rf 'my build'")
    assert (question.tool, question.detail) == ("Bash", "rm -rf 'my build'")
    assert question.text == "Bash: rm -rf 'my build'"
    assert question.is_exact


async def test_yes_goes_through_the_hook(asked: Center) -> None:
    ada, question = await waiting(asked, "both touch x")
    answer = await say(asked, ada, question, Verdict.YES)
    assert not answer.is_refused, answer.text
    assert given(asked, await idle(asked, ada)) == [ALLOWED]
    assert logged(asked, ev.AnswerGiven) == [ev.AnswerGiven(ada.id, question.id, "test", "hook")]


async def test_no_tells_the_agent_why(asked: Center) -> None:
    ada, question = await waiting(asked, "both touch x")
    await say(asked, ada, question, Verdict.NO, 'use "make" ${text}')
    assert given(asked, await idle(asked, ada)) == [
        'hook {"do":"deny","why":"use \\"make\\" ${text}"}'
    ]


async def test_without_a_hook_the_key_is_pressed(asked: Center) -> None:
    ada, question = await waiting(asked, "keys touch x")
    assert not (await say(asked, ada, question, Verdict.NO)).is_refused
    assert given(asked, await idle(asked, ada)) == ["key n"]


async def test_a_hook_that_died_leaves_the_keys(asked: Center) -> None:
    ada, question = await waiting(asked, "both touch x")
    fifo = asked.places.agent(ada.id) / question.hook
    fifo.unlink()
    assert not (await say(asked, ada, question, Verdict.YES)).is_refused
    assert given(asked, await idle(asked, ada)) == ["key y"]


async def test_an_answer_that_shows_no_effect_did_not_count(asked: Center) -> None:
    ada, question = await waiting(asked, "deaf touch x")
    answer = await say(asked, ada, question, Verdict.YES)
    assert answer.is_refused
    assert "still waits" in answer.text
    _, still = await asking(asked, ada, "touch x")
    assert (still.id, still.answer) == (question.id, "")
    assert logged(asked, ev.AnswerGiven) == []


async def test_no_key_is_pressed_while_the_screen_shows_no_question(asked: Center) -> None:
    ada, question = await waiting(asked, "hidden touch x")
    answer = await say(asked, ada, question, Verdict.YES)
    assert answer.is_refused
    assert "not on its screen" in answer.text
    assert given(asked, ada) == []
    _, still = await asking(asked, ada, "touch x")
    assert still.answer == ""


async def test_a_question_that_no_key_may_answer_is_left_to_the_pane(asked: Center) -> None:
    ada, question = await waiting(asked, "keys touch x", spec="blind")
    answer = await say(asked, ada, question, Verdict.YES)
    assert answer.is_refused
    assert "takes this answer only in its pane" in answer.text
    assert given(asked, ada) == []


async def test_an_answer_after_one_in_the_pane_is_refused(asked: Center) -> None:
    ada, question = await waiting(asked, "both touch x")
    asked.tmux("send-keys", "-t", ada.pane, "n")
    await idle(asked, ada)
    answer = await say(asked, ada, question, Verdict.YES)
    assert answer.is_refused
    assert "answered already" in answer.text
    assert given(asked, ada) == ["key n"]


async def test_an_answer_never_falls_to_the_next_question(asked: Center) -> None:
    ada, question = await waiting(asked, "keys touch one\nkeys rm -rf two")
    asked.tmux("send-keys", "-t", ada.pane, "y")
    await asking(asked, ada, "rm -rf two")
    answer = await say(asked, ada, question, Verdict.YES)
    assert answer.is_refused
    assert "something else" in answer.text
    assert given(asked, ada) == ["key y"]


async def test_of_two_answers_at_once_the_first_wins(asked: Center) -> None:
    ada, question = await waiting(asked, "both touch one\nboth touch two")
    no = asked.ask(want.Answer(ada.id, question.id, Verdict.NO))
    yes = asked.ask(want.Answer(ada.id, question.id, Verdict.YES))
    answers = (await asked.until(lambda f: no in f.answers and yes in f.answers)).answers
    assert (answers[no].is_refused, answers[yes].is_refused) == (False, True)
    await asking(asked, ada, "touch two")
    assert len(given(asked, ada)) == 1


async def test_a_hook_answered_in_the_pane_waits_no_longer(asked: Center) -> None:
    ada, question = await waiting(asked, "both touch x")
    fifo = asked.places.agent(ada.id) / question.hook
    assert fifo.is_fifo()
    asked.tmux("send-keys", "-t", ada.pane, "y")
    await asked.until(lambda _: not fifo.exists())


async def test_a_rule_allows_and_is_logged(asked: Center) -> None:
    policy(asked, '[[policy]]\ndo = "allow"\ntool = "Bash"\nmatch = ["git status*"]\n')
    ada = await asked.launch("both git status -s", spec="asking")
    assert given(asked, await idle(asked, ada)) == [ALLOWED]
    [event] = logged(asked, ev.AnswerGiven)
    assert isinstance(event, ev.AnswerGiven)
    assert (event.by, event.rule) == ("policy", "allow tool=Bash 'git status*'")


async def test_a_rule_denies_with_its_reason(asked: Center) -> None:
    policy(asked, '[[policy]]\ndo = "deny"\nmatch = ["rm *"]\nreason = "Ask ada first."\n')
    ada = await asked.launch("first make && rm -rf x", spec="first")
    assert given(asked, await idle(asked, ada)) == ['hook {"do":"deny","why":"Ask ada first."}']


async def test_a_command_that_hides_another_is_asked(asked: Center) -> None:
    policy(asked, '[[policy]]\ndo = "allow"\nmatch = ["git status*"]\n')
    await waiting(asked, "both git status; rm -rf x")


async def test_a_cli_that_asks_its_hook_first_is_not_held_up(asked: Center) -> None:
    ada, question = await waiting(asked, "first touch x", spec="first")
    assert not (await say(asked, ada, question, Verdict.YES)).is_refused
    assert given(asked, await idle(asked, ada)) == ["key y"]


async def test_a_policy_that_cannot_be_read_asks_and_says_so(asked: Center) -> None:
    policy(asked, '[[policy]]\ndo = "alow"\n')
    await waiting(asked, "both touch x")
    await asked.until(lambda fleet: any("config.toml" in n.text for n in fleet.notices))


async def test_many_agents_are_answered_in_one_go(asked: Center) -> None:
    pairs = [await waiting(asked, f"both touch {number}") for number in range(3)]
    sent = [asked.ask(want.Answer(a.id, q.id, Verdict.YES)) for a, q in pairs]
    fleet = await asked.until(lambda f: all(one in f.answers for one in sent))
    assert [fleet.answers[one].is_refused for one in sent] == [False] * 3
    for agent, _ in pairs:
        assert given(asked, await idle(asked, agent)) == [ALLOWED]


async def test_a_hook_waits_without_a_supervisor_and_keys_still_work(center: Center) -> None:
    center.add_spec("asking", SPEC)
    supervisor = center.start_supervisor()
    ada, question = await waiting(center, "both touch x")
    supervisor.kill()
    supervisor.wait()
    center.tmux("send-keys", "-t", ada.pane, "y")
    await center.until(lambda _: given(center, ada) == ["key y"])
    fifo = center.places.agent(ada.id) / question.hook
    assert fifo.is_fifo()
    center.start_supervisor()
    await center.until(lambda _: not fifo.exists())


async def test_an_answer_cut_off_by_a_crash_is_not_given_again(center: Center) -> None:
    center.add_spec("asking", SPEC)
    supervisor = center.start_supervisor()
    ada, question = await waiting(center, "both touch x")
    supervisor.kill()
    supervisor.wait()
    log = EventLog(center.places.log)
    intended = ev.AnswerIntended(ada.id, question.id, Verdict.YES, "test", intent="cut")
    log.append(intended, at=time.time())
    log.close()
    center.start_supervisor()
    fleet = await center.until(lambda f: "cut" in f.answers)
    assert fleet.answers["cut"].is_refused
    now, again = await asking(center, ada, "touch x")
    assert given(center, ada) == []
    assert not (await say(center, now, again, Verdict.YES)).is_refused


@pytest.mark.parametrize(("verdict", "said"), [(Verdict.YES, "yes"), (Verdict.NO, "no")])
async def test_the_demo_agent_can_be_answered(asked: Center, verdict: Verdict, said: str) -> None:
    ada = await asked.launch("Count the files", spec="demo")
    ada = await asked.agent_until(ada.id, lambda a: a.asks is not None)
    assert ada.asks is not None
    answer = await say(asked, ada, ada.asks, verdict)
    assert not answer.is_refused, answer.text
    await asked.agent_until(ada.id, lambda a: a.state is State.IDLE, 60)
    screen = asked.tmux("capture-pane", "-p", "-S-", "-t", ada.pane)
    assert f"[n]o\n{said}\n" in "\n".join(line.strip() for line in screen.splitlines())
