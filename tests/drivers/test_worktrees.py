import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_center.domain.errors import (
    BranchExists,
    DiskFull,
    GitError,
    NoSuchRef,
    PathTaken,
    WorktreeNotEmpty,
)
from command_center.drivers.git import open_repository
from command_center.drivers.worktrees import UNFINISHED, Worktrees, refresh_index
from tests.gitrepo import clone, commit, isolate_git, make_repository, run_git, until, write


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate_git(monkeypatch)


def traces(root: Path, path: Path) -> tuple[list[str], list[str], bool]:
    """What `add` could leave behind: branches, git's entries, the folder."""
    common = Path(run_git(root, "rev-parse", "--path-format=absolute", "--git-common-dir"))
    entries = sorted(entry.name for entry in common.glob("worktrees/*"))
    heads = run_git(root, "for-each-ref", "--format=%(refname)", "refs/heads").splitlines()
    return heads, entries, os.path.lexists(path)


CLEAN: tuple[list[str], list[str], bool] = (["refs/heads/main"], [], False)


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
    options = ("--quiet", "--no-checkout", "--lock", "--reason", UNFINISHED, "-b", "ada")
    run_git(root, "worktree", "add", *options, str(path))
    assert await Worktrees().clear_unfinished(repo, path, "ada")
    assert traces(root, path) == CLEAN


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
