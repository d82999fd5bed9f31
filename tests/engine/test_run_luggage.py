"""What runs bring along, whom they wait for and whom they tell, under a real supervisor."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from command_center.domain import events as ev
from command_center.domain.model import Delivery
from command_center.domain.run_intents import CancelRun, QueueRuns, TellOfRun
from command_center.domain.runs import TELLER, Run, RunLife, RunOrder
from command_center.engine.sender import INTERRUPTED
from command_center.store.log import EventLog
from command_center.store.run_templates import load_run_templates
from tests.center import SHOWN_SPEC, Center
from tests.engine.test_runs import python, queued, refused, run_until, told, trainer
from tests.gitrepo import commit, run_git, write

__all__ = ["trainer"]

SCORE = "import sys; print('val_bpb:', sys.argv[1])"


def scored(value: float, agent: str = "", against: str = "", template: str = "") -> RunOrder:
    order = RunOrder(python("-c", SCORE, str(value)), metric="val_bpb", agent=agent)
    return replace(order, against=against, template=template)


def log_of(center: Center, run: Run) -> str:
    return (center.places.run(run.id, run.attempt) / "log.txt").read_text()


async def test_files_that_no_commit_holds_are_brought_along(supervised: Center) -> None:
    repo = supervised.repo
    write(repo / "data" / "a b.txt", "brought")
    write(repo / "weights.ckpt", "ignored, and brought")
    head = run_git(repo, "rev-parse", "HEAD")
    command = python("-c", "print(open('data/a b.txt').read(), open('weights.ckpt').read())")
    order = RunOrder(command, files=("data", "weights.ckpt"))
    first, second = await queued(supervised, order, order)
    run = await run_until(supervised, first)
    assert log_of(supervised, run) == "brought ignored, and brought\n"
    assert run_git(repo, "rev-parse", f"{run.order.commit}^") == head
    again = await run_until(supervised, second)
    assert again.order.commit == run.order.commit
    assert run_git(repo, "rev-parse", "HEAD") == head
    assert "a b.txt" in run_git(repo, "status", "--porcelain", "--untracked-files=all")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("../secret", "inside the repository"),
        ("/etc/passwd", "inside the repository"),
        (".git/config", "inside the repository"),
        ("away", "leads out of the repository"),
        ("absent", "no such file"),
    ],
)
async def test_what_is_not_the_repositorys_is_not_brought(
    supervised: Center, path: str, said: str
) -> None:
    (supervised.repo / "away").symlink_to("/etc")
    intent = QueueRuns((RunOrder(("true",), files=(path,)),), str(supervised.repo))
    assert said in await refused(supervised, intent)


async def test_the_judge_of_a_bundled_task_is_laid_over_the_commit(supervised: Center) -> None:
    template = load_run_templates(supervised.places).template("microgpt")
    short = template.order("microgpt")
    command = (*short.command[:2], "--steps", "2", "--seed", "${seed}")
    order = RunOrder(command, folder="gpt", metric="val_bpb", training="microgpt", seed=1)
    [whole] = await queued(supervised, order)
    run = await run_until(supervised, whole)
    assert (run.life, run.result is not None) == (RunLife.DONE, True), log_of(supervised, run)
    assert run.order.command[0] == sys.executable
    run_git(supervised.repo, "checkout", "-q", run.order.commit, "--", "gpt")
    write(supervised.repo / "gpt" / "judge.py", "print('val_bpb: 0.001')\n")
    commit(supervised.repo, "win by another ruler")
    [judged] = await queued(supervised, order)
    assert (await run_until(supervised, judged)).result == run.result


async def test_a_seed_in_a_command_has_to_be_said(supervised: Center) -> None:
    order = RunOrder(("echo", "${seed}"))
    assert "which seeds" in await refused(supervised, QueueRuns((order,), str(supervised.repo)))


async def test_a_trainer_that_is_no_copy_of_the_task_is_not_judged(supervised: Center) -> None:
    order = RunOrder(("true",), training="microgpt")
    said = await refused(supervised, QueueRuns((order,), str(supervised.repo)))
    assert "no copy of microgpt" in said
    assert "acc train copy" in said


async def test_an_agent_is_told_against_the_run_that_is_named(supervised: Center) -> None:
    agent = await supervised.launch(name="ada")
    for value in (3.0, 2.0):
        [name] = await queued(supervised, scored(value))
        await run_until(supervised, name)
    other = scored(1.0, template="other")
    [name] = await queued(supervised, other)
    await run_until(supervised, name)
    orders = (scored(2.5, agent="ada"), scored(2.5, agent="ada", against="R1"))
    for number, order in enumerate(orders, 1):
        await queued(supervised, order)
        await told(supervised, agent.id, number)
    best, named = supervised.received(agent.id)
    assert best.startswith("run #4 finished: val_bpb 2.5 (+0.5)\n")
    assert named.startswith("run #5 finished: val_bpb 2.5 (−0.5 against run #1)\n")
    assert "no run 'R99'" in await refused(supervised, TellOfRun("R1", "ada", "R99"))


async def test_one_may_be_told_of_a_run_before_and_after_its_end(supervised: Center) -> None:
    agent = await supervised.launch(name="ada")
    gate = supervised.home / "gate"
    waits = f"while [ ! -e '{gate}' ]; do sleep 0.05; done; echo val_bpb: 2"
    [name] = await queued(supervised, RunOrder(("sh", "-c", waits), metric="val_bpb"))
    await run_until(supervised, name, RunLife.RUNNING)
    for _ in range(2):
        assert not (await supervised.answer(TellOfRun(name, "ada"))).is_refused
    gate.touch()
    await told(supervised, agent.id, 1)
    assert not (await supervised.answer(TellOfRun(name, "ada"))).is_refused
    await told(supervised, agent.id, 2)
    assert [text.splitlines()[0] for text in supervised.received(agent.id)] == [
        "run #1 finished: val_bpb 2",
        "run #1 finished: val_bpb 2",
    ]


async def test_a_sweep_whose_last_run_is_cancelled_is_told_of(supervised: Center) -> None:
    agent = await supervised.launch(name="ada")
    slots = RunOrder(("true",), sweep="s", agent="ada", priority=1)
    never = RunOrder(("true",), sweep="s", agent="ada", after="ada")
    first, last = await queued(supervised, slots, never)
    await run_until(supervised, first)
    await supervised.answer(CancelRun(last))
    await told(supervised, agent.id, 1)
    [text] = supervised.received(agent.id)
    assert text.startswith("run #1 finished\nrun #2 ended: cancelled\n")


async def test_a_run_starts_at_what_an_agent_has_when_its_turn_ends(supervised: Center) -> None:
    agent = await supervised.launch("[long]", name="ada")
    await supervised.agent_until(agent.id, lambda a: a.state == "busy")
    worktree = Path(supervised.fleet.agents[agent.id].order.worktree)
    write(worktree / "train.py", "print('val_bpb: 0.7')\n")
    commit(worktree, "before it was asked for")
    order = RunOrder(python("train.py"), metric="val_bpb", after="ada")
    [name] = await queued(supervised, order)
    fleet = await supervised.until(lambda f: f.runs[name].reason != "")
    assert fleet.runs[name].reason == "waits for the end of the turn of ada"
    write(worktree / "train.py", "print('val_bpb: 0.5')\n")
    tip = commit(worktree, "in the middle of its turn")
    # Once another one has been looked at, this one was too.
    bob = await supervised.launch(name="bob")
    await supervised.agent_until(bob.id, lambda a: a.state == "idle")
    [other] = await queued(supervised, replace(order, after="bob"))
    commit(Path(bob.order.worktree), "anything")
    await run_until(supervised, other)
    assert supervised.fleet.runs[name].attempt == 0
    supervised.tmux("send-keys", "-t", fleet.agents[agent.id].pane, "x")
    run = await run_until(supervised, name)
    assert (run.order.commit, run.result) == (tip, 0.5)


async def test_a_run_after_an_agent_is_judged_or_does_not_run(supervised: Center) -> None:
    agent = await supervised.launch(name="ada")
    await supervised.agent_until(agent.id, lambda a: a.state == "idle")
    order = RunOrder(("true",), after="ada", agent="ada", folder="gpt", training="microgpt")
    [name] = await queued(supervised, order)
    worktree = Path(agent.order.worktree)
    write(worktree / "gpt" / "train.py", "print('no copy')\n")
    commit(worktree, "something else")
    run = await run_until(supervised, name)
    assert (run.life, run.attempt) == (RunLife.CRASHED, 0)
    assert "no copy of microgpt" in run.reason
    await told(supervised, agent.id, 1)


async def test_an_agent_is_told_once_however_often_the_supervisor_is_killed(
    center: Center,
) -> None:
    center.add_spec("echo", SHOWN_SPEC)
    supervisor = center.start_supervisor()
    agent = await center.launch(name="ada")
    await center.agent_until(agent.id, lambda a: a.state == "idle")
    intent = QueueRuns(tuple(scored(n, agent="ada") for n in range(1, 7)), str(center.repo))
    asked = center.ask(intent)
    for ended in (0, 2, 4):
        await center.until(
            lambda f, ended=ended: (
                asked in f.answers  # type: ignore[misc]
                and sum(run.life.is_over for run in f.runs.values()) >= ended
            )
        )
        os.kill(supervisor.pid, signal.SIGKILL)
        supervisor.wait()
        supervisor = center.start_supervisor()
    fleet = await center.until(
        lambda f: (
            len(f.runs) == 6
            and all(run.life.is_over for run in f.runs.values())
            and all(r.delivery.is_over for r in f.agents[agent.id].receipts)
        )
    )
    unsure = [
        receipt.text.split(":")[0]
        for receipt in fleet.agents[agent.id].receipts
        if receipt.delivery is Delivery.UNSENT and INTERRUPTED not in receipt.proof
    ]
    assert unsure == []
    received = sorted(text.split(":")[0] for text in center.received(agent.id))
    assert received == [f"run #{n} finished" for n in range(1, 7)]


async def test_a_result_that_was_being_typed_at_a_crash_is_told_after_it(center: Center) -> None:
    supervisor = center.start_supervisor()
    agent = await center.launch(name="ada")
    await center.agent_until(agent.id, lambda a: a.state == "idle")
    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.wait()
    log = EventLog(center.places.log)
    queued = ev.PromptQueued(agent.id, "p", "run #1 finished", TELLER)
    log.append(queued, ev.PromptTyping(agent.id, "p"), at=time.time())
    log.close()
    center.start_supervisor()
    now = await center.agent_until(
        agent.id, lambda a: len(a.receipts) == 2 and a.receipts[-1].delivery.is_over
    )
    assert [receipt.delivery for receipt in now.receipts] == [Delivery.UNSENT, Delivery.FINISHED]
    assert center.received(agent.id) == ["run #1 finished"]
