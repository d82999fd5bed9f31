import os
import shutil
from pathlib import Path

import pytest

from command_center.domain.errors import GitError
from command_center.domain.model import Diff, Repo
from command_center.drivers.diffstat import GitWatch, diff_stat, signature
from command_center.drivers.git import open_repository
from command_center.drivers.worktrees import Worktree, Worktrees, refresh_index
from tests.gitrepo import commit, isolate_git, make_repository, run_git, write


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate_git(monkeypatch)


@pytest.fixture
async def repo(tmp_path: Path) -> Repo:
    return await open_repository(make_repository(tmp_path))


@pytest.fixture
async def tree(repo: Repo, tmp_path: Path) -> Worktree:
    return await Worktrees().add(repo, tmp_path / "wt", "ada", "main")


@pytest.fixture
def spawned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One line for each git that is started from now on."""
    log = write(tmp_path / "spawned", "")
    real = shutil.which("git")
    script = f"#!/bin/sh\necho git >> '{log}'\nexec {real} \"$@\"\n"
    write(tmp_path / "bin/git", script).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return log


async def test_a_fresh_worktree_differs_in_nothing(tree: Worktree, spawned: Path) -> None:
    assert await diff_stat(tree.path, tree.commit) == Diff()
    assert spawned.read_text().count("git") == 1


async def test_committed_changed_and_untracked_are_counted(tree: Worktree, spawned: Path) -> None:
    write(tree.path / "src/part0/file0.txt", "one\nline two\nthree\n")
    commit(tree.path, "first")
    commit(tree.path, "second")
    write(tree.path / "src/part0/file1.txt", "")
    write(tree.path / "new/a\nb", "not counted\n")
    write(tree.path / "new/c", "")
    spawned.write_text("")
    assert await diff_stat(tree.path, tree.commit) == Diff(
        added=2, removed=3, files=4, uncommitted=3, ahead=2
    )
    assert spawned.read_text().count("git") == 2


async def test_binary_and_moved_files_count_as_files(tree: Worktree) -> None:
    (tree.path / "data.bin").write_bytes(bytes(range(256)))
    (tree.path / "src/part0/file0.txt").rename(tree.path / "moved.txt")
    commit(tree.path, "both")
    assert await diff_stat(tree.path, tree.commit) == Diff(files=2, ahead=1)


async def test_commits_are_counted_across_merges_and_repacks(repo: Repo, tree: Worktree) -> None:
    run_git(tree.path, "checkout", "--quiet", "-b", "side")
    commit(tree.path, "side")
    run_git(tree.path, "checkout", "--quiet", "ada")
    commit(tree.path, "ada")
    run_git(tree.path, "merge", "--quiet", "--no-edit", "side")
    assert (await diff_stat(tree.path, tree.commit)).ahead == 3
    run_git(Path(repo.root), "gc", "--quiet")
    assert (await diff_stat(tree.path, tree.commit)).ahead == 3


async def test_behind_the_base_nothing_is_ahead(repo: Repo, tree: Worktree) -> None:
    write(Path(repo.root) / "newer", "newer\n")
    newer = commit(Path(repo.root), "newer")
    assert await diff_stat(tree.path, newer) == Diff()


async def test_a_head_without_commits_has_files_only(tree: Worktree) -> None:
    run_git(tree.path, "checkout", "--quiet", "--orphan", "fresh")
    found = await diff_stat(tree.path, tree.commit)
    assert (found.ahead, found.uncommitted) == (0, 3)


async def test_a_look_does_not_write_the_index(tree: Worktree) -> None:
    os.utime(tree.path / "src/part0/file0.txt", (1, 1))
    before = signature(tree.path)
    assert await diff_stat(tree.path, tree.commit) == Diff()
    assert signature(tree.path) == before


async def test_a_worktree_that_is_gone_is_an_error(tree: Worktree) -> None:
    with pytest.raises(GitError):
        await diff_stat(tree.path.parent / "nowhere", tree.commit)


async def test_watching_starts_no_process(repo: Repo, tree: Worktree, spawned: Path) -> None:
    watch = GitWatch()
    assert watch.changed([tree.path, Path(repo.root)]) == {tree.path, Path(repo.root)}
    assert watch.changed([tree.path, Path(repo.root)]) == set()
    assert spawned.read_text() == ""


@pytest.mark.parametrize("does", ["stage", "commit", "move", "switch", "vanish"])
async def test_a_change_is_seen_once_and_of_one_worktree(
    repo: Repo, tree: Worktree, does: str
) -> None:
    watch, all_trees = GitWatch(), [tree.path, Path(repo.root)]
    watch.changed(all_trees)
    if does == "stage":
        write(tree.path / "new", "")
        run_git(tree.path, "add", "new")
    elif does == "commit":
        commit(tree.path, "empty")
    elif does == "move":
        other = run_git(tree.path, "commit-tree", "-m", "other", "HEAD^{tree}")
        run_git(tree.path, "update-ref", "HEAD", other)
    elif does == "switch":
        run_git(tree.path, "symbolic-ref", "HEAD", "refs/heads/main")
    else:
        tree.path.rename(tree.path.with_name("away"))
    assert watch.changed(all_trees) == {tree.path}
    assert watch.changed(all_trees) == set()


async def test_a_refreshed_index_is_not_read_file_by_file(tree: Worktree) -> None:
    before = signature(tree.path)
    os.utime(tree.path / "src/part0/file0.txt", (1, 1))
    await refresh_index(tree.path)
    assert signature(tree.path) != before
