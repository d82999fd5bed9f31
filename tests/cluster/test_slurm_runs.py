"""Runs of a supervisor that is killed, on a Slurm of which a node is lost."""

import asyncio
import collections
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from command_center.domain import run_events as rev
from command_center.domain.model import Fleet
from command_center.domain.run_intents import CancelRun, RequeueRun
from command_center.domain.runs import Demand, Ration, Run, RunLife, RunOrder
from command_center.store.log import read_since
from command_center.store.runs import RunLedger
from tests.center import Center
from tests.cluster.slurm import Slurm
from tests.engine.test_runs import queued
from tests.gitrepo import commit, run_git, until, write

TRAIN = """
import os, random, sys, time
stuck = sys.argv[1] == "0" and os.environ.get("COMMAND_CENTER_RUN", "").endswith(".1")
rng, weight = random.Random(int(sys.argv[1])), 1.0
for step in range(20):
    for _ in range(500):
        weight -= 0.01 * (weight - rng.gauss(0.3, 1.0)) / (step + 1)
    print(f"step: {step} val_bpb: {weight!r}", flush=True)
    time.sleep(90 if stuck and step == 9 else 0.05)
open("weights.bin", "w").write(repr(weight))
"""
SEEDS = range(4)
SETTINGS = """
[executors.lab]
kind = "slurm"
poll_s = 0.5
timeout_s = 4
scratch = "{scratch}"
"""
LONG = 120.0
pytestmark = pytest.mark.timeout(400)


@pytest.fixture(autouse=True)
def trainer(center: Center, slurm: Slurm) -> None:
    write(center.repo / "train.py", TRAIN)
    commit(center.repo, "train")
    write(center.places.settings, SETTINGS.format(scratch=slurm.folder))


def on_lab(*command: str, seed: int | None = None, wall: float = 0.0, retries: int = 0) -> RunOrder:
    return RunOrder(
        command,
        executor="lab",
        seed=seed,
        metric="val_bpb",
        retries=retries,
        ration=Ration(wall_s=wall),
    )


async def run_until(center: Center, run: str, *lives: RunLife) -> Run:
    def holds(fleet: Fleet) -> bool:
        life = fleet.runs[run].life
        return life in lives if lives else life.is_over

    return (await center.until(holds, LONG)).runs[run]


async def killed(supervisor: "subprocess.Popen[bytes]") -> None:
    supervisor.kill()
    await asyncio.to_thread(supervisor.wait)


def by_hand(repo: Path, seed: int) -> bytes:
    return subprocess.check_output([sys.executable, "train.py", str(seed)], cwd=repo)


def over(fleet: Fleet) -> int:
    return sum(run.life.is_over for run in fleet.runs.values())


async def test_eight_runs_while_a_node_is_lost_and_the_supervisor_killed_twice(
    center: Center, slurm: Slurm
) -> None:
    trained = [on_lab(sys.executable, "train.py", "${seed}", seed=s, retries=2) for s in SEEDS]
    hog = "import time; x = b'x' * (400 << 20); time.sleep(60)"
    big = replace(on_lab(sys.executable, "-c", hog), demand=Demand(memory_gib=0.1))
    crash, slow = on_lab("sh", "-c", "exit 3"), on_lab("sleep", "90", wall=1.0)
    supervisor = center.start_supervisor()
    names = await queued(center, *trained, big, crash, slow, on_lab("sleep", "90"))
    lost, slept = names[0], names[-1]
    await run_until(center, lost, RunLife.RUNNING)
    await killed(supervisor)
    supervisor = center.start_supervisor()
    await center.until(lambda f: over(f) >= 1, LONG)
    devices = center.fleet.runs[lost].devices
    assert devices is not None
    slurm.lose(devices.node)
    await killed(supervisor)
    center.start_supervisor()
    await run_until(center, slept, RunLife.RUNNING)
    slurm.start_node(devices.node)
    await center.answer(CancelRun(slept))
    fleet = await center.until(lambda f: over(f) == 8, LONG)

    lives = [fleet.runs[name].life for name in names]
    assert lives == [
        *[RunLife.DONE] * 4, RunLife.OUT_OF_MEMORY, RunLife.CRASHED, RunLife.TIMED_OUT,
        RunLife.CANCELLED,
    ]  # fmt: skip
    assert fleet.runs[lost].attempt == 2
    with RunLedger(center.places.ledger) as ledger:
        for name, seed in zip(names, SEEDS, strict=False):
            run = fleet.runs[name]
            folder, printed = center.places.run(name, run.attempt), by_hand(center.repo, seed)
            assert (folder / "log.txt").read_bytes() == printed
            curve = [p.value for p in ledger.curve(name, "val_bpb")]
            assert curve == [float(line.split()[3]) for line in printed.splitlines()]
            made = (folder / "outputs" / "weights.bin").read_text()
            assert made == repr(run.result)
    with closing(sqlite3.connect(center.places.log)) as db:
        events = [record.event for record in read_since(db, 0)]
    granted = [(e.run, e.attempt) for e in events if isinstance(e, rev.LeaseGranted)]
    assert len(granted) == len({*granted}) == 9
    jobs = collections.Counter(name.rpartition("-")[0] for name in mine(center, slurm))
    assert {*jobs.values()} == {1}
    assert {*jobs} == {f"acc-{run}.{attempt}" for run, attempt in granted}


def mine(center: Center, slurm: Slurm) -> list[str]:
    """Names of all jobs of this test; the controller remembers those of others too."""
    known = {
        msgspec.json.decode(file.read_bytes(), type=dict[str, str])["name"]
        for file in center.home.rglob("slurm.json")
    }
    return [name for name, _ in slurm.jobs() if name in known]


async def test_a_run_tells_why_it_waits_and_where_it_runs(center: Center, slurm: Slurm) -> None:
    blocker = ("--parsable", "--output=/dev/null", "--nodes=2", "--wrap=exec sleep 60")
    holder = slurm.ask("sbatch", *blocker)
    center.start_supervisor()
    [name] = await queued(center, on_lab("true"))
    fleet = await center.until(lambda f: f.runs[name].reason == "waits for free nodes", LONG)
    run = fleet.runs[name]
    assert (run.life, run.started_at) == (RunLife.STARTING, 0.0)
    assert (fleet.sites["lab"].cpus, fleet.sites["lab"].gpus) == (2, 2)
    slurm.ask("scancel", holder)
    run = await run_until(center, name)
    assert (run.life, run.reason, run.attempt) == (RunLife.DONE, "", 1)


async def test_a_finished_run_is_queued_there_again_under_its_name(center: Center) -> None:
    center.start_supervisor()
    [name] = await queued(center, on_lab(sys.executable, "train.py", "7"))
    first = await run_until(center, name)
    await center.answer(RequeueRun(name))
    await center.until(lambda f: f.runs[name].attempt == 2, LONG)
    again = await run_until(center, name)
    assert (first.life, again.life) == (RunLife.DONE, RunLife.DONE)
    assert again.result == first.result


async def test_new_commits_of_a_run_are_kept_by_a_ref(center: Center) -> None:
    who = "-c user.name=Ada -c user.email=ada@example.org"
    center.start_supervisor()
    [name] = await queued(center, on_lab("sh", "-c", f"git {who} commit --allow-empty -qm made"))
    await run_until(center, name, RunLife.DONE)
    ref = f"refs/command-center/kept/runs/{name}.1"
    await until(lambda: run_git(center.repo, "for-each-ref", ref) != "")
    assert run_git(center.repo, "log", "-1", "--format=%s", ref) == "made"


async def test_the_loss_of_the_controller_is_said_and_waited_out(
    center: Center, slurm: Slurm
) -> None:
    center.start_supervisor()
    first, third = await queued(center, on_lab("sleep", "8"), on_lab("sleep", "90"))
    for name in (first, third):
        await run_until(center, name, RunLife.RUNNING)
    slurm.stop_controller()
    try:
        [second] = await queued(center, on_lab("true"))
        await center.until(lambda f: "does not answer" in f.runs[second].reason, LONG)
        fleet = await center.until(lambda f: "as last seen" in f.runs[first].reason, LONG)
        assert fleet.runs[first].life is RunLife.RUNNING
        await center.answer(CancelRun(third))
        await center.until(lambda f: any("cannot be ended yet" in n.text for n in f.notices))
        assert center.fleet.runs[third].life is RunLife.ENDING
    finally:
        slurm.start_controller()
    for name in (first, second):
        run = await run_until(center, name)
        assert (run.life, run.attempt) == (RunLife.DONE, 1)
    assert (await run_until(center, third)).life is RunLife.CANCELLED
    assert len(mine(center, slurm)) == 3


async def test_what_finds_the_queue_full_waits_or_is_cancelled_at_once(
    center: Center, slurm: Slurm
) -> None:
    slurm.ask("sbatch", "--output=/dev/null", "--wrap=exec sleep 60")
    slurm.limit_queue(1)
    center.start_supervisor()
    try:
        first, second = await queued(center, on_lab("true"), on_lab("true"))
        for name in (first, second):
            await center.until(lambda f, n=name: "is full" in f.runs[n].reason, LONG)  # type: ignore[misc]
        await center.answer(CancelRun(second))
        assert (await run_until(center, second)).life is RunLife.CANCELLED
    finally:
        slurm.limit_queue(1000)
    run = await run_until(center, first)
    assert (run.life, run.attempt) == (RunLife.DONE, 1)
    assert len(mine(center, slurm)) == 1
