"""Runs under a real supervisor: queued, started in their leases, ended, told of."""

import os
import signal
import sys
from pathlib import Path

import msgspec
import pytest

from command_center.domain.intents import Intent
from command_center.domain.model import Fleet
from command_center.domain.run_intents import CancelRun, QueueRuns, RequeueRun
from command_center.domain.runs import Demand, Ration, Run, RunLife, RunOrder
from command_center.store.runs import RunLedger
from tests.center import Center
from tests.gitrepo import commit, run_git, write

TRAIN = """
import sys, time
for step in range(1, 4):
    print(f"step: {step} val_bpb: {4 / step:.4f}", flush=True)
    time.sleep(float(sys.argv[1]) if len(sys.argv) > 1 else 0)
"""


@pytest.fixture(autouse=True)
def trainer(center: Center) -> None:
    """A repository whose program prints figures, and two CPU slots."""
    write(center.repo / "train.py", TRAIN)
    write(center.repo / ".gitignore", "*.ckpt\n")
    commit(center.repo, "train")
    write(center.places.settings, "[runs]\nslots = 2\n")


def python(*words: str) -> tuple[str, ...]:
    return (sys.executable, *words)


async def queued(center: Center, *orders: RunOrder) -> list[str]:
    answer = await center.answer(QueueRuns(orders, str(center.repo)))
    assert not answer.is_refused, answer.text
    return answer.text.split()


async def refused(center: Center, intent: Intent) -> str:
    answer = await center.answer(intent)
    assert answer.is_refused, answer.text
    return answer.text


async def run_until(center: Center, run: str, *lives: RunLife) -> Run:
    def holds(fleet: Fleet) -> bool:
        found = fleet.runs.get(run)
        return found is not None and (found.life in lives if lives else found.life.is_over)

    return (await center.until(holds)).runs[run]


async def told(center: Center, agent: str, prompts: int) -> None:
    def holds(fleet: Fleet) -> bool:
        receipts = fleet.agents[agent].receipts
        return len(receipts) == prompts and receipts[-1].delivery.is_over

    await center.until(holds)


async def test_a_run_ends_with_its_figures_and_its_curve(supervised: Center) -> None:
    [name] = await queued(supervised, RunOrder(python("train.py"), metric="val_bpb"))
    run = await run_until(supervised, name)
    assert (run.life, run.exit_code, run.attempt) == (RunLife.DONE, 0, 1)
    assert run.result == 1.3333
    assert run.order.commit == run_git(supervised.repo, "rev-parse", "HEAD")
    with RunLedger(supervised.places.ledger) as ledger:
        curve = ledger.curve(name, "val_bpb")
    assert [(p.step, p.value) for p in curve] == [(1, 4.0), (2, 2.0), (3, 1.3333)]


async def test_a_run_sees_its_commit_and_not_what_was_written_since(supervised: Center) -> None:
    write(supervised.repo / "train.py", "print('val_bpb: 0.1')\n")
    [name] = await queued(supervised, RunOrder(python("train.py"), metric="val_bpb"))
    assert (await run_until(supervised, name)).result == 1.3333


async def test_how_runs_end_is_told_apart(supervised: Center) -> None:
    hog = "import time; kept = b'x' * (400 << 20); time.sleep(60)"
    orders = (
        RunOrder(python("-c", "raise SystemExit(3)")),
        RunOrder(python("-c", hog), demand=Demand(memory_gib=0.1)),
        RunOrder(python("-c", "raise MemoryError")),
        RunOrder(("sleep", "60"), ration=Ration(wall_s=0.5)),
        RunOrder(python("train.py", "60"), ration=Ration(steps=1)),
        RunOrder(("no-such-program",)),
    )
    names = await queued(supervised, *orders)
    runs = [await run_until(supervised, name) for name in names]
    assert [(run.life, run.reason) for run in runs] == [
        (RunLife.CRASHED, "exit status 3"),
        (RunLife.OUT_OF_MEMORY, "needed more than 0.1 GiB"),
        (RunLife.OUT_OF_MEMORY, "it said: MemoryError"),
        (RunLife.TIMED_OUT, "took longer than 0.5 s"),
        (RunLife.TIMED_OUT, "reached step 1"),
        (RunLife.CRASHED, "exit status 127"),
    ]


async def test_a_run_is_cancelled_in_the_queue_and_on_its_way(supervised: Center) -> None:
    sleeper = RunOrder(("sleep", "60"), demand=Demand(cpus=2))
    first, second = await queued(supervised, sleeper, sleeper)
    await run_until(supervised, first, RunLife.RUNNING)
    waits = await supervised.until(lambda f: f.runs[second].reason != "")
    assert waits.runs[second].reason == "waits for 2 CPU slots"
    for name in (second, first):
        assert not (await supervised.answer(CancelRun(name))).is_refused
        assert (await run_until(supervised, name)).life is RunLife.CANCELLED
    assert "cancelled already" in await refused(supervised, CancelRun(first))


async def test_a_crashed_run_is_tried_again_as_often_as_was_asked(supervised: Center) -> None:
    marks = supervised.home / "marks"
    flaky = f"echo x >> '{marks}'; test $(wc -l < '{marks}') -ge 3"
    [name] = await queued(supervised, RunOrder(("sh", "-c", flaky), retries=2))
    run = await run_until(supervised, name, RunLife.DONE)
    assert run.attempt == 3
    [never] = await queued(supervised, RunOrder(("false",), retries=1))
    run = await run_until(supervised, never, RunLife.CRASHED)
    await supervised.until(lambda f: f.runs[never].life is RunLife.CRASHED)
    fleet = await supervised.until(
        lambda f: f.runs[never].attempt == 2 and f.runs[never].life.is_over
    )
    assert fleet.runs[never].life is RunLife.CRASHED


async def test_a_lost_run_is_tried_again(supervised: Center) -> None:
    once = "test -e ../../mark || { touch ../../mark; sleep 60; }"
    [name] = await queued(supervised, RunOrder(("sh", "-c", once), retries=1))
    await run_until(supervised, name, RunLife.RUNNING)
    folder = supervised.places.run(name)
    await supervised.until(lambda _: (folder / "mark").exists())
    told = msgspec.json.decode((folder / "1/started.json").read_bytes(), type=dict[str, float])
    os.kill(int(told["minder"]), signal.SIGKILL)
    assert (await run_until(supervised, name, RunLife.DONE)).attempt == 2


async def test_a_finished_run_is_queued_again_under_its_name(supervised: Center) -> None:
    [name] = await queued(supervised, RunOrder(python("train.py")))
    await run_until(supervised, name)
    assert not (await supervised.answer(RequeueRun(name))).is_refused
    fleet = await supervised.until(
        lambda f: f.runs[name].attempt == 2 and f.runs[name].life.is_over
    )
    assert fleet.runs[name].life is RunLife.DONE
    assert supervised.places.run(name, 2).joinpath("log.txt").exists()


async def test_what_a_run_made_is_kept_and_its_checkout_is_not(supervised: Center) -> None:
    [name] = await queued(
        supervised, RunOrder(("sh", "-c", "echo val_bpb: 1; echo w > model.ckpt; echo n > new"))
    )
    await run_until(supervised, name)
    folder = supervised.places.run(name, 1)
    await supervised.until(lambda _: not (folder / "work").exists())
    assert (folder / "outputs/model.ckpt").read_text() == "w\n"
    assert (folder / "outputs/new").read_text() == "n\n"
    assert (folder / "figures.jsonl").read_text().count("val_bpb") == 1
    assert len(run_git(supervised.repo, "worktree", "list").splitlines()) == 1


async def test_an_agent_is_told_of_the_end_of_its_run(supervised: Center) -> None:
    agent = await supervised.launch(name="ada")
    order = RunOrder(python("train.py"), metric="val_bpb", agent="ada")
    for number in (1, 2):
        await queued(supervised, order)
        await told(supervised, agent.id, number)
    first, second = supervised.received(agent.id)
    assert first.startswith("run #1 finished: val_bpb 1.3333\n")
    assert second.startswith("run #2 finished: val_bpb 1.3333 (+0)\n")


async def test_a_run_waits_for_the_next_commit_of_an_agent(supervised: Center) -> None:
    agent = await supervised.launch(name="ada")
    order = RunOrder(python("train.py"), metric="val_bpb", after="ada")
    [name] = await queued(supervised, order)
    fleet = await supervised.until(lambda f: f.runs[name].reason != "")
    assert fleet.runs[name].reason == "waits for the next commit of ada"
    worktree = Path(agent.order.worktree)
    write(worktree / "train.py", "print('val_bpb: 0.5')\n")
    tip = commit(worktree, "better")
    run = await run_until(supervised, name)
    assert (run.order.commit, run.result) == (tip, 0.5)


async def test_seeds_and_names_fill_the_command(supervised: Center) -> None:
    words = ("sh", "-c", "echo $SEED $A; echo $0 $1", "${seed}", "${run}")
    [name] = await queued(supervised, RunOrder(words, seed=7, env={"A": "a${seed}"}))
    await run_until(supervised, name)
    log = supervised.places.run(name, 1) / "log.txt"
    assert log.read_text() == f"7 a7\n7 {name}\n"


async def test_what_cannot_run_is_refused_whole(supervised: Center) -> None:
    repo = str(supervised.repo)
    good = RunOrder(("true",))
    assert "needs a command" in await refused(supervised, QueueRuns((good, RunOrder(())), repo))
    assert "0 runs" in await refused(supervised, QueueRuns((), repo))
    assert "no executor" in await refused(
        supervised, QueueRuns((RunOrder(("true",), executor="moon"),), repo)
    )
    assert "no agent" in await refused(
        supervised, QueueRuns((RunOrder(("true",), agent="x"),), repo)
    )
    assert "no such branch" in await refused(
        supervised, QueueRuns((RunOrder(("true",), base="nowhere"),), repo)
    )
    assert "holds for runs with GPUs alone" in await refused(
        supervised, QueueRuns((RunOrder(("true",), ration=Ration(gpu_s=2.0)),), repo)
    )
    assert "inside the repository" in await refused(
        supervised, QueueRuns((RunOrder(("true",), folder="../x"),), repo)
    )
    assert "name a folder" in await refused(supervised, QueueRuns((good,)))
    assert "acc runs" in await refused(supervised, CancelRun("R99"))
    assert supervised.fleet.runs == {}


WRITER = """
import struct, sys
def field(n, body): return bytes([n << 3 | 2, len(body)]) + body
def event(tag, value, step):
    number = b"\\x15" + struct.pack("<f", value)
    summary = field(5, field(1, field(1, tag) + number))
    return b"\\x09" + struct.pack("<d", 1.7e9) + bytes([0x10, step]) + summary
with open("events.out.tfevents.1", "wb") as file:
    for step in range(3):
        body = event(b"loss", 1.5 - step, step)
        file.write(struct.pack("<Q", len(body)) + b"crc!" + body + b"crc!")
"""


async def test_figures_are_read_from_event_files_too(supervised: Center) -> None:
    [name] = await queued(supervised, RunOrder(python("-c", WRITER), metric="loss"))
    assert (await run_until(supervised, name)).result == -0.5
    with RunLedger(supervised.places.ledger) as ledger:
        assert [p.value for p in ledger.curve(name, "loss")] == [1.5, 0.5, -0.5]
