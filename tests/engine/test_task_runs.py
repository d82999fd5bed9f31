"""A task's experiment becomes runs, and what they come to goes back to the task."""

import os
import signal

import pytest
from msgspec.structs import replace

from command_center.domain.model import Fleet
from command_center.domain.run_intents import CancelRun, QueueRuns, RequeueRun
from command_center.domain.runs import RunOrder
from command_center.domain.task_intents import AddTasks, ApproveTask, DiscardTask, SetDispatch
from command_center.domain.tasks import Brief, Life, Task, TaskKind
from tests.center import Center
from tests.engine.test_runs import python, queued, refused, run_until, trainer
from tests.gitrepo import commit, run_git, write

__all__ = ["trainer"]

BRIEF = Brief("Is it better?", kind=TaskKind.EXPERIMENT)
SCORED = RunOrder(
    python("-c", "import os; print('val_bpb:', 2 + int(os.environ['SEED']))"),
    metric="val_bpb",
    task="T1",
)


async def added(center: Center, brief: Brief = BRIEF) -> None:
    answer = await center.answer(AddTasks((brief,), str(center.repo)))
    assert (answer.is_refused, answer.text) == (False, "T1")


async def task_until(center: Center, life: Life, *, is_held: bool = False) -> Task:
    def holds(fleet: Fleet) -> bool:
        task = fleet.tasks["T1"]
        return (task.life, task.is_held, task.is_measuring) == (life, is_held, False)

    return (await center.until(holds)).tasks["T1"]


async def test_an_experiment_goes_to_review_with_what_its_runs_came_to(
    supervised: Center,
) -> None:
    await supervised.answer(SetDispatch("automatic"))
    await added(supervised, replace(BRIEF, needs=()))
    names = await queued(supervised, *(replace(SCORED, seed=seed) for seed in (0, 1)))
    now = supervised.fleet.tasks["T1"]
    assert (now.runs, now.agent) == (("R1", "R2"), "")
    task = await task_until(supervised, Life.REVIEW)
    assert [supervised.fleet.runs[name].order.task for name in names] == ["T1", "T1"]
    assert task.output == (
        "run #1 finished: val_bpb 2\nrun #2 finished: val_bpb 3\n"
        "val_bpb: mean 2.5, sd 0.71, best 2 of 2 runs"
    )
    await supervised.answer(ApproveTask("T1"))
    assert supervised.fleet.tasks["T1"].life is Life.ANSWERED


async def test_a_task_is_held_when_no_run_went_to_its_end(supervised: Center) -> None:
    await added(supervised)
    await queued(supervised, RunOrder(("false",), task="T1"))
    task = await task_until(supervised, Life.RUNNING, is_held=True)
    assert task.reason == "none of its runs went to its end"
    assert task.output.startswith("run #1 ended: crashed")
    await queued(supervised, replace(SCORED, seed=0))
    assert (await task_until(supervised, Life.REVIEW)).runs == ("R1", "R2")


async def test_runs_start_at_what_the_task_names(supervised: Center) -> None:
    run_git(supervised.repo, "checkout", "-q", "-b", "idea")
    write(supervised.repo / "train.py", "print('val_bpb: 0.5')\n")
    tip = commit(supervised.repo, "an idea")
    run_git(supervised.repo, "checkout", "-q", "-")
    await added(supervised, replace(BRIEF, base="idea"))
    [name] = await queued(supervised, replace(SCORED, command=python("train.py")))
    run = await run_until(supervised, name)
    assert (run.order.commit, run.result) == (tip, 0.5)


async def test_a_run_that_is_queued_again_is_awaited_again(supervised: Center) -> None:
    await added(supervised)
    mark = supervised.home / "mark"
    once = f"echo val_bpb: $(test -e '{mark}' && echo 1 || echo 2); touch '{mark}'"
    [name] = await queued(supervised, RunOrder(("sh", "-c", once), metric="val_bpb", task="T1"))
    assert "val_bpb 2" in (await task_until(supervised, Life.REVIEW)).output
    await supervised.answer(RequeueRun(name))
    fleet = await supervised.until(lambda f: "val_bpb 1" in f.tasks["T1"].output)
    assert fleet.tasks["T1"].life is Life.REVIEW


@pytest.mark.parametrize("life", ["measuring", "over"])
async def test_a_task_that_cannot_be_run_says_why(supervised: Center, life: str) -> None:
    await added(supervised)
    again = QueueRuns((replace(SCORED, seed=0),), str(supervised.repo))
    if life == "over":
        await supervised.answer(DiscardTask("T1"))
        assert "discarded already" in await refused(supervised, again)
        return
    [name] = await queued(supervised, RunOrder(("sleep", "60"), task="T1"))
    assert "the end of its runs" in await refused(supervised, again)
    await supervised.answer(CancelRun(name))
    await task_until(supervised, Life.RUNNING, is_held=True)


async def test_a_task_gets_its_result_though_the_supervisor_was_killed(center: Center) -> None:
    supervisor = center.start_supervisor()
    await center.until(lambda fleet: fleet.supervisor > 0)
    await added(center)
    gate = center.home / "gate"
    waits = f"while [ ! -e '{gate}' ]; do sleep 0.05; done; echo val_bpb: 2"
    await queued(center, RunOrder(("sh", "-c", waits), metric="val_bpb", task="T1"))
    await center.until(lambda fleet: fleet.runs["R1"].handle != "")
    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.wait()
    gate.touch()
    center.start_supervisor()
    assert (await task_until(center, Life.REVIEW)).output == "run #1 finished: val_bpb 2"
