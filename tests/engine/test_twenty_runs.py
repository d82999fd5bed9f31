"""Twenty runs over two slots, with every kind of end, while the supervisor is killed twice."""

import asyncio
import collections
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest

from command_center.domain import run_events as rev
from command_center.domain.events import Record
from command_center.domain.model import Fleet
from command_center.domain.run_intents import CancelRun, QueueRuns
from command_center.domain.runs import Demand, Ration, RunLife, RunOrder
from command_center.store.log import read_since
from command_center.store.runs import RunLedger
from command_center.training.bundle import copy_task
from tests.center import Center
from tests.gitrepo import commit, run_git, write
from tests.training.players import sign

SEEDS = (*range(8), *range(8))
STEPS = 10
SECONDS = 300
"""The deadline of the whole, for a machine that is busy with much else."""
TIMES = (b"training_cpu_seconds", b"training_seconds", b"tokens_per_second")
"""Figures of which nobody promises the same bits."""
PLAIN = """
import argparse, random, sys, time
words = argparse.ArgumentParser()
words.add_argument("--seed", type=int)
words.add_argument("--steps", type=int)
asked = words.parse_args()
if not asked.steps:
    sys.exit("no steps")
rng, weight, kept = random.Random(asked.seed), 1.0, b"x" * (200 << 20)
for step in range(1, asked.steps + 1):
    for _ in range(500):
        weight -= 0.01 * (weight - rng.gauss(0.3, 1.0)) / step
    print(f"step: {step} train_bpb: {weight!r}", flush=True)
    time.sleep(0.02)
print(f"val_bpb: {weight!r}")
open("weights.bin", "w").write(repr(weight))
"""
KEEP_WEIGHTS = """
    weights = [p.flatten().view(torch.uint8).tolist() for p in model.state_dict().values()]
    open("weights.bin", "wb").write(b"".join(map(bytes, weights)))
"""


def plain(repo: Path) -> None:
    write(repo / "train.py", PLAIN)


def starter(repo: Path) -> None:
    """With a figure from every step, little text to score, and its weights as a file."""
    copy_task("starter", folder := repo / "starter")
    for name, before, after in (
        ("task.toml", "windows = 1024", "windows = 16"),
        ("train.py", "step % 25 == 0", "step"),
        ("train.py", "    done = facts(", f"{KEEP_WEIGHTS}    done = facts("),
    ):
        text = (folder / name).read_text("utf-8")
        assert before in text
        (folder / name).write_text(text.replace(before, after), "utf-8")
    sign(folder)
    for file in folder.iterdir():
        file.rename(repo / file.name)


needs_torch = pytest.mark.skipif(
    find_spec("torch") is None, reason="there is no torch for this Python"
)


@pytest.mark.timeout(2 * SECONDS)
@pytest.mark.parametrize(
    "task", [plain, pytest.param(starter, marks=[pytest.mark.torch, needs_torch])]
)
async def test_twenty_runs_over_two_slots_while_the_supervisor_is_killed_twice(
    center: Center, task: Callable[[Path], None]
) -> None:
    task(center.repo)
    commit(center.repo, "train")
    write(center.places.settings, "[runs]\nslots = 2\n")
    crashed, timed_out = train(0), train(10**6)
    odd = [
        RunOrder(train(10**6), seed=0, demand=Demand(memory_gib=0.1)),
        RunOrder(crashed, seed=0),
        RunOrder(timed_out, seed=0, ration=Ration(wall_s=1.0)),
        RunOrder(train(10**6), seed=0, priority=1),
    ]
    trained = [RunOrder(train(STEPS), seed=seed, metric="val_bpb") for seed in SEEDS]
    supervisor = center.start_supervisor()
    answer = await center.answer(QueueRuns((*odd, *trained), str(center.repo)))
    names = answer.text.split()
    assert len(names) == 20
    await center.until(lambda f: f.runs[names[3]].life is RunLife.RUNNING)
    for ended in (2, 9):
        await center.until(lambda f, n=ended: over(f) >= n, SECONDS)  # type: ignore[misc]
        await kill(supervisor)
        supervisor = center.start_supervisor()
        if ended == 2:
            assert not (await center.answer(CancelRun(names[3]))).is_refused
    fleet = await center.until(lambda f: over(f) == 20, SECONDS)
    await center.until(lambda _: not any(center.places.run("").glob("*/*/work")))
    supervisor.terminate()
    await asyncio.to_thread(supervisor.wait)

    assert [fleet.runs[name].life for name in names[:4]] == [
        RunLife.OUT_OF_MEMORY,
        RunLife.CRASHED,
        RunLife.TIMED_OUT,
        RunLife.CANCELLED,
    ]
    assert {fleet.runs[name].life for name in names[4:]} == {RunLife.DONE}
    each_once(history(center), names)
    by_hand = await asyncio.to_thread(trained_by_hand, center.repo)
    assert len({weights for _, weights in by_hand.values()}) == len(by_hand)
    with RunLedger(center.places.ledger) as ledger:
        for name, seed in zip(names[4:], SEEDS, strict=True):
            folder, (printed, weights) = center.places.run(name, 1), by_hand[seed]
            assert told(folder.joinpath("log.txt").read_bytes()) == told(printed)
            assert folder.joinpath("outputs/weights.bin").read_bytes() == weights
            assert [p.step for p in ledger.curve(name, "train_bpb")] == [*range(1, STEPS + 1)]
            assert fleet.runs[name].result == float(printed.split()[-1])
    assert len(run_git(center.repo, "worktree", "list").splitlines()) == 1


def train(steps: int) -> tuple[str, ...]:
    return (sys.executable, "train.py", "--seed", "${seed}", "--steps", str(steps))


def trained_by_hand(repo: Path) -> dict[int, tuple[bytes, bytes]]:
    """What each seed prints and makes without any of us: one after the other in two shells."""

    def one(seed: int) -> tuple[bytes, bytes]:
        copy = repo.parent / f"by-hand-{seed}"
        run_git(repo, "worktree", "add", "--quiet", "--detach", str(copy))
        try:
            command = [word.replace("${seed}", str(seed)) for word in train(STEPS)]
            printed = subprocess.check_output(command, cwd=copy, stderr=subprocess.STDOUT)
            return printed, copy.joinpath("weights.bin").read_bytes()
        finally:
            run_git(repo, "worktree", "remove", "--force", str(copy))

    seeds = sorted({*SEEDS})
    with ThreadPoolExecutor(2) as shells:
        return dict(zip(seeds, shells.map(one, seeds), strict=True))


def told(printed: bytes) -> list[bytes]:
    return [line for line in printed.splitlines() if not line.startswith(TIMES)]


async def kill(supervisor: "subprocess.Popen[bytes]") -> None:
    os.kill(supervisor.pid, signal.SIGKILL)
    await asyncio.to_thread(supervisor.wait)


def over(fleet: Fleet) -> int:
    return sum(run.life.is_over for run in fleet.runs.values())


def history(center: Center) -> list[Record]:
    with closing(sqlite3.connect(center.places.log)) as db:
        return list(read_since(db, 0))


def each_once(records: Iterable[Record], names: list[str]) -> None:
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
