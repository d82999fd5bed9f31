from pathlib import Path

import pytest
from textual.widgets import Input

from command_center.domain.intents import Launch
from command_center.drivers.git import open_repository
from command_center.drivers.refs import branches
from command_center.tui.dialogs.branch_offers import BranchOffers
from tests.gitrepo import isolate_git, make_repository, run_git
from tests.tui.test_dialogs import launch_app
from tests.tui.world import until


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate_git(monkeypatch)


async def branches_read(folder: Path) -> list[str]:
    return await branches(await open_repository(folder))


async def test_the_base_is_completed_to_a_branch_of_the_repository(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    run_git(root, "branch", "feature/login")
    app = launch_app(root, branches=branches_read)
    async with app.run_test() as pilot:
        app.screen.query_one("#base", Input).focus()
        await pilot.press(*"fe")
        await until(pilot, lambda: "feature/login" in app.text, "the branch is offered")
        await pilot.press("right", "ctrl+s")
    assert app.answer == [Launch("ant", str(root), base="feature/login")]


async def test_another_repository_has_branches_of_its_own(tmp_path: Path) -> None:
    shop, lab = make_repository(tmp_path, name="shop"), make_repository(tmp_path, name="lab")
    run_git(lab, "branch", "trial")
    folder = str(shop)
    offers = BranchOffers(branches_read, lambda: folder)
    assert await offers.get_suggestion("t") is None
    folder = str(lab)
    assert await offers.get_suggestion("t") == "trial"


async def test_a_folder_that_is_no_repository_offers_no_branch(tmp_path: Path) -> None:
    offers = BranchOffers(branches_read, lambda: str(tmp_path))
    assert await offers.get_suggestion("ma") is None


async def test_a_name_that_would_not_show_as_it_is_is_not_offered(tmp_path: Path) -> None:
    root = make_repository(tmp_path)
    run_git(root, "branch", "wo\u202eeird")
    offers = BranchOffers(branches_read, lambda: str(root))
    assert await offers.get_suggestion("wo") is None
