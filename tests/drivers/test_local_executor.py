"""Runs on this machine, with real processes."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import msgspec
import pytest

from command_center.domain.errors import LaunchError
from command_center.domain.runs import Demand, Devices, Ration
from command_center.drivers.executors import Ending, Job, JobState, JobStatus
from command_center.drivers.executors.local import LocalExecutor
from command_center.drivers.git import open_repository
from command_center.drivers.minder import minder_command
from tests.gitrepo import commit, isolate_git, make_repository, run_git, write

PATIENCE = 40.0


@pytest.fixture
def local() -> LocalExecutor:
    return LocalExecutor()


def job(folder: Path, *argv: str, ration: Ration | None = None, gib: float = 0.0) -> Job:
    return Job(
        id="R1.1",
        argv=argv,
        folder=str(folder / "R1" / "1"),
        place=str(folder),
        ration=ration or Ration(),
        demand=Demand(memory_gib=gib),
        devices=Devices(),
    )


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


async def ended(local: LocalExecutor, handle: str) -> JobStatus:
    deadline = time.monotonic() + PATIENCE
    while (status := (await local.poll([handle]))[handle]).state is JobState.RUNNING:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    return status


async def printed(local: LocalExecutor, handle: str, words: int) -> list[int]:
    deadline = time.monotonic() + PATIENCE
    while len(found := (await local.logs(handle)).split()) < words:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    return [int(word) for word in found]


def is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def gone(*pids: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while any(map(is_alive, pids)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


async def test_a_run_tells_its_exit_status_and_what_it_printed(
    local: LocalExecutor, tmp_path: Path
) -> None:
    handle = await local.submit(job(tmp_path, "sh", "-c", "echo out; echo err >&2; exit 3"))
    status = await ended(local, handle)
    assert (status.state, status.exit_code, status.ended_by) == (JobState.ENDED, 3, Ending.ITSELF)
    assert await local.logs(handle) == b"out\nerr\n"
    assert await local.logs(handle, 4) == b"err\n"


async def test_a_second_submit_starts_nothing(local: LocalExecutor, tmp_path: Path) -> None:
    wanted = job(tmp_path, "sh", "-c", "echo once")
    handles = await asyncio.gather(*(local.submit(wanted) for _ in range(3)))
    assert len(set(handles)) == 1
    await ended(local, handles[0])
    await local.submit(wanted)
    assert await local.logs(handles[0]) == b"once\n"


async def test_a_second_minder_starts_nothing(local: LocalExecutor, tmp_path: Path) -> None:
    handle = await local.submit(job(tmp_path, "sh", "-c", "echo once"))
    await ended(local, handle)
    late = await asyncio.create_subprocess_exec(*minder_command(handle))
    assert await late.wait() == 0
    assert await local.logs(handle) == b"once\n"


async def test_its_lease_reaches_a_run_in_its_environment(
    local: LocalExecutor, tmp_path: Path
) -> None:
    asked = "echo $CUDA_VISIBLE_DEVICES $OMP_NUM_THREADS $COMMAND_CENTER_RUN"
    wanted = msgspec.structs.replace(
        job(tmp_path, "sh", "-c", asked), devices=Devices(gpus=("1", "3"), cpus=2)
    )
    handle = await local.submit(wanted)
    await ended(local, handle)
    assert await local.logs(handle) == b"1,3 2 R1.1\n"


async def test_a_run_over_its_time_is_ended(local: LocalExecutor, tmp_path: Path) -> None:
    handle = await local.submit(job(tmp_path, "sleep", "60", ration=Ration(wall_s=0.3)))
    status = await ended(local, handle)
    assert (status.ended_by, status.exit_code) == (Ending.WALL, -signal.SIGTERM)


async def test_cpu_seconds_count_those_of_every_process_of_a_run(
    local: LocalExecutor, tmp_path: Path
) -> None:
    burn = "import os\nos.fork()\nwhile True: pass"
    handle = await local.submit(job(tmp_path, *python(burn), ration=Ration(cpu_s=0.5)))
    status = await ended(local, handle)
    assert status.ended_by is Ending.CPU
    assert 0.4 < status.cpu_s < 10


async def test_a_run_over_its_memory_is_ended(local: LocalExecutor, tmp_path: Path) -> None:
    hog = "import time\nkept = b'x' * (300 << 20)\ntime.sleep(60)"
    handle = await local.submit(job(tmp_path, *python(hog), gib=0.1))
    status = await ended(local, handle)
    assert status.ended_by is Ending.MEMORY
    assert status.peak_bytes > 100 << 20


async def test_a_cancelled_run_that_does_not_listen_is_killed(
    local: LocalExecutor, tmp_path: Path
) -> None:
    deaf = "trap '' TERM; echo $$; while :; do sleep 0.1; done"
    handle = await local.submit(job(tmp_path, "sh", "-c", deaf))
    [pid] = await printed(local, handle, 1)
    await local.cancel(handle)
    assert (await ended(local, handle)).ended_by is Ending.CANCEL
    assert not is_alive(pid)


async def test_nothing_that_a_run_leaves_behind_lives_on(
    local: LocalExecutor, tmp_path: Path
) -> None:
    # A process of another session, whose parent is gone.
    stray = "(setsid sleep 300 & echo $!) ; sleep 300 & echo $!; exit 0"
    handle = await local.submit(job(tmp_path, "sh", "-c", stray))
    assert (await ended(local, handle)).exit_code == 0
    assert not any(map(is_alive, await printed(local, handle, 2)))


async def test_a_run_whose_minder_is_killed_is_lost_and_ended(
    local: LocalExecutor, tmp_path: Path
) -> None:
    stray = "setsid sleep 300 & echo $$ $!; sleep 300"
    handle = await local.submit(job(tmp_path, "sh", "-c", stray))
    pids = await printed(local, handle, 2)
    told = msgspec.json.decode((Path(handle) / "started.json").read_bytes(), type=dict[str, float])
    os.kill(int(told["minder"]), signal.SIGKILL)
    assert (await ended(local, handle)).state is JobState.LOST
    gone(*pids)


async def test_a_command_that_is_not_there_says_so(local: LocalExecutor, tmp_path: Path) -> None:
    handle = await local.submit(job(tmp_path, "no-such-command"))
    assert (await ended(local, handle)).exit_code == 127
    assert b"no-such-command: No such file" in await local.logs(handle)


async def test_a_folder_that_is_not_there_is_refused(local: LocalExecutor, tmp_path: Path) -> None:
    wanted = msgspec.structs.replace(job(tmp_path, "true"), place=str(tmp_path / "none"))
    with pytest.raises(LaunchError, match="no such folder"):
        await local.submit(wanted)


async def test_what_a_run_leaves_in_its_checkout_is_kept(
    local: LocalExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolate_git(monkeypatch)
    root = make_repository(tmp_path)
    write(root / ".gitignore", "*.ckpt\n")
    first = commit(root, "ignore checkpoints")
    write(root / "src/part0/file0.txt", "newer\n")
    commit(root, "after it")
    work = (
        "cat src/part0/file0.txt; echo w > model.ckpt; mkdir plots; echo p > plots/a.svg;"
        "echo changed >> src/part0/file1.txt; echo c > new.txt; git add new.txt;"
        "git -c user.name=a -c user.email=a@b commit -qm made; echo s > staged.txt;"
        "git add staged.txt"
    )
    wanted = msgspec.structs.replace(
        job(tmp_path, "sh", "-c", work),
        repo=await open_repository(str(root)),
        commit=first,
        place="",
    )
    handle = await local.submit(wanted)
    assert (await ended(local, handle)).exit_code == 0
    for _ in range(2):
        await local.clear(wanted)
    outputs = Path(handle) / "outputs"
    assert (await local.logs(handle)).startswith(b"line one of 0\n")
    assert (outputs / "model.ckpt").read_text() == "w\n"
    assert (outputs / "plots/a.svg").read_text() == "p\n"
    assert (outputs / "src/part0/file1.txt").read_text().endswith("changed\n")
    kept = "refs/command-center/kept/runs/R1.1"
    assert run_git(root, "show", f"{kept}:new.txt") == "c"
    assert run_git(root, "show", f"{kept}:staged.txt") == "s"
    assert not (Path(handle) / "work").exists()
    assert len(run_git(root, "worktree", "list").splitlines()) == 1
    assert run_git(root, "branch", "--format=%(refname:short)") == "main"
