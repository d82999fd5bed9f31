"""Runs as jobs of a real Ray, whose nodes and head are killed."""

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest
from msgspec.structs import replace

from command_center.domain.errors import ExecutorUnreachable
from command_center.domain.model import Fleet
from command_center.domain.run_intents import CancelRun, QueueRuns, RequeueRun
from command_center.domain.runs import Demand, Ration, RunLife, RunOrder
from command_center.drivers.executors import Ending, Job, JobState
from command_center.drivers.executors.ray import RayExecutor
from command_center.drivers.git import open_repository
from tests.center import Center
from tests.cluster.jobs import PATIENCE, over, seen
from tests.cluster.ray import Ray, program
from tests.gitrepo import commit, isolate_git, make_repository, run_git, write

pytestmark = pytest.mark.timeout(400)
RETRIED = {f"R{n}" for n in range(1, 7)}
TRAIN = """
import os, sys, time
for step in range(1, 4):
    print(f"step: {step} loss: {float(os.environ['SEED']) / step:.6f}", flush=True)
    time.sleep(float(sys.argv[1]))
"""
HOG = "import time; time.sleep(1.5); x = b'x' * (400 << 20); time.sleep(60)"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Ray]:
    if (ray := program()) is None:
        pytest.skip("no Ray here; tests/cluster/install_ray.sh installs it")
    # A socket's path is short; pytest's own folders are not.
    with TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        started = Ray(ray, Path(folder))
        try:
            started.start()
            yield started
        finally:
            started.stop()


@pytest.fixture
def ray(cluster: Ray) -> Ray:
    """With both nodes there."""
    cluster.start_node()
    return cluster


@pytest.fixture
def lab(ray: Ray) -> RayExecutor:
    return RayExecutor("lab", {"address": ray.address})


def shell(folder: Path, words: str, number: int = 1, demand: Demand | None = None) -> Job:
    return Job(
        id=f"R{number}.1",
        argv=("sh", "-c", words),
        folder=str(folder / f"R{number}" / "1"),
        place=str(folder),
        demand=demand or Demand(),
    )


def processes(names: Iterable[str]) -> list[psutil.Process]:
    """Of the jobs with these names, wherever in the process tree they went."""
    found, known = [], tuple(f"{name}-" for name in names)
    for process in psutil.process_iter():
        try:
            folder = process.environ().get("COMMAND_CENTER_FOLDER", "")
        except psutil.Error:
            continue
        if Path(folder).name.startswith(known):
            found.append(process)
    return found


async def test_a_job_brings_its_log_its_results_and_its_commits_back(
    lab: RayExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolate_git(monkeypatch)
    repo = make_repository(tmp_path)
    words = (
        "cat src/part0/file0.txt; echo $A $CUDA_VISIBLE_DEVICES >&2; seq 200000; echo 7 > w;"
        " touch c; git add c; git -c user.name=a -c user.email=a@b commit -qm c; exit 3"
    )
    wanted = Job(
        "R1.1",
        ("sh", "-c", words),
        str(tmp_path / "R1" / "1"),
        {"A": "a b"},
        await open_repository(repo),
        run_git(repo, "rev-parse", "HEAD"),
        demand=Demand(gpus=1),
    )
    handle = await lab.submit(wanted)
    status = await over(lab, handle)
    assert (status.state, status.exit_code, status.ended_by) == (JobState.ENDED, 3, Ending.ITSELF)
    counted = "".join(f"{n}\n" for n in range(1, 200001)).encode()
    # More than one file on the node.
    assert (Path(handle) / "log.txt").read_bytes() == b"line one of 0\nline two\na b 0\n" + counted
    assert (
        await lab.logs(handle, 14) == (Path(handle) / "log.txt").read_bytes()[14 : 14 + (1 << 20)]
    )
    await lab.clear(wanted)
    assert (Path(handle) / "outputs" / "w").read_text() == "7\n"
    kept = "refs/command-center/kept/runs/R1.1"
    assert run_git(repo, "show", "--format=%s", "--name-only", kept).split() == ["c", "c"]


async def test_a_second_submit_finds_the_first(lab: RayExecutor, ray: Ray, tmp_path: Path) -> None:
    wanted = shell(tmp_path, f"echo once >> '{tmp_path}/ran'", 2)
    handles = await asyncio.gather(*(lab.submit(wanted) for _ in range(3)))
    again = RayExecutor("lab", {"address": ray.address})
    assert {*handles, await again.submit(wanted)} == {wanted.folder}
    assert (await over(again, handles[0])).exit_code == 0
    assert (tmp_path / "ran").read_text() == "once\n"
    assert len([name for name in ray.jobs() if name.startswith("acc-R2.1-")]) == 1


async def test_capacity_is_what_its_nodes_have_and_shows_what_fits_none(
    lab: RayExecutor, tmp_path: Path
) -> None:
    found = await lab.capacity()
    assert (found.cpus, len(found.gpus), found.queues_itself) == (4, 2, True)
    handle = await lab.submit(shell(tmp_path, "true", 9, Demand(cpus=3)))
    waits = await seen(lab, handle, JobState.PENDING)
    assert waits.reason == "waits for 3 CPUs on one node, and the cluster has no such node"
    await lab.cancel(handle)
    assert (await over(lab, handle)).ended_by is Ending.CANCEL


async def test_a_job_is_cancelled_in_the_queue_and_on_its_way(
    lab: RayExecutor, ray: Ray, tmp_path: Path
) -> None:
    deaf = shell(tmp_path, "trap '' TERM; sleep 61 & wait; sleep 61", 3, Demand(cpus=2))
    meek = shell(tmp_path, "sleep 61", 4, Demand(cpus=2))
    handles = [await lab.submit(each) for each in (deaf, meek)]
    for handle in handles:
        await seen(lab, handle, JobState.RUNNING)
    third = await lab.submit(shell(tmp_path, f"touch '{tmp_path}/ran'", 5, Demand(cpus=2)))
    waits = await seen(lab, third, JobState.PENDING)
    assert waits.reason == "waits in the cluster's queue for 2 CPUs"
    await lab.cancel(third)
    await lab.cancel(handles[0], Ending.STEPS)
    await lab.cancel(handles[1])
    ends = [(await over(lab, handle)).ended_by for handle in (*handles, third)]
    assert ends == [Ending.STEPS, Ending.CANCEL, Ending.CANCEL]
    assert not processes(ray.jobs())
    assert not (tmp_path / "ran").exists()


async def test_limits_hold_there_too(lab: RayExecutor, tmp_path: Path) -> None:
    slow = Job("R6.1", ("sleep", "60"), str(tmp_path / "6"), place="/", ration=Ration(wall_s=0.5))
    big = Job(
        "R7.1",
        ("python3", "-c", HOG),
        str(tmp_path / "7"),
        place="/",
        demand=Demand(memory_gib=0.1),
    )
    handles = [await lab.submit(each) for each in (slow, big)]
    ends = [(await over(lab, handle)).ended_by for handle in handles]
    assert ends == [Ending.WALL, Ending.MEMORY]


async def test_a_head_that_is_silent_says_nothing_about_runs(
    lab: RayExecutor, ray: Ray, tmp_path: Path
) -> None:
    handle = await lab.submit(shell(tmp_path, "sleep 2; echo done", 8))
    await seen(lab, handle, JobState.RUNNING)
    impatient = RayExecutor("lab", {"address": ray.address, "timeout_s": 1})
    ray.freeze_head(True)
    try:
        with pytest.raises(ExecutorUnreachable, match="does not answer"):
            await over(impatient, handle)
    finally:
        ray.freeze_head(False)
    assert (await over(lab, handle)).exit_code == 0
    assert await lab.logs(handle) == b"done\n"


def ids(names: Iterable[str]) -> set[str]:
    """Of the runs, out of their jobs' names."""
    return {name.split("-")[1].partition(".")[0] for name in names}


def ended(fleet: Fleet) -> bool:
    return len(fleet.runs) > 0 and all(run.life.is_over for run in fleet.runs.values())


async def test_eight_runs_end_right_though_a_node_and_the_supervisor_are_killed(
    ray: Ray, center: Center
) -> None:
    write(center.repo / "train.py", TRAIN)
    commit(center.repo, "train")
    write(center.places.settings, f'[executors.lab]\nkind = "ray"\naddress = "{ray.address}"\n')
    train = RunOrder(("python3", "train.py", "1.5"), metric="loss", executor="lab", retries=1)
    sleep = replace(train, command=("sleep", "99"), metric="")
    orders = (
        *(replace(train, seed=seed) for seed in range(1, 5)),
        replace(sleep, command=("python3", "-c", HOG), demand=Demand(memory_gib=0.1)),
        replace(sleep, ration=Ration(wall_s=3.0)),
        replace(sleep, command=("sh", "-c", "exit 9"), retries=0),
        replace(sleep, retries=0),
    )
    others = ray.jobs()
    supervisor = center.start_supervisor()
    answer = await center.answer(QueueRuns(orders, str(center.repo)))
    assert not answer.is_refused, answer.text

    def is_at_work_there(fleet: Fleet) -> bool:
        running = {run.id for run in fleet.runs.values() if run.life is RunLife.RUNNING}
        return not running.isdisjoint(RETRIED & ids(ray.on_node("RUNNING")))

    await center.until(is_at_work_there, PATIENCE)
    supervisor.kill()
    await asyncio.to_thread(supervisor.wait)
    unheard = {run.id for run in center.fleet.runs.values() if not run.life.is_over}
    lost = RETRIED & ids(ray.on_node("RUNNING")) & unheard
    await asyncio.to_thread(ray.lose_node)
    # Between the look and the loss a short one may have come to its end.
    lost -= ids(ray.on_node("SUCCEEDED"))
    center.start_supervisor()
    center.ask(CancelRun("R8"))
    fleet = await center.until(ended, PATIENCE)
    lives = [run.life for run in fleet.runs.values()]
    assert lives == [RunLife.DONE] * 4 + [
        RunLife.OUT_OF_MEMORY, RunLife.TIMED_OUT, RunLife.CRASHED, RunLife.CANCELLED
    ]  # fmt: skip
    by_hand = [round(seed / 3, 6) for seed in range(1, 5)]
    assert [run.result for run in list(fleet.runs.values())[:4]] == by_hand
    again = {run.id for run in fleet.runs.values() if run.attempt == 2}
    # What ran there then, and perhaps what had just begun or ended, unheard.
    assert lost <= again <= ids(ray.on_node()) & RETRIED
    assert again
    assert not processes(ray.jobs())
    attempts = [name.rpartition("-")[0] for name in ray.jobs() if name not in others]
    assert len({*attempts}) == len(attempts)
    # And one of them once more from the start.
    center.ask(RequeueRun("R1"))
    await center.until(lambda f: f.runs["R1"].attempt > fleet.runs["R1"].attempt, PATIENCE)
    assert (await center.until(ended, PATIENCE)).runs["R1"].life is RunLife.DONE


async def test_a_head_that_is_started_anew_gets_what_waited_and_has_lost_the_rest(
    lab: RayExecutor, ray: Ray, tmp_path: Path
) -> None:
    handles = [await lab.submit(shell(tmp_path, "sleep 61", n, Demand(cpus=2))) for n in (1, 2)]
    for handle in handles:
        await seen(lab, handle, JobState.RUNNING)
    third = await lab.submit(shell(tmp_path, "echo third", 3, Demand(cpus=2)))
    await seen(lab, third, JobState.PENDING)
    ray.kill_node()
    ray.kill_head()
    with pytest.raises(ExecutorUnreachable):
        await over(lab, third)
    ray.start_head()
    assert (await over(lab, third)).exit_code == 0
    for handle in handles:
        lost = await over(lab, handle)
        assert (lost.state, lost.reason) == (JobState.LOST, "the cluster does not know it any more")
