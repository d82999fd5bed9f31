import asyncio
import os
from pathlib import Path

import pytest

from command_center.domain.errors import DiskFull, GitError, NoCommits, NotARepository
from command_center.drivers.git import Completed, failure, git, open_repository, uncommitted_count
from command_center.drivers.refs import branches
from tests.gitrepo import clone, isolate_git, make_repository, run_git, until, write


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate_git(monkeypatch)


async def test_a_repository_opens_from_a_folder_in_it(tmp_path: Path) -> None:
    root = make_repository(tmp_path, name="my project")
    repo = await open_repository(root / "src")
    assert (repo.root, repo.name, repo.is_bare) == (str(root), "my project", False)
    assert repo.common_dir == str(root / ".git")


async def test_a_linked_worktree_opens_as_its_main_checkout(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    run_git(root, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    assert await open_repository(tmp_path / "side") == await open_repository(root)


async def test_the_git_folder_itself_opens_as_the_checkout(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    assert await open_repository(root / ".git") == await open_repository(root)


async def test_a_link_to_a_repository_is_the_same_repository(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    (tmp_path / "link").symlink_to(root)
    assert (await open_repository(tmp_path / "link")).id == (await open_repository(root)).id


async def test_a_bare_repository_opens(tmp_path: Path) -> None:
    bare = clone(make_repository(tmp_path), tmp_path / "shared.git", "--bare")
    repo = await open_repository(bare)
    assert (repo.root, repo.name, repo.is_bare) == (str(bare), "shared", True)
    assert await uncommitted_count(repo) == 0


async def test_a_bare_folder_behind_a_git_file_is_named_after_its_parent(tmp_path: Path) -> None:
    source = make_repository(tmp_path)
    (tmp_path / "web").mkdir()
    clone(source, tmp_path / "web/.bare", "--bare")
    write(tmp_path / "web/.git", "gitdir: ./.bare\n")
    repo = await open_repository(tmp_path / "web")
    assert (repo.name, repo.is_bare) == ("web", True)


async def test_a_worktree_of_a_bare_repository_opens_as_the_bare_one(tmp_path: Path) -> None:
    bare = clone(make_repository(tmp_path), tmp_path / "shared.git", "--bare")
    run_git(bare, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    assert await open_repository(tmp_path / "side") == await open_repository(bare)


async def test_a_submodule_opens_as_its_own_checkout(tmp_path: Path) -> None:
    inner = make_repository(tmp_path, name="inner")
    root = make_repository(tmp_path)
    run_git(root, "-c", "protocol.file.allow=always", "submodule", "add", str(inner), "lib")
    repo = await open_repository(root / "lib")
    assert (repo.root, repo.name) == (str(root / "lib"), "lib")
    run_git(root / "lib", "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    assert await open_repository(tmp_path / "side") == repo


async def test_a_plain_folder_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(NotARepository, match="not a git repository; run `git init`"):
        await open_repository(tmp_path)


async def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotARepository, match="no such folder"):
        await open_repository(tmp_path / "nowhere")


async def test_a_repository_without_commits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoCommits, match="no commits yet"):
        await open_repository(make_repository(tmp_path, files=0))


async def test_another_users_repository_is_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_repository(tmp_path)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(GitError, match=r"belongs to another user.*safe\.directory") as refused:
        await open_repository(root)
    assert "\n" not in str(refused.value)


async def test_git_variables_of_our_caller_do_not_mislead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_repository(tmp_path)
    other = make_repository(tmp_path, name="other")
    run_git(other, "branch", "only-there")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "nothing"))
    repo = await open_repository(root)
    assert repo.root == str(root)
    assert await branches(repo) == ["main"]


async def test_a_worktree_that_is_half_made_stands_in_nobodys_way(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    run_git(root, "worktree", "add", "--quiet", "-b", "half", str(tmp_path / "half"))
    # What git itself writes there for an instant.
    write(root / ".git/worktrees/half/HEAD", "0" * 40 + "\n")
    assert (await open_repository(root)).root == str(root)


async def test_uncommitted_changes_are_counted(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    write(root / "src/part0/file0.txt", "changed")
    write(root / "new one.txt", "new")
    assert await uncommitted_count(await open_repository(root)) == 2


async def test_a_missing_git_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="git: not found on PATH"):
        await git(tmp_path, "version")


async def test_too_long_a_run_is_ended_and_said_so(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    _alias_that_hangs(root, tmp_path / "pid")
    with pytest.raises(GitError, match=r"git hang took more than 2 s"):
        await git(root, "hang", timeout=2)
    await until(lambda: not _is_running(int((tmp_path / "pid").read_text())))


async def test_cancelling_ends_the_process_and_its_children(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    _alias_that_hangs(root, tmp_path / "pid")
    running = asyncio.create_task(git(root, "hang"))
    await until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await until(lambda: not _is_running(int((tmp_path / "pid").read_text())))


def test_a_full_disk_is_told_from_other_failures() -> None:
    said = "error: unable to write file a: No space left on device\nfatal: cannot go on"
    assert isinstance(failure("/x", ("checkout",), Completed(128, b"", said)), DiskFull)


def test_a_failure_is_one_plain_line() -> None:
    said = "hint: noise\nfatal: bad \x1b[31mthing\nerror: and more\n"
    error = failure("/x", ("checkout",), Completed(128, b"", said))
    assert str(error) == "/x: git checkout failed: fatal: bad thing; error: and more"


def _alias_that_hangs(root: Path, pid_file: Path) -> None:
    run_git(root, "config", "alias.hang", f"!echo $$ > '{pid_file}'; sleep 600; true")


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
