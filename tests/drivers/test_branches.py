from pathlib import Path

import pytest

from command_center.domain.errors import GitError
from command_center.domain.model import Repo
from command_center.drivers.branches import (
    begin_branch,
    changed_files,
    changes,
    commit_all,
    free_branch,
    merged,
)
from command_center.drivers.git import open_repository
from command_center.drivers.worktrees import Worktrees
from tests.gitrepo import commit, isolate_git, make_repository, run_git, write


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate_git(monkeypatch)


@pytest.fixture
async def repo(tmp_path: Path) -> Repo:
    return await open_repository(make_repository(tmp_path))


@pytest.fixture
async def path(repo: Repo, tmp_path: Path) -> Path:
    return (await Worktrees().add(repo, tmp_path / "wt", "ada", "main")).path


def branch_with(path: Path, name: str, file: str, text: str) -> None:
    run_git(path, "switch", "--quiet", "-c", name, "main")
    write(path / file, text)
    commit(path, f"write {file}")


async def test_everything_but_ignored_files_is_committed(path: Path) -> None:
    write(path / ".gitignore", "*.log\n")
    write(path / "new file.txt", "new\n")
    write(path / "build.log", "noise\n")
    (path / "src/part0/file0.txt").unlink()
    assert await commit_all(path, "leftovers")
    assert await changes(path) == []
    named = run_git(path, "show", "--name-status", "--format=%s", "HEAD").split("\n")
    assert named[0] == "leftovers"
    assert sorted(named[2:]) == ["A\t.gitignore", "A\tnew file.txt", "D\tsrc/part0/file0.txt"]


async def test_a_clean_worktree_gets_no_commit(path: Path) -> None:
    before = run_git(path, "rev-parse", "HEAD")
    assert not await commit_all(path, "nothing")
    assert run_git(path, "rev-parse", "HEAD") == before


async def test_no_hook_of_the_repository_stops_a_snapshot(repo: Repo, path: Path) -> None:
    hook = Path(repo.common_dir, "hooks", "pre-commit")
    write(hook, "#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    write(path / "a.txt", "a\n")
    assert await commit_all(path, "kept all the same")


async def test_a_worktree_moves_on_to_a_branch_from_another_base(repo: Repo, path: Path) -> None:
    branch_with(path, "tasks/t1", "one.txt", "one\n")
    start = await begin_branch(repo, path, "tasks/t2", ["main"])
    assert run_git(path, "symbolic-ref", "--short", "HEAD") == "tasks/t2"
    assert start == run_git(path, "rev-parse", "main")
    assert not (path / "one.txt").exists()


async def test_uncommitted_work_keeps_the_worktree_where_it_is(repo: Repo, path: Path) -> None:
    write(path / "draft.txt", "draft\n")
    with pytest.raises(GitError, match=r"uncommitted work .*draft\.txt"):
        await begin_branch(repo, path, "tasks/t2", ["main"])
    assert run_git(path, "symbolic-ref", "--short", "HEAD") == "ada"
    assert run_git(repo_root(repo), "branch", "--list", "tasks/t2") == ""


async def test_beginning_twice_changes_nothing(repo: Repo, path: Path) -> None:
    await begin_branch(repo, path, "tasks/t2", ["main"])
    write(path / "begun.txt", "work\n")
    assert await begin_branch(repo, path, "tasks/t2", ["main"])
    assert (path / "begun.txt").exists()


async def test_a_task_starts_from_all_that_it_needs(repo: Repo, path: Path) -> None:
    branch_with(path, "t1", "one.txt", "one\n")
    branch_with(path, "t2", "two.txt", "two\n")
    start = await begin_branch(repo, path, "t3", ["t1", "t2"])
    assert (path / "one.txt").exists()
    assert (path / "two.txt").exists()
    write(path / "three.txt", "three\n")
    commit(path, "three")
    assert await changed_files(path, start) == ("three.txt",)


async def test_of_two_bases_the_one_that_holds_the_other_is_enough(repo: Repo, path: Path) -> None:
    branch_with(path, "t1", "one.txt", "one\n")
    top = run_git(path, "rev-parse", "t1")
    assert await merged(repo, ["t1", "main"]) == top
    assert await merged(repo, ["main", "t1"]) == top


async def test_bases_that_contradict_each_other_are_named(repo: Repo, path: Path) -> None:
    branch_with(path, "t1", "same.txt", "one\n")
    branch_with(path, "t2", "same.txt", "two\n")
    run_git(path, "switch", "--quiet", "ada")
    with pytest.raises(GitError, match=r"contradict each other in same\.txt"):
        await begin_branch(repo, path, "t3", ["t1", "t2"])
    assert run_git(path, "symbolic-ref", "--short", "HEAD") == "ada"


async def test_a_taken_branch_name_gets_a_number(repo: Repo) -> None:
    run_git(repo_root(repo), "branch", "tasks/t1")
    assert await free_branch(repo, "tasks/t1") == "tasks/t1-2"
    assert await free_branch(repo, "tasks/t2") == "tasks/t2"


def repo_root(repo: Repo) -> Path:
    return Path(repo.root)


async def test_the_same_merge_is_the_same_commit_whenever_it_is_made(
    repo: Repo, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch_with(path, "t1", "one.txt", "one\n")
    branch_with(path, "t2", "two.txt", "two\n")
    made = await merged(repo, ["t1", "t2"])
    monkeypatch.setenv("GIT_COMMITTER_DATE", "@4102444800 +0000")
    assert await merged(repo, ["t1", "t2"]) == made


async def test_work_on_a_branch_that_was_begun_from_another_merge_is_told(
    repo: Repo, path: Path
) -> None:
    branch_with(path, "t1", "one.txt", "one\n")
    branch_with(path, "t2", "two.txt", "two\n")
    run_git(path, "switch", "--quiet", "-c", "t3", "t1")
    run_git(path, "merge", "--quiet", "-m", "by hand", "t2")
    write(path / "three.txt", "three\n")
    commit(path, "write three.txt")
    start = await begin_branch(repo, path, "t3", ["t1", "t2"])
    assert "three.txt" in await changed_files(path, start)
    assert "three.txt" in await changed_files(path, await merged(repo, ["t1", "t2"]))
