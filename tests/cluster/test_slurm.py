"""Runs as jobs of a real Slurm."""

import asyncio
import os
import time
from pathlib import Path

import msgspec
import pytest

from command_center.domain.errors import ExecutorBusy, ExecutorUnreachable, LaunchError, SpecError
from command_center.domain.runs import Demand, Ration
from command_center.drivers.executors import Ending, Job, JobState, executor
from command_center.drivers.executors.slurm import SlurmExecutor
from command_center.drivers.git import open_repository
from tests.cluster.jobs import PATIENCE, over, seen
from tests.cluster.slurm import Slurm
from tests.gitrepo import commit, isolate_git, make_repository, run_git, until, write

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def lab(slurm: Slurm) -> SlurmExecutor:
    return lab_of(slurm)


def lab_of(slurm: Slurm, **more: object) -> SlurmExecutor:
    # What a lost node leaves behind goes with the cluster.
    table = {"poll_s": 0.2, "timeout_s": 3, "scratch": str(slurm.folder)}
    return SlurmExecutor("lab", table | more)


def job(
    folder: Path,
    *argv: str,
    number: int = 1,
    demand: Demand | None = None,
    ration: Ration | None = None,
) -> Job:
    return Job(
        id=f"R{number}.1",
        argv=argv,
        folder=str(folder / f"R{number}" / "1"),
        place=str(folder),
        demand=demand or Demand(),
        ration=ration or Ration(),
    )


def shell(folder: Path, words: str, number: int = 1) -> Job:
    return job(folder, "sh", "-c", words, number=number)


def jobs_of(slurm: Slurm, run: Job) -> list[str]:
    """The states of all jobs that carry its name."""
    known = remembered(run.folder)
    return [state for name, state in slurm.jobs() if name == known["name"]]


def job_number(folder: str) -> str:
    return remembered(folder)["job"]


def remembered(folder: str) -> dict[str, str]:
    return msgspec.json.decode((Path(folder) / "slurm.json").read_bytes(), type=dict[str, str])


async def test_a_job_tells_how_it_ended_and_what_it_printed(
    lab: SlurmExecutor, tmp_path: Path
) -> None:
    handle = await lab.submit(shell(tmp_path, "echo out; echo err >&2; exit 3"))
    status = await over(lab, handle)
    assert (status.state, status.exit_code, status.ended_by) == (JobState.ENDED, 3, Ending.ITSELF)
    assert status.node in ("n1", "n2")
    assert await lab.logs(handle) == b"out\nerr\n"
    assert await lab.logs(handle, 4) == b"err\n"


async def test_a_job_has_its_commit_and_its_gpu_and_nothing_of_our_environment(
    lab: SlurmExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolate_git(monkeypatch)
    monkeypatch.setenv("MY_SECRET", "42")
    repo = make_repository(tmp_path)
    wanted = Job(
        "R1.1",
        (
            "sh",
            "-c",
            "cat src/part0/file0.txt; echo $CUDA_VISIBLE_DEVICES,$MY_SECRET,$A; echo 7 > w",
        ),
        str(tmp_path / "R1" / "1"),
        {"A": "a b"},
        await open_repository(repo),
        run_git(repo, "rev-parse", "HEAD"),
        demand=Demand(gpus=1),
    )
    handle = await lab.submit(wanted)
    assert (await over(lab, handle)).exit_code == 0
    assert await lab.logs(handle) == b"line one of 0\nline two\n0,,a b\n"
    await lab.clear(wanted)
    assert (Path(wanted.folder) / "outputs" / "w").read_text() == "7\n"


async def test_code_too_big_for_a_script_lies_in_the_shared_folder(
    slurm: Slurm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolate_git(monkeypatch)
    repo, shared = make_repository(tmp_path), tmp_path / "100% shared"
    (repo / "big").write_bytes(os.urandom(3 << 20))
    setup = write(tmp_path / "set up.sh", "export FROM_SETUP=42\n")
    lab = lab_of(slurm, folder=str(shared), setup=str(setup))
    wanted = Job(
        "R1.1",
        ("sh", "-c", "wc -c < big; echo $FROM_SETUP"),
        str(tmp_path / "R1" / "1"),
        repo=await open_repository(repo),
        commit=commit(repo, "big"),
    )
    handle = await lab.submit(wanted)
    assert (await over(lab, handle)).exit_code == 0
    assert await lab.logs(handle) == b"3145728\n42\n"
    assert len([*shared.iterdir()]) == 2
    await lab.clear(wanted)
    assert [*shared.iterdir()] == []


async def test_a_second_submit_finds_the_first(
    lab: SlurmExecutor, tmp_path: Path, slurm: Slurm
) -> None:
    wanted = shell(tmp_path, "echo once")
    handles = await asyncio.gather(*(lab.submit(wanted) for _ in range(3)))
    assert len(set(handles)) == 1
    # As after a crash between the answer of the cluster and its being written down.
    state = Path(wanted.folder) / "slurm.json"
    state.write_text(state.read_text().replace('"job":', '"jib":'))
    assert await lab_of(slurm).submit(wanted) == handles[0]
    await over(lab, handles[0])
    assert await lab.logs(handles[0]) == b"once\n"
    assert jobs_of(slurm, wanted) == ["COMPLETED"]


async def test_jobs_stand_in_the_queue_in_the_order_of_their_leases(
    lab: SlurmExecutor, tmp_path: Path
) -> None:
    jobs = [shell(tmp_path, "true", number) for number in range(8)]
    handles = await asyncio.gather(*(lab.submit(each) for each in jobs))
    numbers = [job_number(handle) for handle in handles]
    assert numbers == sorted(numbers, key=int)


async def test_a_job_is_cancelled_in_the_queue_and_on_its_way(
    lab: SlurmExecutor, tmp_path: Path
) -> None:
    wanted = [shell(tmp_path, "sleep 60", n) for n in range(3)]
    handles = [await lab.submit(each) for each in wanted]
    for handle in handles[:2]:
        await seen(lab, handle, JobState.RUNNING)
    waits = await seen(lab, handles[2], JobState.PENDING)
    assert waits.reason in ("waits for free nodes", "waits behind others in the cluster's queue")
    await lab.cancel(handles[2])
    await lab.cancel(handles[0], Ending.STEPS)
    await lab.cancel(handles[1])
    ends = [(await over(lab, handle)).ended_by for handle in handles]
    assert ends == [Ending.STEPS, Ending.CANCEL, Ending.CANCEL]


async def test_limits_hold_there_too(lab: SlurmExecutor, tmp_path: Path) -> None:
    slow = await lab.submit(job(tmp_path, "sleep", "60", ration=Ration(wall_s=0.5)))
    hog = job(
        tmp_path, "python3", "-c", "import time; x = b'x' * (400 << 20); time.sleep(60)",
        number=2, demand=Demand(memory_gib=0.1),
    )  # fmt: skip
    big = await lab.submit(hog)
    assert (await over(lab, slow)).ended_by is Ending.WALL
    assert (await over(lab, big)).ended_by is Ending.MEMORY


async def test_a_job_that_can_never_run_is_refused_in_the_clusters_words(
    lab: SlurmExecutor, tmp_path: Path
) -> None:
    with pytest.raises(LaunchError, match="node configuration is not available"):
        await lab.submit(job(tmp_path, "true", demand=Demand(gpus=9)))


async def test_capacity_counts_the_nodes_that_are_up(lab: SlurmExecutor, slurm: Slurm) -> None:
    found = await lab.capacity()
    assert (found.cpus, len(found.gpus), found.queues_itself) == (2, 2, True)
    slurm.ask("scontrol", "update", "nodename=n2", "state=down", "reason=test")
    try:
        assert (await lab.capacity()).cpus == 1
    finally:
        slurm.ask("scontrol", "update", "nodename=n2", "state=resume")


async def test_the_loss_of_a_node_is_the_loss_of_its_job(
    lab: SlurmExecutor, tmp_path: Path, slurm: Slurm
) -> None:
    handle = await lab.submit(shell(tmp_path, "echo begun; sleep 90"))
    node = (await seen(lab, handle, JobState.RUNNING)).node
    slurm.lose(node)
    status = await over(lab, handle)
    assert (status.state, status.reason) == (JobState.LOST, "its node failed")


async def test_a_job_that_the_cluster_puts_back_runs_once_more(
    slurm: Slurm, tmp_path: Path
) -> None:
    lab = lab_of(slurm, requeue=True)
    mark = tmp_path / "mark"
    words = f"echo begun; test -e '{mark}' || {{ touch '{mark}'; sleep 90; }}; echo done"
    handle = await lab.submit(shell(tmp_path, words))
    node = (await seen(lab, handle, JobState.RUNNING)).node
    said = Path(handle) / "job.out"
    await until(lambda: said.exists() and "begun" in said.read_text())
    slurm.lose(node)
    await seen(lab, handle, JobState.PENDING)
    assert (await over(lab, handle)).exit_code == 0
    again = b"\n[put back by the cluster and started again]\n"
    assert await lab.logs(handle) == b"begun\n" + again + b"begun\ndone\n"


async def test_a_job_that_is_told_to_end_and_put_back_has_not_ended(
    slurm: Slurm, tmp_path: Path
) -> None:
    lab = lab_of(slurm, requeue=True)
    mark = tmp_path / "mark"
    words = f"test -e '{mark}' || {{ echo begun; touch '{mark}'; sleep 90; }}; echo done"
    handle = await lab.submit(shell(tmp_path, words))
    await seen(lab, handle, JobState.RUNNING)
    await until(mark.exists)
    slurm.ask("scontrol", "requeue", job_number(handle))
    await seen(lab, handle, JobState.PENDING)
    status = await over(lab, handle)
    assert (status.exit_code, status.ended_by) == (0, Ending.ITSELF)


async def test_a_job_that_somebody_else_cancels_is_cancelled(
    lab: SlurmExecutor, tmp_path: Path, slurm: Slurm
) -> None:
    handle = await lab.submit(shell(tmp_path, "sleep 90"))
    await seen(lab, handle, JobState.RUNNING)
    slurm.ask("scancel", job_number(handle))
    status = await over(lab, handle)
    assert (status.state, status.ended_by) == (JobState.ENDED, Ending.CANCEL)


async def test_a_silent_controller_says_nothing_about_runs_and_gets_none_twice(
    lab: SlurmExecutor, tmp_path: Path, slurm: Slurm
) -> None:
    first, second = shell(tmp_path, "sleep 1; echo first"), shell(tmp_path, "echo second", 2)
    handle = await lab.submit(first)
    await seen(lab, handle, JobState.RUNNING)
    slurm.freeze_controller(True)
    try:
        # It takes the job, and nobody hears that.
        with pytest.raises(ExecutorUnreachable, match="no answer within 3 s"):
            await lab.submit(second)
        with pytest.raises(ExecutorUnreachable):
            await lab.cancel(handle)
    finally:
        slurm.freeze_controller(False)
    assert (await over(lab, handle)).state is JobState.ENDED
    other = await lab.submit(second)
    assert (await over(lab, other)).exit_code == 0
    assert await lab.logs(other) == b"second\n"
    states = jobs_of(slurm, second)
    assert states.count("COMPLETED") == 1
    assert {*states} <= {"COMPLETED", "CANCELLED"}


async def test_a_dead_controller_is_told_from_a_refusal(
    lab: SlurmExecutor, tmp_path: Path, slurm: Slurm
) -> None:
    handle = await lab.submit(shell(tmp_path, "sleep 3; echo done"))
    await seen(lab, handle, JobState.RUNNING)
    slurm.stop_controller()
    try:
        with pytest.raises(ExecutorUnreachable, match="does not answer"):
            await over(lab, handle)
        # Its own word is enough.
        deadline = time.monotonic() + PATIENCE
        status = None
        while status is None or status.state is not JobState.ENDED:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)
            try:
                status = (await lab.poll([handle])).get(handle)
            except ExecutorUnreachable:
                continue
        assert status.exit_code == 0
    finally:
        slurm.start_controller()


async def test_a_full_queue_takes_the_rest_later(
    lab: SlurmExecutor, tmp_path: Path, slurm: Slurm
) -> None:
    holder = await lab.submit(shell(tmp_path, "sleep 60"))
    await seen(lab, holder, JobState.RUNNING)
    wanted = shell(tmp_path, "echo later", 2)
    slurm.limit_queue(1)
    try:
        with pytest.raises(ExecutorBusy, match="the queue of 'lab' is full"):
            await lab.submit(wanted)
    finally:
        slurm.limit_queue(1000)
    assert (await over(lab, await lab.submit(wanted))).exit_code == 0
    assert jobs_of(slurm, wanted) == ["COMPLETED"]
    await lab.cancel(holder)


def test_a_wrong_table_is_told_with_its_place() -> None:
    with pytest.raises(SpecError, match=r"\[executors.lab\]: unknown key 'partion'"):
        executor("lab", {"lab": {"kind": "slurm", "partion": "gpu"}})
    with pytest.raises(SpecError, match="`kind` is one of: ray, slurm"):
        executor("lab", {"lab": {"kind": "moon"}})
