"""Runs as one file, carried out where nothing of ours is, and heard by what they print."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from command_center.domain.runs import Demand, Ration
from command_center.drivers.executors import Ending, Job, JobState
from command_center.drivers.executors.bundle import code, packed
from command_center.drivers.executors.channel import Heard, hear, heard, status_of
from command_center.drivers.git import open_repository
from tests.gitrepo import commit, isolate_git, make_repository, run_git, until, write

KEY = "k3y"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    isolate_git(monkeypatch)
    return make_repository(tmp_path)


async def job_of(
    repo: Path | None, folder: Path, *argv: str, ration: Ration | None = None, gib: float = 0.0
) -> Job:
    known = await open_repository(repo) if repo else None
    tip = run_git(repo, "rev-parse", "HEAD") if repo else ""
    demand, folder = Demand(memory_gib=gib), folder / "R1" / "1"
    folder.mkdir(parents=True)
    return Job(
        "R1.1",
        argv,
        str(folder),
        {"A": "a"},
        known,
        tip,
        "" if repo else str(folder),
        demand,
        ration or Ration(),
    )


async def started(job: Job, *, most: int = 1 << 20, path: str = "") -> "subprocess.Popen[bytes]":
    """On the machine of the run, as it were: a folder of its own, none of our modules."""
    there = Path(job.folder) / "there"
    there.mkdir()
    archive = there / "job.pyz"
    archive.write_bytes(await packed(job, KEY, has_gpus=False, most_bytes=most))
    return launched(archive, Path(job.folder) / "said", path or os.environ["PATH"])


def launched(archive: Path, said: Path, path: str) -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-I", "-S", str(archive), str(archive.parent / "folder")]
    with said.open("wb") as opened:
        return subprocess.Popen(words, stdout=opened, cwd="/", env={"PATH": path})


async def carried_out(job: Job, *, most: int = 1 << 20) -> Heard:
    assert (await started(job, most=most)).wait(40) == 0
    folder = Path(job.folder)
    return hear(folder, KEY, (folder / "said").read_bytes())


def log_of(job: Job) -> str:
    return (Path(job.folder) / "log.txt").read_text()


async def test_a_run_elsewhere_has_its_commit_and_brings_back_what_it_made(
    repo: Path, tmp_path: Path
) -> None:
    write(
        repo / "train.sh",
        'cat src/part0/file0.txt; echo $A $SEED > made; mkdir d; echo x > "d/ß y"',
    )
    write(repo / ".gitignore", "d\n")
    commit(repo, "train")
    write(repo / "train.sh", "not committed")
    job = await job_of(repo, tmp_path, "sh", "train.sh")
    status = status_of(await carried_out(job))
    assert status is not None
    assert (status.state, status.exit_code, status.ended_by) == (JobState.ENDED, 0, Ending.ITSELF)
    assert log_of(job) == "line one of 0\nline two\n"
    outputs = Path(job.folder) / "outputs"
    made = {str(f.relative_to(outputs)): f.read_text() for f in outputs.rglob("*") if f.is_file()}
    assert made == {"made": "a\n", "d/ß y": "x\n"}
    assert not (Path(job.folder) / "there" / "folder").exists()


async def test_what_came_before_the_commit_stays_at_home(repo: Path, tmp_path: Path) -> None:
    write(repo / "big", os.urandom(1 << 20).hex())
    commit(repo, "big")
    (repo / "big").unlink()
    tip = commit(repo, "small again")
    assert len(await code(await open_repository(repo), tip)) < 10_000
    job = await job_of(repo, tmp_path, "git", "log", "--format=%H %s")
    await carried_out(job)
    assert log_of(job) == f"{tip} small again\n"


async def test_new_commits_come_back_as_a_bundle(repo: Path, tmp_path: Path) -> None:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    job = await job_of(repo, tmp_path, "git", *who, "commit", "--allow-empty", "-qm", "by a run")
    await carried_out(job)
    bundle = Path(job.folder) / "outputs" / "commits.bundle"
    run_git(repo, "fetch", "--quiet", str(bundle), "HEAD:refs/kept")
    assert run_git(repo, "log", "-1", "--format=%s %P", "refs/kept") == f"by a run {job.commit}"


async def test_limits_hold_elsewhere_too(repo: Path, tmp_path: Path) -> None:
    job = await job_of(repo, tmp_path, "sleep", "60", ration=Ration(wall_s=0.3))
    end = (await carried_out(job)).end
    assert end is not None
    assert end.ended_by is Ending.WALL


async def test_a_gentle_signal_ends_the_run_and_its_end_is_told(tmp_path: Path) -> None:
    job = await job_of(None, tmp_path, "sh", "-c", "echo $$; sleep 60")
    process, said = await started(job), Path(job.folder) / "said"
    await until(lambda: b"now {" in said.read_bytes())
    process.send_signal(signal.SIGTERM)
    assert process.wait(40) == 0
    end = hear(Path(job.folder), KEY, said.read_bytes()).end
    assert end is not None
    assert end.ended_by is Ending.CANCEL


async def test_nothing_of_a_run_outlives_the_other_signal(tmp_path: Path) -> None:
    job = await job_of(None, tmp_path, "sh", "-c", "echo $$; sleep 60 & wait")
    process, folder = await started(job), Path(job.folder)
    await until(lambda: b"now {" in (folder / "said").read_bytes())
    hear(folder, KEY, (folder / "said").read_bytes())
    child = int(log_of(job))
    process.kill()
    process.wait(40)
    await until(lambda: not Path(f"/proc/{child}").exists())


async def test_what_is_too_much_to_come_back_is_kept_and_named(tmp_path: Path) -> None:
    made = (
        'import os; open(os.environ["COMMAND_CENTER_OUTPUTS"] + "/w", "wb").write(os.urandom(9000))'
    )
    job = await job_of(None, tmp_path, sys.executable, "-c", made)
    await carried_out(job, most=1000)
    there = Path(job.folder) / "there" / "folder"
    assert f"what it made is still in {there}" in log_of(job)
    assert (there / "outputs" / "w").stat().st_size == 9000


SAID = (
    b'@k3y start {"node": "n1", "at": 1.0, "job": "7"}\none\nt'
    b'wo\n@k3y now {"wall_s": 1.0, "cpu_s": 0.5, "memory_bytes": 9}\nthree\rfour'
)


def test_output_is_heard_the_same_in_whatever_pieces_it_comes(tmp_path: Path) -> None:
    for number in range(1, len(SAID)):
        folder = tmp_path / str(number)
        folder.mkdir()
        for end in (number, len(SAID)):
            hear(folder, KEY, SAID[heard(folder).offset : end])
        assert (folder / "log.txt").read_bytes() == b"one\ntwo\nthree\rfour"
        status = status_of(heard(folder))
        assert status is not None
        assert (status.state, status.node, status.cpu_s) == (JobState.RUNNING, "n1", 0.5)


def test_a_run_that_is_started_anew_says_everything_again(tmp_path: Path) -> None:
    end = b'@k3y end {"exit_code": -15, "ended_by": "cancel", "wall_s": 1, "cpu_s": 1,'
    end += b' "peak_bytes": 1, "cpu_pressure": 0, "steal": 0, "clock": 1}\n'
    torn = SAID + b"\n" + end + b"@k3y part AAA"
    again = b'\n@k3y start {"node": "n2", "at": 2.0, "job": "7"}\none\n'
    hear(tmp_path, KEY, torn + again)
    log = (tmp_path / "log.txt").read_bytes()
    assert log == b"one\ntwo\nthree\rfour\n[put back by the cluster and started again]\none\n"
    status = status_of(heard(tmp_path))
    assert status is not None
    assert (status.node, status.wall_s) == ("n2", 0.0)


async def test_a_node_without_git_says_so_in_the_log(repo: Path, tmp_path: Path) -> None:
    job = await job_of(repo, tmp_path, "true")
    assert (await started(job, path=str(tmp_path))).wait(40) == 0
    said = Path(job.folder) / "said"
    end = hear(Path(job.folder), KEY, said.read_bytes()).end
    assert end is not None
    assert end.exit_code == 127
    assert "'git'" in log_of(job)
    assert not (Path(job.folder) / "there" / "folder").exists()
