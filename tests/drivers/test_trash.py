import asyncio
import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest

from command_center.domain.errors import BranchExists, GitError, PathTaken, WorktreeNotEmpty
from command_center.domain.model import Repo
from command_center.drivers.git import open_repository
from command_center.drivers.losses import losses
from command_center.drivers.trash import trashed_in
from command_center.drivers.trash_steps import RESTORE_STEPS, TRASH_STEPS, Trashed
from command_center.drivers.worktrees import Worktree, Worktrees
from tests.gitrepo import clone, commit, isolate_git, make_repository, run_git, write


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate_git(monkeypatch)


@dataclass(frozen=True)
class House:
    """One repository with a pushed agent branch that has a history worth keeping."""

    repo: Repo
    tree: Path
    bin: Path
    worktrees: Worktrees

    async def trash(self, *, keep_branch: bool = False) -> Trashed:
        return await self.worktrees.trash(
            self.repo, self.tree, "agent/ada", self.bin, "ada-1f", keep_branch=keep_branch
        )

    async def restore(self, trashed: Trashed) -> Worktree:
        return await self.worktrees.restore(self.repo, trashed)

    def print(self) -> dict[str, object]:
        """A fingerprint of all that a removal touches."""
        common = Path(self.repo.common_dir)
        return {
            "files": fingerprint(self.tree),
            "entry": fingerprint(common / "worktrees/wt"),
            "logs": fingerprint(common / "logs/refs/heads"),
            "refs": run_git(Path(self.repo.root), "for-each-ref"),
            "config": run_git(Path(self.repo.root), "config", "--local", "--list"),
            "status": run_git(self.tree, "status", "--porcelain=v2", "--branch", "--ignored"),
            "reflog": run_git(self.tree, "reflog", "agent/ada"),
        }

    def branches(self) -> list[str]:
        listed = run_git(Path(self.repo.root), "for-each-ref", "--format=%(refname)")
        return [ref for ref in listed.splitlines() if "remotes" not in ref]


def fingerprint(folder: Path) -> dict[str, tuple[object, ...]]:
    """Type, mode, time and content of everything below `folder`."""
    found: dict[str, tuple[object, ...]] = {}
    for file in sorted([folder, *folder.rglob("*")]):
        stat = file.lstat()
        held = str(file.readlink()) if file.is_symlink() else ""
        if file.is_file() and not file.is_symlink():
            held = hashlib.sha256(file.read_bytes()).hexdigest()
        name = str(file.relative_to(folder))
        found[name] = (stat.st_mode, stat.st_mtime_ns if held else 0, held)
    return found


@pytest.fixture
async def house(tmp_path: Path) -> House:
    source = make_repository(tmp_path, name="source")
    write(source / ".gitignore", "cache/\n")
    commit(source, "ignore")
    remote = clone(source, tmp_path / "remote.git", "--bare")
    root = clone(remote, tmp_path / "project")
    repo, worktrees = await open_repository(root), Worktrees()
    tree = (await worktrees.add(repo, tmp_path / "trees/wt", "agent/ada", "main")).path
    write(tree / "tool.sh", "#!/bin/sh\n").chmod(0o755)
    (tree / "link").symlink_to("tool.sh")
    commit(tree, "work")
    run_git(tree, "push", "--quiet", "--set-upstream", "origin", "agent/ada")
    run_git(tree, "update-ref", "refs/worktree/mark", "HEAD")
    write(tree / "cache/ünï built", "ignored").chmod(0o600)
    os.utime(tree / "cache/ünï built", (1000, 1000))
    return House(repo, tree, tmp_path / "trash", worktrees)


async def test_a_removed_worktree_is_gone_but_for_the_kept_ref(house: House) -> None:
    tip = run_git(house.tree, "rev-parse", "HEAD")
    trashed = await house.trash()
    assert not house.tree.exists()
    assert house.branches() == ["refs/command-center/kept/ada-1f-1", "refs/heads/main"]
    assert run_git(Path(house.repo.root), "rev-parse", trashed.kept_ref) == tip
    assert "agent/ada" not in Path(house.repo.common_dir, "config").read_text()
    assert run_git(Path(house.repo.root), "worktree", "list").count("\n") == 0
    assert trashed_in(house.bin) == [trashed]


async def test_undo_restores_branch_and_files_bit_for_bit(house: House) -> None:
    before = house.print()
    back = await house.restore(await house.trash())
    assert house.print() == before
    assert (back.path, back.branch) == (house.tree, "agent/ada")
    assert list(house.bin.iterdir()) == []
    assert list(Path(house.repo.common_dir, "command-center-trash").iterdir()) == []


async def test_the_record_survives_being_stored(house: House) -> None:
    stored = msgspec.to_builtins(await house.trash())
    before = house.bin
    await house.restore(msgspec.convert(stored, Trashed))
    assert list(before.iterdir()) == []


async def test_work_is_refused_with_a_list_and_nothing_changes(house: House) -> None:
    write(house.tree / "new", "")
    before = house.print()
    with pytest.raises(WorktreeNotEmpty) as refused:
        await house.trash()
    assert refused.value.losses == ("untracked: new",)
    assert house.print() == before
    assert not house.bin.exists()


async def test_a_kept_branch_stays_with_its_unmerged_commits(house: House) -> None:
    commit(house.tree, "not pushed")
    before = house.print()
    with pytest.raises(WorktreeNotEmpty):
        await house.trash()
    trashed = await house.trash(keep_branch=True)
    assert "refs/heads/agent/ada" in house.branches()
    await house.restore(trashed)
    assert house.print() == before


async def test_a_branch_that_is_checked_out_elsewhere_stays(house: House) -> None:
    root = Path(house.repo.root)
    run_git(root, "checkout", "--quiet", "--ignore-other-worktrees", "agent/ada")
    trashed = await house.trash()
    assert trashed.is_branch_kept
    assert run_git(root, "status", "--porcelain") == ""


async def test_a_second_removal_keeps_a_second_ref(house: House) -> None:
    first = await house.trash()
    made = await house.worktrees.add(house.repo, house.tree, "agent/ada", "main")
    second = await house.trash()
    assert made.path == house.tree
    assert [first.kept_ref[-4:], second.kept_ref[-4:]] == ["1f-1", "1f-2"]
    assert {first.kept_ref, second.kept_ref} <= set(house.branches())


async def test_removing_again_answers_the_same(house: House) -> None:
    assert await house.trash() == await house.trash()


async def test_restoring_again_changes_nothing(house: House) -> None:
    before, trashed = house.print(), await house.trash()
    await house.restore(trashed)
    await house.restore(trashed)
    assert house.print() == before


async def test_an_emptied_trash_is_told_with_the_ref_that_is_left(house: House) -> None:
    trashed = await house.trash()
    Path(trashed.folder).rename(house.bin.with_name("emptied"))
    with pytest.raises(GitError, match=r"not in the trash any more; refs/command-center/kept"):
        await house.restore(trashed)


async def test_a_branch_name_taken_meanwhile_refuses_the_undo(house: House) -> None:
    trashed = await house.trash()
    run_git(Path(house.repo.root), "branch", "agent/ada", "main")
    before = fingerprint(house.bin), house.branches()
    with pytest.raises(BranchExists, match="was made or moved since the removal"):
        await house.restore(trashed)
    assert (fingerprint(house.bin), house.branches()) == before


async def test_a_branch_that_shuts_the_name_out_refuses_the_undo(house: House) -> None:
    trashed = await house.trash()
    run_git(Path(house.repo.root), "branch", "agent", "main")
    before = fingerprint(house.bin), house.branches()
    with pytest.raises(BranchExists, match="'agent'"):
        await house.restore(trashed)
    assert (fingerprint(house.bin), house.branches()) == before


async def test_a_path_taken_meanwhile_refuses_the_undo(house: House) -> None:
    trashed = await house.trash()
    write(house.tree / "theirs", "")
    before = fingerprint(house.bin), house.branches()
    with pytest.raises(PathTaken, match="exists again"):
        await house.restore(trashed)
    assert (fingerprint(house.bin), house.branches()) == before


async def test_a_kept_branch_that_moved_on_refuses_the_undo(house: House) -> None:
    trashed = await house.trash(keep_branch=True)
    run_git(Path(house.repo.root), "branch", "--force", "agent/ada", "main")
    with pytest.raises(BranchExists, match="moved since"):
        await house.restore(trashed)


async def test_a_kept_branch_that_was_deleted_comes_back(house: House) -> None:
    tip = run_git(house.tree, "rev-parse", "HEAD")
    trashed = await house.trash(keep_branch=True)
    run_git(Path(house.repo.root), "branch", "-D", "agent/ada")
    await house.restore(trashed)
    assert run_git(house.tree, "rev-parse", "agent/ada") == tip
    assert run_git(house.tree, "status", "--porcelain") == ""


async def test_a_trash_that_cannot_be_used_changes_nothing(house: House) -> None:
    write(house.bin, "a file where the folder should be")
    before = house.print()
    with pytest.raises(GitError):
        await house.trash()
    assert house.print() == before


async def test_a_step_that_fails_is_undone(house: House) -> None:
    before = house.print()
    blocker = Path(house.repo.common_dir, "refs/heads/agent/ada.lock")
    write(blocker, "")
    with pytest.raises(GitError):
        await house.trash()
    blocker.unlink()
    assert house.print() == before
    assert list(house.bin.iterdir()) == []


async def killed_trash(house: House, steps: int, monkeypatch: pytest.MonkeyPatch) -> Trashed:
    """Remove, but die after the first `steps` steps; the record as the log would have it."""

    async def die(_: Repo, __: Trashed) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("command_center.drivers.trash.TRASH_STEPS", (*TRASH_STEPS[:steps], die))
        with pytest.raises(Killed):
            await house.trash()
    return trashed_in(house.bin)[0]


async def killed_restore(
    house: House, trashed: Trashed, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(_: Repo, __: Trashed) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("command_center.drivers.trash.RESTORE_STEPS", (*RESTORE_STEPS[:steps], die))
        with pytest.raises(Killed):
            await house.restore(trashed)


class Killed(BaseException):
    pass


@pytest.mark.parametrize("steps", range(len(TRASH_STEPS) + 1))
async def test_a_removal_killed_anywhere_is_finished_by_asking_again(
    house: House, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = house.print()
    await killed_trash(house, steps, monkeypatch)
    trashed = await house.trash()
    assert house.branches() == [trashed.kept_ref, "refs/heads/main"]
    assert not house.tree.exists()
    await house.restore(trashed)
    assert house.print() == before


@pytest.mark.parametrize("steps", range(len(TRASH_STEPS) + 1))
async def test_a_removal_killed_anywhere_can_be_undone(
    house: House, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = house.print()
    await house.restore(await killed_trash(house, steps, monkeypatch))
    assert house.print() == before


@pytest.mark.parametrize("steps", range(len(RESTORE_STEPS) + 1))
async def test_an_undo_killed_anywhere_is_finished_by_asking_again(
    house: House, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, trashed = house.print(), await house.trash()
    await killed_restore(house, trashed, steps, monkeypatch)
    await house.restore(trashed)
    assert house.print() == before
    assert list(house.bin.iterdir()) == []


@pytest.mark.parametrize("steps", range(len(RESTORE_STEPS) + 1))
async def test_an_undo_killed_anywhere_can_be_removed_again(
    house: House, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, trashed = house.print(), await house.trash()
    await killed_restore(house, trashed, steps, monkeypatch)
    await house.restore(await house.trash())
    assert house.print() == before


async def test_work_done_after_a_killed_removal_is_not_removed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await killed_trash(house, 1, monkeypatch)
    write(house.tree / "new", "")
    with pytest.raises(WorktreeNotEmpty):
        await house.trash()
    assert (house.tree / "new").exists()
    assert "refs/heads/agent/ada" in house.branches()


async def test_many_removals_and_undos_at_once(house: House, tmp_path: Path) -> None:
    names = [f"n{number}" for number in range(8)]
    made = await asyncio.gather(
        *(house.worktrees.add(house.repo, tmp_path / "trees" / n, n, "main") for n in names)
    )
    trashed = await asyncio.gather(
        *(
            house.worktrees.trash(house.repo, one.path, one.branch, house.bin, one.branch)
            for one in made
        )
    )
    assert not any(one.path.exists() for one in made)
    back = await asyncio.gather(*(house.restore(one) for one in trashed))
    assert [replace(one, notes=()) for one in made] == list(back)
    assert (await losses(house.repo, made[0].path, names[0])).is_empty
