from pathlib import Path

import pytest

from command_center.domain.errors import SpecError
from command_center.domain.layouts import FLEET
from command_center.domain.places import Places
from command_center.store.layouts import load_layouts, save_layout

ONE = 'id = "{id}"\nname = "{name}"\n[body]\npart = "list"\n'


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places.of({"COMMAND_CENTER_HOME": str(tmp_path / "home")}, tmp_path)


def write(folder: Path, file: str, name: str, id: str = "") -> Path:  # noqa: A002
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"{file}.toml"
    made.write_text(ONE.format(id=id or file, name=name))
    return made


def test_the_shipped_layouts_are_there(places: Places) -> None:
    found = load_layouts(places)
    assert found.by_id["fleet"] == FLEET
    assert {"grid", "focus", "wall", "tasks", "research"} <= set(found.by_id)
    assert found.problems == ()


def test_a_users_file_takes_the_place_of_a_shipped_layout(places: Places) -> None:
    write(places.layouts, "grid", "My grid")
    assert load_layouts(places).layout("grid").name == "My grid"


def test_a_projects_file_counts_most_and_needs_no_trust(places: Places, tmp_path: Path) -> None:
    write(places.layouts, "grid", "My grid")
    write(tmp_path / ".command-center" / "layouts", "grid", "Our grid")
    assert load_layouts(places, tmp_path).layout("grid").name == "Our grid"


def test_a_bad_file_is_one_problem_and_what_it_would_replace_stays(places: Places) -> None:
    file = write(places.layouts, "grid", "My grid")
    file.write_text(file.read_text() + "[nrrow]\nbelow = 80\n")
    found = load_layouts(places)
    [problem] = found.problems
    assert problem.text == f"{file}: unknown key 'nrrow' (did you mean 'narrow'?)"
    assert found.layout("grid").name == "Grid"


def test_two_files_of_one_folder_cannot_share_an_id(places: Places) -> None:
    write(places.layouts, "a", "A", id="same")
    write(places.layouts, "b", "B", id="same")
    found = load_layouts(places)
    assert "id 'same' is taken by" in found.problems[0].text
    assert found.layout("same").name == "A"


def test_a_name_that_is_not_there_tells_what_is(places: Places) -> None:
    with pytest.raises(SpecError, match=r"no layout 'nope'; there are: .*fleet, focus"):
        load_layouts(places).layout("nope")


def test_a_layout_that_could_not_be_read_says_why_when_it_is_asked_for(places: Places) -> None:
    write(places.layouts, "odd", "Odd").write_text("id = ")
    with pytest.raises(SpecError, match=r"no layout 'odd'; .*odd.toml: not valid TOML"):
        load_layouts(places).layout("odd")


def test_what_is_saved_is_found_again(places: Places) -> None:
    from msgspec.structs import replace

    mine = replace(FLEET, id="mine", name='My "own"')
    assert save_layout(places, mine) == places.layouts / "mine.toml"
    assert load_layouts(places).layout("mine") == mine
