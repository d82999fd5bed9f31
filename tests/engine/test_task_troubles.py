"""What may go wrong between a task and its agent, and what becomes of the task then."""

import time
from pathlib import Path

import pytest

from command_center.domain import events as ev
from command_center.domain.model import Delivery
from command_center.domain.task_intents import AssignTask, QueueTask, ReturnTask, SetDispatch
from command_center.domain.tasks import Allowance, Brief, Life
from command_center.store.log import EventLog
from tests.center import SHOWN_SPEC, Center
from tests.engine.test_tasks import (
    KEPT,
    PASSES,
    added,
    done,
    idle_worker,
    task_until,
)
from tests.gitrepo import write

HOSTILE = (
    "Say it: $(touch pwned) `touch pwned` #{pane_id} #(touch pwned); kill-server\n"
    "\x1b[201~\rrm -rf .\r\x1b]0;title\x07\x1b[31m --help ' \" \\ %% ☃ "
)


async def test_a_task_that_was_taken_back_is_told_again_to_the_same_agent(
    supervised: Center,
) -> None:
    ada = await idle_worker(supervised, "ada")
    [task] = await added(supervised, Brief("Again", conversation=KEPT))
    for times in (1, 2):
        await done(supervised, AssignTask(task, ada.id))
        await task_until(supervised, task, Life.CHECK, held=True)
        assert len(supervised.received(ada.id)) == times
        await done(supervised, QueueTask(task))


async def test_a_task_whose_time_is_over_is_interrupted_and_waits_for_the_user(
    supervised: Center,
) -> None:
    ada = await idle_worker(supervised, "ada")
    brief = Brief("Endless [long]", conversation=KEPT, allowance=Allowance(minutes=0.01))
    [task] = await added(supervised, brief)
    await done(supervised, AssignTask(task, ada.id))
    seen = await task_until(supervised, task, Life.RUNNING, held=True)
    assert seen.reason == "its 0.01 minutes are over"
    await supervised.agent_until(ada.id, lambda a: a.state == "idle")
    await done(supervised, ReturnTask(task, "finish it"))
    await supervised.until(lambda _: supervised.received(ada.id)[-1] == "finish it")


async def test_a_launch_that_fails_is_not_tried_for_ever(center: Center) -> None:
    center.places.settings.write_text('worktrees = "/proc/none"\n', "utf-8")
    center.start_supervisor()
    await done(center, SetDispatch("automatic"))
    [task] = await added(center, Brief("Nowhere", check=PASSES, spec="echo"))
    seen = await task_until(center, task, Life.QUEUED, held=True)
    assert "could be launched" in seen.reason
    launches = [r for r in center.view.records() if isinstance(r.event, ev.LaunchIntended)]
    assert len(launches) == 1


@pytest.mark.parametrize(
    "cap", ["most_agents = 2", "most_of = { echo = 2 }", "most_in = { REPO = 2 }"]
)
async def test_no_more_agents_are_launched_than_the_cap_allows(center: Center, cap: str) -> None:
    cap = cap.replace("REPO", center.repo.name)
    center.places.settings.write_text(f"[dispatch]\n{cap}\nleast_free_gib = 0\n", "utf-8")
    center.start_supervisor()
    await done(center, SetDispatch("automatic"))
    briefs = [Brief(f"Part {n} [slow]", check=PASSES, spec="echo") for n in range(5)]
    for task in await added(center, *briefs):
        await task_until(center, task, Life.REVIEW)
    assert len(center.fleet.agents) == 2


async def test_what_was_typed_but_not_submitted_is_submitted_once(center: Center) -> None:
    center.add_spec("echo", SHOWN_SPEC)
    supervisor = center.start_supervisor()
    ada = await idle_worker(center, "ada")
    supervisor.kill()
    supervisor.wait()
    center.tmux("set-buffer", "almost there")
    center.tmux("paste-buffer", "-p", "-t", ada.pane)
    log = EventLog(center.places.log)
    typed = ev.PromptTyped(ada.id, "cut", "pasted 12 characters")
    queued = ev.PromptQueued(ada.id, "cut", "almost there")
    log.append(queued, ev.PromptTyping(ada.id, "cut"), typed, at=time.time())
    log.close()
    center.start_supervisor()
    await center.agent_until(ada.id, lambda a: a.receipts[-1].delivery is Delivery.FINISHED)
    assert center.received(ada.id) == ["almost there"]


async def test_what_a_user_left_in_the_way_stays_and_another_agent_takes_the_task(
    supervised: Center,
) -> None:
    ada, bob = await idle_worker(supervised, "ada"), await idle_worker(supervised, "bob")
    write(Path(ada.order.worktree) / "draft.txt", "mine\n")
    [task] = await added(supervised, Brief("Carry on", check=PASSES, conversation=KEPT))
    # Whoever is chosen by hand is only found out to be in the way when its branch is to begin.
    answer = await supervised.answer(AssignTask(task, ada.id))
    await done(supervised, SetDispatch("automatic"))
    seen = await task_until(supervised, task, Life.REVIEW)
    assert seen.agent == bob.id, answer.text
    assert (Path(ada.order.worktree) / "draft.txt").read_text() == "mine\n"


async def test_hostile_and_huge_prompts_are_words_and_nothing_else(supervised: Center) -> None:
    ada = await idle_worker(supervised, "ada")
    await done(supervised, SetDispatch("automatic"))
    text = HOSTILE + "x" * 100_000
    [task] = await added(
        supervised, Brief("\x1b[201~\r$(touch pwned)", prompt=text, check=PASSES, conversation=KEPT)
    )
    await task_until(supervised, task, Life.REVIEW)
    [prompt] = supervised.received(ada.id)
    assert "\x1b" not in prompt
    assert "$(touch pwned) `touch pwned` #{pane_id} #(touch pwned); kill-server" in prompt
    assert "x" * 100_000 in prompt
    assert not list(supervised.home.parent.rglob("pwned"))
    assert not (Path.cwd() / "pwned").exists()
    assert (Path(ada.order.worktree) / "src").is_dir()
