"""Where the parts of a layout lie, in cells."""

from hypothesis import given, strategies as st
from textual.geometry import Region as Area

from command_center.domain.layouts import FLEET, Part, Region, Split
from command_center.tui.tiles import dragged, tiled
from tests.domain.test_layouts import bodies

SCREEN = Area(0, 0, 200, 50)
LIST, PANE, WALL = (Region(part=part) for part in (Part.LIST, Part.PANE, Part.WALL))


def columns(*regions: Region) -> Region:
    return Region(split=Split.COLUMNS, regions=regions)


def sized(region: Region, size: str) -> Region:
    return Region(part=region.part, size=size)


def test_one_part_has_all_the_room() -> None:
    assert tiled(PANE, SCREEN, lambda _: 0).areas == {Part.PANE: SCREEN}


def test_a_share_is_of_the_whole_and_the_line_is_taken_from_the_rest() -> None:
    found = tiled(FLEET.body, SCREEN, lambda _: 0)
    assert found.areas == {Part.LIST: Area(0, 0, 92, 50), Part.PANE: Area(93, 0, 107, 50)}
    assert [rule.area for rule in found.rules] == [Area(92, 0, 1, 50)]


def test_a_part_of_size_auto_is_as_high_as_what_it_shows() -> None:
    found = tiled(FLEET.body_at(80), Area(0, 0, 80, 22), lambda _: 7)
    assert found.areas == {Part.LIST: Area(0, 0, 80, 7), Part.PANE: Area(0, 8, 80, 14)}


def test_what_is_left_is_shared_by_weight() -> None:
    found = tiled(columns(sized(LIST, "1fr"), sized(PANE, "3fr")), Area(0, 0, 101, 9), lambda _: 0)
    assert [area.width for area in found.areas.values()] == [25, 75]


def test_without_a_part_for_the_rest_the_last_one_takes_it() -> None:
    found = tiled(columns(sized(LIST, "10"), sized(PANE, "20")), SCREEN, lambda _: 0)
    assert [area.width for area in found.areas.values()] == [10, 189]


def test_every_part_keeps_a_cell_whatever_the_others_claim() -> None:
    greedy = columns(sized(LIST, "90%"), sized(PANE, "90%"), sized(WALL, "1fr"))
    found = tiled(greedy, Area(0, 0, 40, 9), lambda _: 0)
    assert [area.width for area in found.areas.values()] == [36, 1, 1]


@given(bodies(), st.integers(0, 300), st.integers(0, 100), st.integers(0, 40))
def test_parts_and_lines_fill_the_screen_and_never_overlap(
    body: Region, width: int, height: int, wanted: int
) -> None:
    screen = Area(0, 0, width, height)
    found = tiled(body, screen, lambda _: wanted)
    areas = [*found.areas.values(), *(rule.area for rule in found.rules)]
    assert all(area.width >= 0 and area.height >= 0 for area in areas)
    if width >= 20 and height >= 20:
        assert sum(area.area for area in areas) == screen.area
        assert all(screen.contains_region(area) for area in areas)


def test_a_dragged_line_moves_by_as_many_cells() -> None:
    [rule] = tiled(FLEET.body, SCREEN, lambda _: 0).rules
    found = tiled(dragged(FLEET.body, rule, -12), SCREEN, lambda _: 0)
    assert [area.width for area in found.areas.values()] == [80, 119]


def test_a_dragged_line_leaves_both_sides_a_little() -> None:
    [rule] = tiled(FLEET.body, SCREEN, lambda _: 0).rules
    found = tiled(dragged(FLEET.body, rule, 500), SCREEN, lambda _: 0)
    assert [area.width for area in found.areas.values()] == [196, 3]


def test_a_line_within_a_split_moves_only_its_own() -> None:
    body = columns(sized(LIST, "50"), Region(split=Split.ROWS, regions=(PANE, WALL)))
    rule = next(r for r in tiled(body, SCREEN, lambda _: 0).rules if not r.is_upright)
    found = tiled(dragged(body, rule, 5), SCREEN, lambda _: 0).areas
    assert found[Part.LIST].width == 50
    assert (found[Part.PANE].height, found[Part.WALL].height) == (29, 20)
