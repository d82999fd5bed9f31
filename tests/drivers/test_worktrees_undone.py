import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_center.domain.errors import (
    BranchExists,
    DiskFull,
    GitError,
    WorktreeNotEmpty,
)
from command_center.drivers.git import open_repository
from command_center.drivers.worktrees import UNFINISHED, Worktrees, refresh_index
from tests.gitrepo import (
    CLEAN,
    commit,
    isolate_git,
    make_repository,
    run_git,
    traces,
    until,
    write,
)


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate_git(monkeypatch)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "tiny"
    folder.mkdir()
    options = ("-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder))
    if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system takes root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, tiny_disk: Path) -> None:
    root = make_repository(tmp_path)
    write(root / "big.bin", os.urandom(300_000).hex())
    commit(root, "big")
    with pytest.raises(DiskFull, match="the disk is full"):
        await Worktrees().add(await open_repository(root), tiny_disk / "wt", "ada", "main")
    assert traces(root, tiny_disk / "wt") == CLEAN


async def test_a_folder_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    write(tmp_path / "file", "not a folder")
    with pytest.raises(GitError):
        await Worktrees().add(await open_repository(root), tmp_path / "file/wt", "ada", "main")
    assert traces(root, tmp_path / "file/wt") == CLEAN


async def test_a_failing_checkout_leaves_nothing(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    write(root / ".gitattributes", "*.txt filter=broken\n")
    commit(root, "attributes")
    run_git(root, "config", "filter.broken.smudge", "false")
    run_git(root, "config", "filter.broken.required", "true")
    with pytest.raises(GitError, match="git checkout failed"):
        await Worktrees().add(await open_repository(root), tmp_path / "wt", "ada", "main")
    assert traces(root, tmp_path / "wt") == CLEAN


async def test_one_failure_among_many_harms_no_other(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    run_git(root, "branch", "agent-3")
    repo, worktrees = await open_repository(root), Worktrees()
    made = await asyncio.gather(
        *(worktrees.add(repo, tmp_path / f"wt{n}", f"agent-{n}", "main") for n in range(6)),
        return_exceptions=True,
    )
    assert [isinstance(one, BranchExists) for one in made] == [n == 3 for n in range(6)]
    assert traces(root, tmp_path / "wt3")[1:] == ([f"wt{n}" for n in (0, 1, 2, 4, 5)], False)


@pytest.mark.parametrize("sign", ["folder", "entry", "checkout"])
async def test_cancelled_midway_it_leaves_nothing(tmp_path: Path, sign: str) -> None:
    root = make_repository(tmp_path)
    write(root / ".gitattributes", "*.txt filter=slow\n")
    commit(root, "attributes")
    reached = tmp_path / "reached"
    run_git(root, "config", "filter.slow.smudge", f"touch '{reached}'; sleep 600; cat")
    awaited = {"folder": tmp_path / "wt", "entry": root / ".git/worktrees", "checkout": reached}
    adding = asyncio.create_task(
        Worktrees().add(await open_repository(root), tmp_path / "wt", "ada", "main")
    )
    await until(awaited[sign].exists, pause=0)
    adding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await adding
    assert traces(root, tmp_path / "wt") == CLEAN


async def test_what_a_killed_add_left_is_cleared(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    repo, path = await open_repository(root), tmp_path / "wt"
    reason = f"{UNFINISHED} {run_git(root, 'rev-parse', 'main')}"
    options = ("--quiet", "--no-checkout", "--lock", "--reason", reason, "-b", "ada")
    run_git(root, "worktree", "add", *options, str(path))
    assert await Worktrees().clear_unfinished(repo, path, "ada")
    assert traces(root, path) == CLEAN


async def test_a_clearing_that_was_killed_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = await open_repository(make_repository(tmp_path))
    made = await Worktrees().add(repo, tmp_path / "wt", "ada", "main", is_ready=False)

    remove = shutil.rmtree

    def killed(path: Path) -> None:
        if path == made.path:
            raise OSError("killed before its files were gone")
        remove(path)

    with monkeypatch.context() as patched:
        patched.setattr("shutil.rmtree", killed)
        with pytest.raises(OSError, match="killed"):
            await Worktrees().clear_unfinished(repo, made.path, "ada")
    assert await Worktrees().clear_unfinished(repo, made.path, "ada")
    assert traces(Path(repo.root), made.path) == CLEAN


async def test_until_it_is_finished_what_is_put_there_is_cleared_with_it(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    repo, worktrees = await open_repository(root), Worktrees()
    made = await worktrees.add(repo, tmp_path / "wt", "ada", "main", is_ready=False)
    write(made.path / "installed", "by a setup command")
    await worktrees.abandon(repo, made)
    assert traces(root, made.path) == CLEAN


async def test_a_commit_made_before_it_was_finished_keeps_its_branch(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    repo, worktrees = await open_repository(root), Worktrees()
    made = await worktrees.add(repo, tmp_path / "wt", "ada", "main", is_ready=False)
    tip = commit(made.path, "by a setup command")
    assert await worktrees.clear_unfinished(repo, made.path, "ada")
    assert run_git(root, "rev-parse", "ada") == tip


async def test_once_finished_it_is_not_cleared(tmp_path: Path) -> None:
    repo, worktrees = await open_repository(make_repository(tmp_path)), Worktrees()
    made = await worktrees.add(repo, tmp_path / "wt", "ada", "main", is_ready=False)
    worktrees.finish(repo, made.path)
    assert not await worktrees.clear_unfinished(repo, made.path, "ada")


async def test_a_finished_worktree_is_never_cleared(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    repo, worktrees = await open_repository(root), Worktrees()
    made = await worktrees.add(repo, tmp_path / "wt", "ada", "main")
    assert not await worktrees.clear_unfinished(repo, made.path, "ada")
    assert not await worktrees.clear_unfinished(repo, tmp_path / "nowhere", "ada")
    assert (made.path / "src").is_dir()


async def test_prune_and_remove_by_others_leave_it_alone(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    made = await Worktrees().add(await open_repository(root), tmp_path / "wt", "ada", "main")
    with pytest.raises(AssertionError, match="command-center remove"):
        run_git(root, "worktree", "remove", "--force", str(made.path))
    made.path.rename(tmp_path / "away")
    run_git(root, "worktree", "prune")
    assert traces(root, made.path)[1] == ["wt"]


async def test_an_abandoned_worktree_is_gone(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    run_git(root, "checkout", "--quiet", "--detach")
    commit(root, "on no branch")
    repo, worktrees = await open_repository(root), Worktrees()
    made = await worktrees.add(repo, tmp_path / "wt", "ada", "HEAD")
    await worktrees.abandon(repo, made)
    assert traces(root, made.path) == CLEAN


async def test_a_worktree_with_work_in_it_is_not_abandoned(tmp_path: Path) -> None:
    repo, worktrees = await open_repository(make_repository(tmp_path)), Worktrees()
    made = await worktrees.add(repo, tmp_path / "wt", "ada", "HEAD")
    commit(made.path, "work after all")
    with pytest.raises(WorktreeNotEmpty):
        await worktrees.abandon(repo, made)
    assert run_git(made.path, "log", "-1", "--format=%s") == "work after all"


async def test_the_post_checkout_hook_runs_as_git_would_run_it(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    hook = write(root / ".git/hooks/post-checkout", "#!/bin/sh\necho $1 $2 $3 > seen\nexit 3\n")
    hook.chmod(0o755)
    made = await Worktrees().add(await open_repository(root), tmp_path / "wt", "ada", "main")
    assert (made.path / "seen").read_text() == f"{'0' * 40} {made.commit} 1\n"
    assert made.notes == ("the post-checkout hook failed (exit status 3)",)


async def test_submodules_are_noted(tmp_path: Path) -> None:
    inner, root = make_repository(tmp_path, name="inner"), make_repository(tmp_path)
    run_git(root, "-c", "protocol.file.allow=always", "submodule", "add", str(inner), "lib")
    commit(root, "with a submodule")
    made = await Worktrees().add(await open_repository(root), tmp_path / "wt", "ada", "main")
    assert made.notes == ("submodules are not initialised; a setup command can do it",)


async def test_refreshing_writes_the_index_once(tmp_path: Path) -> None:
    made = await Worktrees().add(
        await open_repository(make_repository(tmp_path)), tmp_path / "wt", "ada", "main"
    )
    os.utime(made.path / "src/part0/file0.txt", (1, 1))
    assert run_git(made.path, "diff-files") != ""
    await refresh_index(made.path)
    assert run_git(made.path, "diff-files") == ""
