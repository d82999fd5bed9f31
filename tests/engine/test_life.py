"""The life of an agent, from launch to removal, with real tmux and git."""

import os
import signal
from pathlib import Path

import pytest

from command_center.domain import intents as want
from command_center.domain.model import Delivery, Phase, State
from command_center.store.trust import TrustStore
from tests.center import Center
from tests.gitrepo import run_git, write


async def test_an_agent_works_in_its_own_worktree_and_pane(supervised: Center) -> None:
    ada = await supervised.launch("say hello")
    ada = await supervised.agent_until(ada.id, lambda a: a.state is State.IDLE)
    assert ada.order.branch == "agents/ada"
    assert Path(ada.order.worktree, ".git").is_file()
    assert supervised.received(ada.id) == ["say hello"]
    assert [r.delivery for r in ada.receipts] == [Delivery.FINISHED]
    assert ada.is_unseen


async def test_twenty_launches_at_once_all_stand(supervised: Center) -> None:
    asked = [
        supervised.ask(want.Launch("echo", str(supervised.repo), f"task {n}")) for n in range(20)
    ]
    fleet = await supervised.until(lambda f: all(a in f.answers for a in asked), 90)
    assert [fleet.answers[a].text for a in asked if fleet.answers[a].is_refused] == []
    assert len({agent.name for agent in fleet.agents.values()}) == 20
    for agent in fleet.agents.values():
        await supervised.agent_until(agent.id, lambda a: a.state is State.IDLE, 90)
        assert supervised.received(agent.id) == [agent.order.prompt]


async def test_one_failing_launch_leaves_nothing_and_harms_no_other(supervised: Center) -> None:
    run_git(supervised.repo, "branch", "taken")
    launch = want.Launch("echo", str(supervised.repo), "x", branch="taken")
    bad, good = supervised.ask(launch), supervised.ask(want.Launch("echo", str(supervised.repo)))
    fleet = await supervised.until(lambda f: bad in f.answers and good in f.answers)
    assert fleet.answers[bad].is_refused
    assert "taken" in fleet.answers[bad].text
    assert not fleet.answers[good].is_refused
    assert len(fleet.agents) == 1
    assert len(list(supervised.places.worktrees.glob("*/*"))) == 1
    assert run_git(supervised.repo, "worktree", "list").count("\n") == 1


async def test_a_prompt_arrives_once_and_verbatim(supervised: Center) -> None:
    ada = await supervised.launch("first")
    text = "two lines; `$(x)` #{pane_id} #(touch /tmp/x)\n  \"quotes\" 'and' ☃ 👩‍🚀 \\ $HOME"
    answer = await supervised.answer(want.Send(ada.name, text))
    done = await supervised.agent_until(
        ada.id, lambda a: (r := a.receipt(answer.text)) is not None and r.delivery.is_over
    )
    assert [r.delivery for r in done.receipts] == [Delivery.FINISHED, Delivery.FINISHED]
    assert supervised.received(ada.id) == ["first", text]


async def test_prompts_sent_during_a_turn_wait_and_keep_their_order(supervised: Center) -> None:
    ada = await supervised.launch("[slow] one")
    for number in range(3):
        supervised.ask(want.Send(ada.id, f"next {number}"))
    await supervised.agent_until(
        ada.id,
        lambda a: len(a.receipts) == 4 and all(r.delivery.is_over for r in a.receipts),
    )
    assert supervised.received(ada.id) == ["[slow] one", "next 0", "next 1", "next 2"]


async def test_nothing_is_typed_into_a_question(supervised: Center) -> None:
    ada = await supervised.launch("please [ask]")
    ada = await supervised.agent_until(ada.id, lambda a: a.state is State.WAITING)
    assert ada.reason == "permission: touch build"
    answer = await supervised.answer(want.Send(ada.id, "later"))
    held = await supervised.agent_until(
        ada.id,
        lambda a: a.receipts[-1].delivery is Delivery.HELD and "answer" in a.receipts[-1].proof,
    )
    assert held.state is State.WAITING
    supervised.tmux("send-keys", "-t", ada.pane, "y")
    await supervised.agent_until(
        ada.id,
        lambda a: (r := a.receipt(answer.text)) is not None and r.delivery is Delivery.FINISHED,
    )
    assert supervised.received(ada.id) == ["please [ask]", "later"]


async def test_a_crash_shows_as_exited_with_its_code(supervised: Center) -> None:
    ada = await supervised.launch("[crash] now")
    ada = await supervised.agent_until(ada.id, lambda a: a.state is State.EXITED)
    assert ada.reason == "exit code 3"


async def test_a_stopped_agent_resumes_with_its_worktree(supervised: Center) -> None:
    ada = await supervised.launch("hello")
    await supervised.agent_until(ada.id, lambda a: a.state is State.IDLE)
    Path(ada.order.worktree, "mine.txt").write_text("kept")
    await supervised.answer(want.Stop(ada.id))
    parked = await supervised.agent_until(ada.id, lambda a: a.phase is Phase.PARKED)
    assert parked.pane == ""
    await supervised.answer(want.Resume(ada.id))
    back = await supervised.agent_until(ada.id, lambda a: a.state is State.IDLE)
    assert Path(back.order.worktree, "mine.txt").read_text() == "kept"
    assert supervised.received(ada.id) == ["hello"]


async def test_a_vanished_pane_is_lost_and_comes_back(supervised: Center) -> None:
    ada = await supervised.launch("hello")
    await supervised.agent_until(ada.id, lambda a: a.state is State.IDLE)
    supervised.tmux("kill-window", "-t", ada.pane)
    await supervised.agent_until(ada.id, lambda a: a.phase in (Phase.LOST, Phase.EXITED))
    await supervised.answer(want.Resume(ada.id))
    await supervised.agent_until(ada.id, lambda a: a.state is State.IDLE)


async def test_a_killed_cli_is_exited_by_that_signal(supervised: Center) -> None:
    ada = await supervised.launch("hello")
    ada = await supervised.agent_until(ada.id, lambda a: a.state is State.IDLE)
    os.kill(ada.pid, signal.SIGKILL)
    ada = await supervised.agent_until(ada.id, lambda a: a.state is State.EXITED)
    assert ada.reason == "killed by signal 9"


async def test_removal_is_refused_while_work_would_be_lost(supervised: Center) -> None:
    ada = await supervised.launch("hello")
    await supervised.agent_until(ada.id, lambda a: a.state is State.IDLE)
    Path(ada.order.worktree, "precious.txt").write_text("x")
    answer = await supervised.answer(want.Remove(ada.id))
    assert answer.is_refused
    assert "precious.txt" in answer.text
    assert supervised.fleet.agents[ada.id].state is State.IDLE
    assert Path(ada.order.worktree, "precious.txt").exists()


async def test_undo_brings_a_removed_agent_back(supervised: Center) -> None:
    ada = await supervised.launch("hello")
    await supervised.agent_until(ada.id, lambda a: a.state is State.IDLE)
    assert not (await supervised.answer(want.Remove(ada.id))).is_refused
    assert not Path(ada.order.worktree).exists()
    assert ada.id not in supervised.fleet.agents
    assert not (await supervised.answer(want.Undo(ada.name))).is_refused
    back = supervised.fleet.agents[ada.id]
    assert back.state is State.PARKED
    assert run_git(Path(back.order.worktree), "branch", "--show-current") == "agents/ada"


async def test_the_death_of_the_tmux_server_loses_no_conversation(supervised: Center) -> None:
    ada = await supervised.launch("hello")
    await supervised.agent_until(ada.id, lambda a: a.state is State.IDLE)
    supervised.tmux("kill-server")
    await supervised.agent_until(ada.id, lambda a: a.is_resumable)
    assert not (await supervised.answer(want.Resume(ada.id))).is_refused
    await supervised.agent_until(ada.id, lambda a: a.state is State.IDLE)


async def test_an_intent_about_nobody_is_refused_with_a_way_out(supervised: Center) -> None:
    answer = await supervised.answer(want.Stop("nobody"))
    assert answer.is_refused
    assert "acc list" in answer.text


async def test_a_launch_says_what_the_worktree_does_not_have(supervised: Center) -> None:
    Path(supervised.repo, "half-done.txt").write_text("x")
    answer = await supervised.answer(want.Launch("echo", str(supervised.repo)))
    assert not answer.is_refused
    assert "1 uncommitted changes" in answer.text


async def test_a_trusted_setup_command_runs_before_the_agent(supervised: Center) -> None:
    folder = supervised.repo / ".command-center"
    folder.mkdir()
    (folder / "config.toml").write_text('setup = "touch prepared.txt"\n')
    TrustStore(supervised.places.trust).trust(folder)
    ada = await supervised.launch("hello")
    assert Path(ada.order.worktree, "prepared.txt").exists()


async def test_a_setup_command_nobody_trusted_does_not_run(supervised: Center) -> None:
    folder = supervised.repo / ".command-center"
    folder.mkdir()
    (folder / "config.toml").write_text('setup = "touch prepared.txt"\n')
    ada = await supervised.launch("hello")
    assert not Path(ada.order.worktree, "prepared.txt").exists()


async def test_a_failing_setup_command_leaves_nothing_half_made(supervised: Center) -> None:
    folder = supervised.repo / ".command-center"
    folder.mkdir()
    (folder / "config.toml").write_text("setup = \"sh -c 'echo no network; exit 7'\"\n")
    TrustStore(supervised.places.trust).trust(folder)
    answer = await supervised.answer(want.Launch("echo", str(supervised.repo)))
    assert answer.is_refused
    assert "no network" in answer.text
    assert supervised.fleet.agents == {}
    assert list(supervised.places.worktrees.glob("*/*")) == []
    assert run_git(supervised.repo, "branch", "--list", "agents/*") == ""


async def test_a_prompt_that_no_program_takes_is_refused(supervised: Center) -> None:
    answer = await supervised.answer(want.Launch("echo", str(supervised.repo), "a\0b"))
    assert answer.is_refused
    assert "NUL" in answer.text


async def test_a_key_for_a_pane_that_is_gone_ends_no_supervisor(supervised: Center) -> None:
    ada = await supervised.launch("hello")
    await supervised.agent_until(ada.id, lambda a: a.state is State.IDLE)
    supervised.tmux("kill-window", "-t", ada.pane)
    supervised.ask(want.Interrupt(ada.id))
    await supervised.agent_until(ada.id, lambda a: a.is_resumable)
    assert not (await supervised.answer(want.Resume(ada.id))).is_refused


async def test_a_mistake_of_ours_refuses_one_intent_and_is_kept(
    supervised: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistake(*_: object) -> None:
        raise ZeroDivisionError("a mistake")

    monkeypatch.setattr("command_center.engine.recruiter.find_binary", mistake)
    answer = await supervised.answer(want.Launch("echo", str(supervised.repo)))
    assert answer.is_refused
    assert "supervisor.log" in answer.text
    assert "a mistake" in (supervised.places.state / "supervisor.log").read_text()


async def test_a_prompt_that_was_put_back_is_not_joined_by_the_next(supervised: Center) -> None:
    # The echo agent's screen ends with this word after every turn.
    ada = await supervised.launch("done")
    ada = await supervised.agent_until(ada.id, lambda a: a.state is State.IDLE)
    supervised.tmux("send-keys", "-l", "-t", ada.pane, "done")
    answer = await supervised.answer(want.Send(ada.id, "second"))
    await supervised.agent_until(
        ada.id, lambda a: any(r.id == answer.text and r.delivery.is_over for r in a.receipts)
    )
    assert supervised.received(ada.id) == ["done", "second"]


async def test_tags_are_kept_with_the_order_and_can_be_changed(supervised: Center) -> None:
    asked = supervised.ask(want.Launch("echo", str(supervised.repo), tags=("api", "old")))
    fleet = await supervised.until(lambda f: asked in f.answers)
    ada = fleet.agents[fleet.answers[asked].agent]
    assert ada.order.tags == ("api", "old")
    await supervised.answer(want.Retag(ada.id, ("new",), ("old",)))
    await supervised.agent_until(ada.id, lambda a: a.order.tags == ("api", "new"))


@pytest.fixture
def hungry(center: Center) -> None:
    """Agents need more memory than any machine has."""
    write(center.places.settings, "[dispatch]\nagent_gib = 100000\n")


@pytest.mark.usefixtures("hungry")
async def test_no_agent_is_started_into_memory_that_is_not_there(supervised: Center) -> None:
    answer = await supervised.answer(want.Launch("echo", str(supervised.repo), "x"))
    assert answer.is_refused
    assert "GiB of memory is available and an agent needs" in answer.text
    assert supervised.fleet.agents == {}
    assert "agents/" not in run_git(supervised.repo, "branch", "--list")
