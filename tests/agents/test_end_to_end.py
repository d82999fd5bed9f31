"""Real CLIs in worktrees and panes of ours, from the first prompt to a resumed conversation."""

import time
from pathlib import Path

import pytest

from command_center.domain import events as ev, intents as want
from command_center.domain.model import Agent, Delivery, State
from command_center.store.log import EventLog
from tests.agents.cases import Stage

pytestmark = [pytest.mark.agents, pytest.mark.timeout(240)]

SECONDS = 90
HOSTILE = (
    "SM[say:Heard.]SM\nsecond line; `$(touch pwned)` #{pane_id} #(touch pwned2)\n"
    "  \"double\" 'single' $HOME \\ ☃ 👩‍🚀 {tool} %% done"
)


async def idle(stage: Stage, agent: Agent) -> Agent:
    """After the turn of every prompt it was given; a CLI is idle before its first one too."""

    def is_done(now: Agent) -> bool:
        return now.state is State.IDLE and all(r.delivery.is_over for r in now.receipts)

    try:
        return await stage.center.agent_until(agent.id, is_done, SECONDS)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{stage.screen(agent)}") from None


async def delivered(stage: Stage, agent: Agent, text: str) -> Agent:
    answer = await stage.center.answer(want.Send(agent.id, text))

    def is_finished(now: Agent) -> bool:
        receipt = now.receipt(answer.text)
        return receipt is not None and receipt.delivery is Delivery.FINISHED

    return await stage.center.agent_until(agent.id, is_finished, SECONDS)


async def test_a_task_from_launch_to_resumed_conversation(stage: Stage) -> None:
    first = f"SM[{stage.case.ask}:echo made > made.txt ;; say:All done.]SM"
    ada = await stage.launch(first)

    ada = await stage.center.agent_until(ada.id, lambda a: "made.txt" in a.reason, SECONDS)
    assert ada.state is State.WAITING
    assert ada.reason.startswith(stage.case.sees)
    assert not Path(ada.order.worktree, "made.txt").exists()

    await stage.press(ada, stage.case.yes)
    ada = await idle(stage, ada)
    assert Path(ada.order.worktree, "made.txt").read_text() == "made\n"
    assert [receipt.delivery for receipt in ada.receipts] == [Delivery.FINISHED]

    await delivered(stage, ada, HOSTILE)
    hostile = HOSTILE + stage.case.pads
    assert stage.prompts() == [first, hostile]
    assert not list(Path(ada.order.worktree).glob("pwned*"))

    stage.center.tmux("kill-server")
    await stage.center.agent_until(ada.id, lambda a: a.is_resumable, SECONDS)
    assert not (await stage.center.answer(want.Resume(ada.id))).is_refused
    ada = await idle(stage, ada)
    third = "SM[say:Still here.]SM again"
    await delivered(stage, ada, third)
    assert stage.model.requests[-1].prompts[-3:] == (first, hostile, third)
    assert stage.prompts().count(third) == 1


async def test_a_prompt_interrupted_while_typing_is_not_joined_by_the_next(stage: Stage) -> None:
    ada = await idle(stage, await stage.launch("SM[say:Ready.]SM"))
    stage.supervisor.kill()
    stage.supervisor.wait()
    # What a supervisor killed between paste and Enter leaves in the box and in the log.
    half = "SM[say:never]SM half\nsecond line"
    stage.center.tmux("set-buffer", half)
    stage.center.tmux("paste-buffer", "-p", "-t", ada.pane)
    log = EventLog(stage.center.places.log)
    log.append(ev.PromptQueued(ada.id, "cut", half), ev.PromptTyping(ada.id, "cut"), at=time.time())
    log.close()
    stage.center.start_supervisor()
    ada = await delivered(stage, ada, "SM[say:Clean.]SM")
    receipt = ada.receipt("cut")
    assert receipt is not None
    assert receipt.delivery is Delivery.UNSENT
    assert stage.prompts() == ["SM[say:Ready.]SM", "SM[say:Clean.]SM"]


async def test_escape_during_a_turn_shows_as_idle(stage: Stage) -> None:
    ada = await stage.launch("SM[slow:100,0.2 ;; say:" + "word " * 200 + "]SM")
    await stage.center.agent_until(ada.id, lambda a: a.state is State.BUSY, SECONDS)
    stage.model.wait_for(lambda model: len(model.prompts()) == 1, SECONDS)
    assert not (await stage.center.answer(want.Interrupt(ada.id))).is_refused
    await stage.center.agent_until(ada.id, lambda a: a.state is State.IDLE, 15)


async def test_escape_before_anything_has_come_shows_as_idle(stage: Stage) -> None:
    ada = await stage.launch("SM[wait:60 ;; say:never]SM")
    stage.model.wait_for(lambda model: len(model.prompts()) == 1, SECONDS)
    await stage.center.agent_until(ada.id, lambda a: a.state is State.BUSY, SECONDS)
    assert not (await stage.center.answer(want.Interrupt(ada.id))).is_refused
    await stage.center.agent_until(ada.id, lambda a: a.state is State.IDLE, 15)


async def test_a_turn_that_is_refused_for_good_ends_idle(stage: Stage) -> None:
    ada = await idle(stage, await stage.launch("SM[say:Ready.]SM"))
    await delivered(stage, ada, "SM[err:403 ;; say:never]SM")
    await stage.center.agent_until(ada.id, lambda a: a.state is State.IDLE, 15)


async def test_a_conversation_that_no_longer_fits_its_model_says_so(stage: Stage) -> None:
    if not stage.case.tells_full:
        pytest.skip("its screen alone tells")
    ada = await idle(stage, await stage.launch("SM[say:Ready.]SM"))
    await delivered(stage, ada, "SM[err:400 ;; say:never]SM")
    await stage.center.agent_until(
        ada.id,
        lambda a: a.state is State.IDLE and a.reason.startswith("context full"),
        SECONDS,
    )


async def test_a_repository_the_user_vouches_for_asks_no_trust(stage: Stage) -> None:
    ada = await idle(stage, await stage.launch("SM[say:Straight away.]SM", trusts=True))
    assert stage.prompts() == [ada.order.prompt]


async def test_a_prompt_that_looks_like_an_option_is_a_prompt(stage: Stage) -> None:
    prompt = "--help SM[say:No help.]SM"
    await idle(stage, await stage.launch(prompt))
    assert stage.prompts() == [prompt]


async def test_a_stopped_agent_leaves_no_process(stage: Stage) -> None:
    ada = await idle(stage, await stage.launch("SM[say:Ready.]SM"))
    assert not (await stage.center.answer(want.Stop(ada.id))).is_refused
    parked = stage.center.fleet.agents[ada.id]
    assert parked.state is State.PARKED
    assert not Path(f"/proc/{ada.pid}").exists()
