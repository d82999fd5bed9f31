from pathlib import Path

import pytest

from command_center.domain.errors import GitError, WorktreeNotEmpty
from command_center.domain.model import Repo
from command_center.drivers.git import open_repository
from command_center.drivers.losses import Losses, losses
from command_center.drivers.worktrees import Worktrees
from tests.gitrepo import clone, commit, isolate_git, make_repository, run_git, write


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate_git(monkeypatch)


@pytest.fixture
async def repo(tmp_path: Path) -> Repo:
    root = make_repository(tmp_path)
    write(root / ".gitignore", "cache/\n.env\n")
    commit(root, "ignore")
    return await open_repository(root)


@pytest.fixture
async def tree(repo: Repo, tmp_path: Path) -> Path:
    return (await Worktrees().add(repo, tmp_path / "wt", "agent/ada", "main")).path


async def look(repo: Repo, tree: Path) -> Losses:
    return await losses(repo, tree, "agent/ada")


async def test_a_fresh_worktree_has_nothing_to_lose(repo: Repo, tree: Path) -> None:
    write(tree / "cache/built", "ignored files do not count")
    found = await look(repo, tree)
    assert found.is_empty
    found.refuse(tree)


async def test_changed_staged_and_deleted_files_are_losses(repo: Repo, tree: Path) -> None:
    write(tree / "src/part0/file0.txt", "changed")
    write(tree / "staged file", "new")
    run_git(tree, "add", "staged file")
    (tree / "src/part0/file1.txt").unlink()
    assert (await look(repo, tree)).uncommitted == (
        "M src/part0/file0.txt",
        "D src/part0/file1.txt",
        "A staged file",
    )


async def test_every_untracked_file_is_a_loss(repo: Repo, tree: Path) -> None:
    write(tree / "new/a", "")
    write(tree / "new/b\x1b[31m\n", "")
    assert (await look(repo, tree)).untracked == ("new/a", "new/b")


async def test_unmerged_commits_are_losses_newest_first(repo: Repo, tree: Path) -> None:
    one, two = commit(tree, "one"), commit(tree, "two \x1b]0;title\x07")
    assert (await look(repo, tree)).commits == (f"{two[:7]} two", f"{one[:7]} one")


@pytest.mark.parametrize("holder", ["branch", "tag"])
async def test_commits_that_another_ref_holds_are_no_loss(
    repo: Repo, tree: Path, holder: str
) -> None:
    commit(tree, "one")
    run_git(tree, holder, "elsewhere")
    assert (await look(repo, tree)).is_empty


async def test_pushed_commits_are_no_loss(repo: Repo, tree: Path, tmp_path: Path) -> None:
    bare = clone(Path(repo.root), tmp_path / "remote.git", "--bare")
    run_git(tree, "remote", "add", "origin", str(bare))
    commit(tree, "one")
    run_git(tree, "push", "--quiet", "origin", "HEAD")
    assert (await look(repo, tree)).is_empty


async def test_a_kept_ref_does_not_make_commits_safe(repo: Repo, tree: Path) -> None:
    commit(tree, "one")
    run_git(tree, "update-ref", "refs/command-center/kept/ada-1", "HEAD")
    assert len((await look(repo, tree)).commits) == 1


async def test_commits_on_a_detached_head_are_losses(repo: Repo, tree: Path) -> None:
    run_git(tree, "checkout", "--quiet", "--detach")
    commit(tree, "adrift")
    assert len((await losses(repo, tree, "agent/ada", keep_branch=True)).commits) == 1


async def test_a_commit_checked_out_elsewhere_is_no_loss(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    run_git(root, "checkout", "--quiet", "--detach")
    commit(root, "on no branch")
    repo = await open_repository(root)
    made = await Worktrees().add(repo, tmp_path / "wt", "ada", "HEAD")
    assert (await losses(repo, made.path, "ada")).is_empty


async def test_a_branch_that_stays_holds_its_commits(repo: Repo, tree: Path) -> None:
    commit(tree, "one")
    write(tree / "new", "")
    found = await losses(repo, tree, "agent/ada", keep_branch=True)
    assert (found.commits, found.untracked) == ((), ("new",))


async def test_a_branch_checked_out_elsewhere_stays(repo: Repo, tree: Path) -> None:
    commit(tree, "one")
    run_git(Path(repo.root), "checkout", "--quiet", "--ignore-other-worktrees", "agent/ada")
    assert (await look(repo, tree)).is_empty


async def test_a_branch_the_agent_made_itself_holds_its_commits(repo: Repo, tree: Path) -> None:
    run_git(tree, "checkout", "--quiet", "-b", "mine")
    commit(tree, "one")
    assert (await look(repo, tree)).is_empty


async def test_a_head_without_commits_can_be_looked_at(repo: Repo, tree: Path) -> None:
    run_git(tree, "checkout", "--quiet", "--orphan", "fresh")
    found = await look(repo, tree)
    assert found.uncommitted
    assert not found.commits


async def test_only_stashes_of_this_branch_are_losses(repo: Repo, tree: Path) -> None:
    for folder, message in ((Path(repo.root), "theirs"), (tree, "ours")):
        write(folder / "src/part0/file0.txt", message)
        run_git(folder, "stash", "push", "--quiet", "--message", message)
    assert (await look(repo, tree)).stashes == ("stash@{0} On agent/ada: ours",)


async def test_a_half_done_operation_is_a_loss(repo: Repo, tree: Path) -> None:
    run_git(tree, "bisect", "start")
    assert (await look(repo, tree)).operations == ("bisect",)


async def test_a_stopped_merge_is_a_loss(repo: Repo, tree: Path) -> None:
    for folder in (Path(repo.root), tree):
        write(folder / "src/part0/file0.txt", str(folder))
        commit(folder, "both")
    with pytest.raises(AssertionError):
        run_git(tree, "merge", "main")
    found = await look(repo, tree)
    assert (found.operations, found.uncommitted) == (("merge",), ("UU src/part0/file0.txt",))


async def test_a_repository_inside_with_its_own_commits_is_a_loss(repo: Repo, tree: Path) -> None:
    make_repository(tree / "cache", name="inner")
    assert (await look(repo, tree)).nested == (
        "cache/inner: has commits or stashes that no remote has",
    )


async def test_a_clean_clone_inside_is_no_loss_until_it_changes(repo: Repo, tree: Path) -> None:
    inner = clone(Path(repo.root), tree / "cache/clone")
    assert (await look(repo, tree)).is_empty
    write(inner / "new", "")
    assert (await look(repo, tree)).nested == ("cache/clone: has uncommitted or untracked files",)


async def test_a_worktree_inside_is_a_loss(repo: Repo, tree: Path) -> None:
    run_git(Path(repo.root), "worktree", "add", "-q", "-b", "in", str(tree / "cache/in"))
    assert (await look(repo, tree)).nested == ("cache/in: is a worktree of another repository",)


async def test_a_repository_that_cannot_be_read_is_a_loss(repo: Repo, tree: Path) -> None:
    write(tree / "cache/broken/.git", "gitdir: /nowhere/at/all\n")
    assert (await look(repo, tree)).nested == ("cache/broken: cannot be read by git",)


async def test_a_submodule_with_own_commits_is_a_loss(repo: Repo, tmp_path: Path) -> None:
    inner, root = make_repository(tmp_path, name="inner"), Path(repo.root)
    allow = ("-c", "protocol.file.allow=always")
    run_git(root, *allow, "submodule", "--quiet", "add", str(inner), "lib")
    commit(root, "with a submodule")
    tree = (await Worktrees().add(repo, tmp_path / "wt", "agent/ada", "main")).path
    run_git(tree, *allow, "submodule", "--quiet", "update", "--init")
    assert (await look(repo, tree)).is_empty
    run_git(tree / "lib", "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qm1",
            "--allow-empty")  # fmt: skip
    found = await look(repo, tree)
    assert found.nested == ("lib: has commits or stashes that no remote has",)
    assert found.uncommitted == ("M lib",)


async def test_a_failed_look_is_not_nothing_to_lose(repo: Repo, tree: Path) -> None:
    (tree / ".git").rename(tree / "git-is-gone")
    with pytest.raises(GitError):
        await look(repo, tree)


@pytest.mark.parametrize("held", ["garbage", "1" * 40])
async def test_a_broken_branch_is_not_nothing_to_lose(repo: Repo, tree: Path, held: str) -> None:
    run_git(tree, "checkout", "--quiet", "--detach")
    write(Path(repo.common_dir, "refs/heads/agent/ada"), f"{held}\n")
    with pytest.raises(GitError, match="refs/heads/agent/ada is broken"):
        await look(repo, tree)


async def test_a_missing_disk_is_not_nothing_to_lose(repo: Repo, tree: Path) -> None:
    with pytest.raises(GitError, match="is missing too"):
        await losses(repo, tree.parent / "unmounted/wt", "agent/ada")


async def test_of_a_deleted_folder_the_commits_count_still(repo: Repo, tree: Path) -> None:
    write(tree / "new", "")
    commit(tree, "one")
    tree.rename(tree.with_name("deleted"))
    found = await look(repo, tree)
    assert (len(found.commits), found.untracked, found.uncommitted) == (1, (), ())


async def test_a_folder_git_never_knew_is_not_nothing_to_lose(repo: Repo, tree: Path) -> None:
    with pytest.raises(GitError, match="not a worktree of project"):
        await losses(repo, tree.parent / "never", "agent/ada")


async def test_a_refusal_counts_and_lists(repo: Repo, tree: Path) -> None:
    write(tree / "a", "")
    write(tree / "b", "")
    one = commit(tree, "one")
    write(tree / "c", "")
    with pytest.raises(WorktreeNotEmpty, match="would lose 1 untracked, 1 unmerged") as refused:
        (await look(repo, tree)).refuse(tree)
    assert refused.value.losses == ("untracked: c", f"unmerged commit: {one[:7]} one")
