"""What the dashboard begins with."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_center.cli.dashboard import dashboard, own_command
from command_center.domain.errors import SpecError
from command_center.domain.layouts import FLEET
from command_center.domain.places import Places
from command_center.store.habits import Habits, write_habits
from command_center.store.view import View
from command_center.tui.deck import Deck
from tests.gitrepo import isolate_git, make_repository

OWN = 'id = "{id}"\nname = "Own"\n[body]\npart = "list"\n'


class Folder:
    def __init__(self, root: Path, view: View, places: Places) -> None:
        self.root, self.places, self._view = root, places, view

    def deck(self, *, layout: str = "", theme: str = "") -> Deck:
        return dashboard(self.places, self._view, self.root, layout=layout, theme=theme).deck

    def write(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True)
        (folder / f"{name}.toml").write_text(OWN.format(id=name))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    places = Places.of({"COMMAND_CENTER_HOME": str(tmp_path / "home")}, tmp_path)
    git = tmp_path / "shop" / ".git"
    git.mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    view = View(places.log)
    yield Folder(tmp_path / "shop", view, places)
    view.close()


def test_a_checkout_names_the_path_of_its_own_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "my bin" / "command-center")])
    assert own_command() == "acc"
    (tmp_path / "my bin").mkdir()
    (tmp_path / "my bin" / "acc").touch(0o755)
    assert own_command() == f"'{tmp_path}/my bin/acc'"
    monkeypatch.setenv("PATH", str(tmp_path / "my bin"))
    assert own_command() == "acc"


def test_it_begins_with_the_default(folder: Folder) -> None:
    assert folder.deck().layout == FLEET
    assert folder.deck().theme == ""


def test_it_begins_with_what_was_chosen_last_in_this_repository(folder: Folder) -> None:
    habits = Habits(theme="day").having_layout(folder.root, "grid")
    write_habits(folder.places.habits, habits.having_layout(Path("/elsewhere"), "wall"))
    assert folder.deck().layout.id == "grid"
    assert folder.deck().theme == "day"


def test_it_begins_with_what_is_asked_for(folder: Folder) -> None:
    write_habits(folder.places.habits, Habits(theme="day").having_layout(folder.root, "grid"))
    deck = folder.deck(layout="focus", theme="night")
    assert (deck.layout.id, deck.theme) == ("focus", "night")


def test_a_users_own_default_counts_from_the_first_paint(folder: Folder) -> None:
    folder.write(folder.places.layouts, "fleet")
    assert folder.deck().layout.name == "Own"


def test_a_projects_own_default_counts_most(folder: Folder) -> None:
    folder.write(folder.root / ".command-center" / "layouts", "fleet")
    assert folder.deck().layout.name == "Own"


def test_what_is_gone_since_gives_way_to_the_default(folder: Folder) -> None:
    write_habits(folder.places.habits, Habits(theme="gone").having_layout(folder.root, "gone"))
    assert folder.deck().layout == FLEET
    assert folder.deck().theme == ""


@pytest.mark.parametrize("option", ["layout", "theme"])
def test_a_name_that_nothing_has_is_refused(folder: Folder, option: str) -> None:
    with pytest.raises(SpecError, match=f"no {option} 'nope'"):
        folder.deck(**{option: "nope"})


def test_the_default_is_shown_without_reading_any_layout() -> None:
    code = (
        "import sys; from pathlib import Path; from command_center.cli.dashboard import dashboard;"
        "from command_center.domain.places import Places;"
        "from command_center.store.view import View;"
        "p = Places.of({'COMMAND_CENTER_HOME': '/nowhere'}, Path('/'));"
        "dashboard(p, View(p.log), Path('/')); print(*sys.modules)"
    )
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert "command_center.store.layouts" not in loaded
    assert "tomllib" not in loaded


async def test_the_launch_form_is_told_the_branches_of_a_repository(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolate_git(monkeypatch)
    root = make_repository(tmp_path)
    assert await folder.deck().branches(root) == ["main"]


def test_a_command_takes_no_layout() -> None:
    acc = [sys.executable, "-m", "command_center.cli.entry", "--layout", "grid", "list"]
    done = subprocess.run(acc, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "are for the dashboard, not for a command" in done.stderr
