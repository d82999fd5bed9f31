import asyncio
import fcntl
from pathlib import Path

import pytest

from command_center.domain.errors import GitError
from command_center.drivers import repolock
from command_center.drivers.git import git, open_repository
from command_center.drivers.repolock import RepositoryLocks
from tests.gitrepo import isolate_git, make_repository, run_git, until


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate_git(monkeypatch)


@pytest.mark.parametrize("others", [1, 2])
async def test_one_at_a_time_in_one_process_and_in_two(tmp_path: Path, others: int) -> None:
    repo = await open_repository(make_repository(tmp_path))
    # Two objects share nothing but the file, like two processes.
    locks = [RepositoryLocks() for _ in range(others)]
    inside: list[int] = []

    async def work(number: int) -> None:
        async with locks[number % others].held(repo):
            inside.append(number)
            await asyncio.sleep(0.002)
            assert inside == [number]
            inside.clear()

    await asyncio.gather(*(work(number) for number in range(10)))


async def test_the_lock_outlives_us_in_a_git_that_still_runs(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    repo, started = await open_repository(root), tmp_path / "started"
    run_git(root, "config", "alias.linger", f"!touch '{started}'; sleep 600; true")
    async with RepositoryLocks().held(repo) as descriptor:
        lingering = asyncio.create_task(git(root, "linger", pass_fds=(descriptor,), timeout=60))
        await until(started.exists)
    assert not _is_free(root)
    lingering.cancel()
    await asyncio.wait([lingering])
    await until(lambda: _is_free(root))


async def test_a_lock_held_for_too_long_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repolock, "PATIENCE", 0.05)
    repo = await open_repository(make_repository(tmp_path))
    async with RepositoryLocks().held(repo):
        with pytest.raises(GitError, match="another process has held this lock"):
            async with RepositoryLocks().held(repo):
                pass


def _is_free(root: Path) -> bool:
    with (root / ".git/command-center.lock").open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
