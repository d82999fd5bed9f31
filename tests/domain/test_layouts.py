"""What a layout file can say, and what is told when it says something else."""

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from command_center.domain.errors import SpecError
from command_center.domain.layouts import (
    COLUMNS,
    FLEET,
    Group,
    Layout,
    Narrow,
    Only,
    Part,
    Region,
    Split,
    parse,
    written,
)
from command_center.domain.model import State
from command_center.domain.strict import read_toml

SHIPPED = sorted((Path(__file__).parents[2] / "layouts").glob("*.toml"))
HEAD = 'id = "mine"\nname = "Mine"\n'


def read(text: str) -> Layout:
    return parse(read_toml(text, "mine.toml"), "mine.toml")


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_shipped_layout_is_named_as_its_file_and_says_what_it_is(file: Path) -> None:
    layout = read(file.read_text("utf-8"))
    assert layout.id == file.stem
    assert layout.help


def test_six_layouts_are_shipped() -> None:
    names = {file.stem for file in SHIPPED}
    assert names == {"fleet", "grid", "focus", "wall", "tasks", "research"}


def test_the_default_is_the_shipped_fleet() -> None:
    [file] = [file for file in SHIPPED if file.stem == "fleet"]
    assert read(file.read_text("utf-8")) == FLEET


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('part = "list"\nsplt = "rows"', "unknown key 'body.splt' (did you mean 'split'?)"),
        ('part = "lst"', "Invalid enum value 'lst'"),
        (
            'split = "rows"',
            "body: needs a 'part' (list, pane, wall, board, runs, machine), "
            "or a 'split' and 'regions'",
        ),
        ('part = "list"\nsplit = "rows"', "body: holds the list, so it cannot be split too"),
        ('part = "list"\nsize = "3em"', "body.size: '3em' is no size; write '12', '46%', '1fr'"),
        (
            'split = "rows"\nregions = [{ part = "list" }, { part = "list" }]',
            "body: 'list' stands twice",
        ),
        (
            'split = "columns"\nregions = [{ part = "list", size = "auto" }, { part = "pane" }]',
            "body.regions[0]: only a list in rows can be of size 'auto'",
        ),
        (
            'split = "rows"\nregions = [{ part = "list", size = "auto" }]',
            "body.regions: at least one needs a size other than 'auto'",
        ),
    ],
)
def test_what_cannot_be_shown_is_told_with_its_place(body: str, told: str) -> None:
    with pytest.raises(SpecError) as error:
        read(f"{HEAD}[body]\n{body}")
    assert str(error.value).startswith("mine.toml: ")
    assert told in str(error.value)


def test_a_column_that_is_none_is_told_with_the_nearest() -> None:
    with pytest.raises(SpecError, match=r"columns: no column 'tokns' \(did you mean 'tokens'\?\)"):
        read(f'{HEAD}columns = ["tokns"]\n[body]\npart = "list"')


def test_a_mistake_in_the_narrow_arrangement_is_told_too() -> None:
    with pytest.raises(SpecError, match=r"narrow\.body: needs a 'part'"):
        read(f'{HEAD}[body]\npart = "list"\n[narrow]\nbelow = 80\n[narrow.body]\n')


def test_a_narrow_screen_has_an_arrangement_of_its_own() -> None:
    assert FLEET.body_at(120).split is Split.COLUMNS
    assert FLEET.body_at(119).split is Split.ROWS


sizes = st.sampled_from(["12", "46%", "1fr", "3fr"])
leaves = st.builds(Region, part=st.sampled_from(Part), size=sizes)


@st.composite
def bodies(draw: st.DrawFn) -> Region:
    """Every part at most once, in splits within splits."""
    parts = [Region(part=p, size=draw(sizes)) for p in draw(st.permutations(list(Part)))]
    inner = Region(split=draw(st.sampled_from(Split)), regions=tuple(parts[1:]), size=draw(sizes))
    nested = Region(split=draw(st.sampled_from(Split)), regions=(parts[0], inner))
    return draw(st.sampled_from([nested, Region(part=Part.WALL)]))


words = st.lists(st.text(min_size=1), max_size=2).map(tuple)


@given(
    st.builds(
        Layout,
        id=st.from_regex(r"[a-z][a-z0-9-]{0,31}", fullmatch=True),
        name=st.text(),
        help=st.text(),
        body=bodies(),
        narrow=st.none() | st.builds(Narrow, below=st.integers(20, 1000), body=bodies()),
        only=st.builds(
            Only,
            states=st.lists(st.sampled_from(State), max_size=2).map(tuple),
            tags=words,
            names=words,
            text=st.text(),
            needs_me=st.booleans(),
        ),
        group=st.sampled_from(Group),
        columns=st.lists(st.sampled_from(COLUMNS), max_size=3).map(tuple),
        shows_hidden=st.booleans(),
    )
)
def test_what_is_written_reads_back_the_same(layout: Layout) -> None:
    assert read(written(layout)) == layout
