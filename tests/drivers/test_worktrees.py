import asyncio
import os
from pathlib import Path

import pytest

from command_center.domain.errors import (
    BranchExists,
    GitError,
    NoSuchRef,
    PathTaken,
)
from command_center.drivers.git import open_repository
from command_center.drivers.worktrees import Worktrees
from tests.gitrepo import (
    CLEAN,
    clone,
    isolate_git,
    make_repository,
    run_git,
    traces,
    write,
)


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate_git(monkeypatch)


async def test_a_worktree_stands_clean_on_its_new_branch(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    repo = await open_repository(root)
    made = await Worktrees().add(repo, tmp_path / "wt/ada", "agent/ada", "main")
    assert made.commit == run_git(root, "rev-parse", "main")
    assert run_git(made.path, "symbolic-ref", "HEAD") == "refs/heads/agent/ada"
    assert run_git(made.path, "status", "--porcelain") == ""
    assert (made.path / "src/part0/file0.txt").read_text() == "line one of 0\nline two\n"
    assert made.notes == ()


@pytest.mark.parametrize("attempt", range(3))
async def test_twenty_at_once_from_a_remote_branch_all_succeed(
    tmp_path: Path, attempt: int
) -> None:
    root = clone(make_repository(tmp_path, files=60), tmp_path / f"clone {attempt}")
    repo, worktrees = await open_repository(root), Worktrees()
    made = await asyncio.gather(
        *(worktrees.add(repo, tmp_path / f"wt/{n}", f"agent/{n}", "origin/main") for n in range(20))
    )
    assert {run_git(one.path, "status", "--porcelain") for one in made} == {""}
    assert "[branch" not in (root / ".git/config").read_text().replace('[branch "main"]', "")


async def test_two_processes_may_add_to_one_repository(tmp_path: Path) -> None:
    repo = await open_repository(make_repository(tmp_path))
    # Two objects share no asyncio lock, like two processes; only the file lock is between them.
    ours, theirs = Worktrees(), Worktrees()
    await asyncio.gather(
        *(ours.add(repo, tmp_path / f"a{n}", f"a{n}", "main") for n in range(8)),
        *(theirs.add(repo, tmp_path / f"b{n}", f"b{n}", "main") for n in range(8)),
    )
    assert run_git(Path(repo.root), "worktree", "list").count("\n") == 16


async def test_a_bare_repository_gets_worktrees(tmp_path: Path) -> None:
    bare = clone(make_repository(tmp_path), tmp_path / "shared.git", "--bare")
    made = await Worktrees().add(await open_repository(bare), tmp_path / "wt", "ada", "main")
    assert run_git(made.path, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    "name", ["with space", "ünï-日本", "#(touch x)", "-n", "a;b", "$(id)", "quote'\"d", "%s#{pane}"]
)
async def test_hostile_names_are_only_names(tmp_path: Path, name: str) -> None:
    repo = await open_repository(make_repository(tmp_path, name=f"repo {name}"))
    branch = "b/" + name.replace(" ", "_").replace("-n", "x-n")
    made = await Worktrees().add(repo, tmp_path / name, branch, "HEAD")
    assert run_git(made.path, "symbolic-ref", "HEAD") == f"refs/heads/{branch}"
    assert run_git(made.path, "status", "--porcelain") == ""


@pytest.mark.parametrize("branch", ["-b", "--force", "a..b", "a b", "", "x.lock", "@{1}"])
async def test_a_name_git_refuses_is_refused_and_leaves_nothing(
    tmp_path: Path, branch: str
) -> None:
    root = make_repository(tmp_path)
    with pytest.raises(GitError, match="git does not take this name"):
        await Worktrees().add(await open_repository(root), tmp_path / "wt", branch, "main")
    assert traces(root, tmp_path / "wt") == CLEAN


async def test_a_taken_branch_stays_and_the_next_free_name_is_told(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    run_git(root, "branch", "ada")
    run_git(root, "branch", "ada-2")
    with pytest.raises(BranchExists, match=r"branch 'ada' exists already; 'ada-3' is free"):
        await Worktrees().add(await open_repository(root), tmp_path / "wt", "ada", "main")
    assert traces(root, tmp_path / "wt") == (
        ["refs/heads/ada", "refs/heads/ada-2", "refs/heads/main"],
        [],
        False,
    )


@pytest.mark.parametrize(
    ("there", "wanted", "free"), [("fix", "fix/a", "fix-a"), ("fix/a", "fix", "fix-2")]
)
async def test_a_branch_that_cannot_stand_beside_another_is_refused(
    tmp_path: Path, there: str, wanted: str, free: str
) -> None:
    root = make_repository(tmp_path)
    run_git(root, "branch", there)
    with pytest.raises(BranchExists, match=f"'{free}' is free"):
        await Worktrees().add(await open_repository(root), tmp_path / "wt", wanted, "main")


async def test_a_taken_path_is_refused_and_left_alone(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    kept = write(tmp_path / "wt/mine.txt", "mine")
    with pytest.raises(PathTaken, match="exists already"):
        await Worktrees().add(await open_repository(root), tmp_path / "wt", "ada", "main")
    assert kept.read_text() == "mine"
    assert traces(root, tmp_path / "wt")[:2] == CLEAN[:2]


async def test_a_missing_worktree_that_git_knows_keeps_its_entry(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    run_git(root, "worktree", "add", "--quiet", "-b", "old", str(tmp_path / "wt"))
    (tmp_path / "wt").rename(tmp_path / "unmounted")
    with pytest.raises(PathTaken, match="git knows a worktree here"):
        await Worktrees().add(await open_repository(root), tmp_path / "wt", "ada", "main")
    assert traces(root, tmp_path / "wt") == (["refs/heads/main", "refs/heads/old"], ["wt"], False)


async def test_an_unknown_base_is_refused(tmp_path: Path) -> None:
    repo = await open_repository(make_repository(tmp_path))
    for base in ("nowhere", "1" * 40):
        with pytest.raises(NoSuchRef):
            await Worktrees().add(repo, tmp_path / "wt", "ada", base)
    assert traces(Path(repo.root), tmp_path / "wt") == CLEAN


async def test_a_name_too_long_for_the_system_is_refused(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    path = tmp_path / ("x" * 300)
    with pytest.raises(GitError, match="path too long; choose a shorter worktree root"):
        await Worktrees().add(await open_repository(root), path, "ada", "main")
    assert traces(root, tmp_path / "wt") == CLEAN


async def test_a_path_too_long_for_the_longest_file_is_refused(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    room = os.pathconf("/", "PC_PATH_MAX") - len(str(tmp_path)) - len("/src/part0/file0.txt")
    path = tmp_path / "/".join(["d" * 200] * (room // 201)) / ("e" * (room % 201))
    with pytest.raises(GitError, match="path too long"):
        await Worktrees().add(await open_repository(root), path, "ada", "main")
