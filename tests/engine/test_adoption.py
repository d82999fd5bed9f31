"""The world is authoritative about the world: what the log does not know is taken in."""

import asyncio
from pathlib import Path

import pytest

from command_center.domain import intents as want
from command_center.domain.model import Phase, State
from command_center.domain.task_intents import AddTasks, DiscardTask, SetDispatch
from command_center.domain.tasks import Brief
from command_center.engine import supervisor as supervision
from tests.center import Center


def lose_the_log(center: Center) -> None:
    center.view.close()
    for file in center.places.state.glob("log.sqlite*"):
        file.unlink()


async def test_a_lost_log_loses_no_running_agent(center: Center) -> None:
    first = center.start_supervisor()
    ada = await center.launch("hello")
    ada = await center.agent_until(ada.id, lambda a: a.state is State.IDLE)
    first.kill()
    first.wait()
    lose_the_log(center)
    center.start_supervisor()
    found = await center.agent_until(ada.id, lambda a: a.phase is Phase.LIVE)
    assert (found.name, found.order, found.pid) == (ada.name, ada.order, ada.pid)
    assert center.fleet.repos.keys() == {ada.order.repo}
    answer = await center.answer(want.Remove(ada.id))
    assert not answer.is_refused, answer.text


async def test_a_worktree_without_log_and_pane_can_be_resumed(center: Center) -> None:
    first = center.start_supervisor()
    ada = await center.launch("hello")
    await center.agent_until(ada.id, lambda a: a.state is State.IDLE)
    first.kill()
    first.wait()
    center.tmux("kill-server")
    lose_the_log(center)
    center.start_supervisor()
    await center.agent_until(ada.id, lambda a: a.phase is Phase.LOST)
    assert not (await center.answer(want.Resume(ada.id))).is_refused
    await center.agent_until(ada.id, lambda a: a.state is State.IDLE)


async def test_what_was_removed_is_not_taken_in_again(center: Center) -> None:
    first = center.start_supervisor()
    ada = await center.launch("hello")
    await center.agent_until(ada.id, lambda a: a.state is State.IDLE)
    assert not (await center.answer(want.Remove(ada.id))).is_refused
    first.kill()
    first.wait()
    lose_the_log(center)
    second = center.start_supervisor()
    fleet = await center.until(lambda fleet: fleet.supervisor == second.pid)
    assert fleet.agents == {}


async def test_the_supervisor_leaves_when_nothing_lives_and_nobody_looks(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "LINGER_SECONDS", 0.2)
    assert await supervision.run(center.places) == 0
    assert center.fleet.supervisor == 0
    assert Path(center.places.log).exists()


async def test_the_supervisor_stays_while_a_task_may_be_handed_out(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "LINGER_SECONDS", 0.2)
    center.ask(SetDispatch("automatic"))
    center.ask(AddTasks((Brief("x"),), str(center.repo)))
    supervising = asyncio.create_task(supervision.run(center.places))
    await center.until(lambda fleet: bool(fleet.tasks))
    done, _ = await asyncio.wait({supervising}, timeout=2)
    assert not done
    center.ask(DiscardTask("T1"))
    assert await asyncio.wait_for(supervising, 40) == 0
