import asyncio
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from command_center.domain.errors import BranchExists, GitError, PathTaken, WorktreeNotEmpty
from command_center.drivers.losses import losses
from command_center.drivers.trash import trashed_in
from command_center.drivers.trash_steps import Trashed
from tests.drivers.trash_house import House, build_house, fingerprint
from tests.gitrepo import commit, isolate_git, run_git, write


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate_git(monkeypatch)


@pytest.fixture
async def house(tmp_path: Path) -> House:
    return await build_house(tmp_path)


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


async def test_a_trash_on_another_disk_is_refused_and_nothing_changes(
    house: House, tmp_path: Path
) -> None:
    other = Path(tempfile.mkdtemp(dir="/dev/shm")) if Path("/dev/shm").is_dir() else tmp_path
    if other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is one file system only")
    before = house.print()
    with pytest.raises(GitError, match="cannot be moved"):
        await replace(house, bin=other / "trash").trash()
    assert house.print() == before
    shutil.rmtree(other)


async def test_a_worktree_whose_folder_was_deleted_can_be_removed(house: House) -> None:
    shutil.rmtree(house.tree)
    trashed = await house.trash()
    assert house.branches() == [trashed.kept_ref, "refs/heads/main"]
    await house.restore(trashed)
    assert "refs/heads/agent/ada" in house.branches()
