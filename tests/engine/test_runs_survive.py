"""Many runs, and a supervisor that is killed while they are under way."""

import asyncio
import collections
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from command_center.domain import run_events as rev
from command_center.domain.events import Record
from command_center.domain.model import Fleet
from command_center.domain.run_intents import CancelRun, QueueRuns
from command_center.domain.runs import Demand, Devices, Ration, RunLife, RunOrder
from command_center.drivers.executors import Job
from command_center.drivers.executors.local import LocalExecutor
from command_center.store.log import EventLog, read_since
from command_center.store.runs import RunLedger
from tests.center import Center
from tests.gitrepo import commit, run_git, write

TRAIN = """
import random, sys, time
rng, weight = random.Random(int(sys.argv[1])), 1.0
for step in range(40):
    for _ in range(500):
        weight -= 0.01 * (weight - rng.gauss(0.3, 1.0)) / (step + 1)
    print(f"step: {step} val_bpb: {weight!r}", flush=True)
    time.sleep(0.01)
open("weights.bin", "w").write(repr(weight))
"""
SEEDS = range(16)
HOG = "import time; kept = b'x' * (400 << 20); time.sleep(90)"


def by_hand(repo: Path, seed: int) -> bytes:
    return subprocess.check_output([sys.executable, "train.py", str(seed)], cwd=repo)


async def kill(supervisor: "subprocess.Popen[bytes]") -> None:
    os.kill(supervisor.pid, signal.SIGKILL)
    await asyncio.to_thread(supervisor.wait)


def over(fleet: Fleet) -> int:
    return sum(run.life.is_over for run in fleet.runs.values())


def history(center: Center) -> list[Record]:
    with closing(sqlite3.connect(center.places.log)) as db:
        return list(read_since(db, 0))


async def test_twenty_runs_over_two_slots_while_the_supervisor_is_killed_twice(
    center: Center,
) -> None:
    write(center.repo / "train.py", TRAIN)
    commit(center.repo, "train")
    write(center.places.settings, "[runs]\nslots = 2\n")
    trained = [
        RunOrder((sys.executable, "train.py", "${seed}"), seed=seed, metric="val_bpb")
        for seed in SEEDS
    ]
    odd = [
        RunOrder((sys.executable, "-c", HOG), demand=Demand(memory_gib=0.1)),
        RunOrder((sys.executable, "-c", "raise SystemExit(3)")),
        RunOrder(("sleep", "90"), ration=Ration(wall_s=1.0)),
        RunOrder(("sleep", "90"), priority=1),
    ]
    supervisor = center.start_supervisor()
    answer = await center.answer(QueueRuns((*odd, *trained), str(center.repo)))
    names = answer.text.split()
    assert len(names) == 20
    await center.until(lambda f: f.runs[names[3]].life is RunLife.RUNNING)
    for done in (2, 9):
        await center.until(lambda f, n=done: over(f) >= n, 90)  # type: ignore[misc]
        await kill(supervisor)
        supervisor = center.start_supervisor()
        if done == 2:
            assert not (await center.answer(CancelRun(names[3]))).is_refused
    fleet = await center.until(lambda f: over(f) == 20, 90)
    await center.until(lambda _: not any(center.places.run("").glob("*/*/work")))
    supervisor.terminate()
    await asyncio.to_thread(supervisor.wait)

    lives = [fleet.runs[name].life for name in names[:4]]
    assert lives == [
        RunLife.OUT_OF_MEMORY,
        RunLife.CRASHED,
        RunLife.TIMED_OUT,
        RunLife.CANCELLED,
    ]
    assert {fleet.runs[name].life for name in names[4:]} == {RunLife.DONE}
    _each_once(history(center), names)
    with RunLedger(center.places.ledger) as ledger:
        for name, seed in zip(names[4:], SEEDS, strict=True):
            printed = (center.places.run(name, 1) / "log.txt").read_bytes()
            assert printed == by_hand(center.repo, seed)
            assert len(ledger.curve(name, "val_bpb")) == 40
            assert fleet.runs[name].result == float(printed.split()[-1])
            assert (center.places.run(name, 1) / "outputs/weights.bin").exists()
    assert len(run_git(center.repo, "worktree", "list").splitlines()) == 1


def _each_once(records: list[Record], names: list[str]) -> None:
    """Started once, ended once, and never more than two at a time."""
    granted = collections.Counter[str]()
    ended = collections.Counter[str]()
    held = set[str]()
    for record in records:
        event = record.event
        if isinstance(event, rev.LeaseGranted):
            granted[event.run] += 1
            held.add(event.run)
            assert len(held) <= 2
        elif isinstance(event, rev.RunEnded):
            ended[event.run] += 1
            held.discard(event.run)
    assert granted == ended == dict.fromkeys(names, 1)


async def test_what_was_decided_before_a_crash_is_carried_out_after_it(center: Center) -> None:
    log = EventLog(center.places.log)
    for name, seconds in (("R1", "0"), ("R2", "60"), ("R3", "0")):
        order = RunOrder(("sleep", seconds), folder=str(center.repo))
        queued = rev.RunQueued(name, order, "test")
        log.append(queued, rev.LeaseGranted(name, Devices(), 1), at=1.0)
    # R2 was being cancelled, and R3's command had been started, but nobody had said so yet.
    log.append(rev.RunEndIntended("R2", RunLife.CANCELLED, "being cancelled"), at=2.0)
    log.close()
    folder = center.places.run("R3", 1)
    job = Job("R3.1", ("sh", "-c", f"echo x >> '{folder}/ran'"), str(folder), place=str(folder))
    folder.mkdir(parents=True)
    await LocalExecutor().submit(job)
    supervisor = center.start_supervisor()
    fleet = await center.until(lambda f: over(f) == 3)
    supervisor.terminate()
    await asyncio.to_thread(supervisor.wait)
    lives = [run.life for run in fleet.runs.values()]
    assert lives == [RunLife.DONE, RunLife.CANCELLED, RunLife.DONE]
    assert (folder / "ran").read_text() == "x\n"
    assert all(run.attempt == 1 for run in fleet.runs.values())
