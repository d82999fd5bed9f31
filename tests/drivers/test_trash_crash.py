from pathlib import Path

import pytest

from command_center.domain.errors import WorktreeNotEmpty
from command_center.domain.model import Repo
from command_center.drivers.trash import trashed_in
from command_center.drivers.trash_steps import RESTORE_STEPS, TRASH_STEPS, Trashed
from tests.drivers.trash_house import House, build_house
from tests.gitrepo import isolate_git, write


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate_git(monkeypatch)


@pytest.fixture
async def house(tmp_path: Path) -> House:
    return await build_house(tmp_path)


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
