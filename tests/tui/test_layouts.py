"""What stands where on the screen, and how the user changes it."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

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
)
from command_center.domain.model import State
from command_center.store.habits import read_habits
from command_center.store.layouts import load_layouts
from command_center.tui.arrangements import id_of
from command_center.tui.columns import Column
from tests.tui.mouse import drag, press, pull, release
from tests.tui.world import Recording, World, fleet, running, screen, shown, until, until_shown

LIST, PANE = Region(part=Part.LIST), Region(part=Part.PANE)
LIST_BELOW = Layout(
    "below", "Below", Region(split=Split.ROWS, regions=(PANE, Region(part=Part.LIST, size="10")))
)


def now(app: Recording) -> str:
    return app.body.arrangement.id


async def turned(pilot: Pilot[None], app: Recording) -> None:
    before = now(app)
    await pilot.press("v")
    await until(pilot, lambda: now(app) != before, "the layout has turned")


async def turn_to(pilot: Pilot[None], app: Recording, name: str) -> None:
    for _ in range(9):
        if now(app) == name:
            return
        await turned(pilot, app)


def test_the_columns_of_layouts_are_those_of_the_list() -> None:
    assert set(COLUMNS) == set(Column)


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_the_default_shows_the_list_and_the_pane(world: World, size: tuple[int, int]) -> None:
    fleet(world)
    async with running(world, size) as (app, _):
        assert now(app) == "fleet"
        assert app.side.region.area
        assert app.stage.region.area


async def test_v_turns_through_all_layouts_and_comes_back(world: World) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        seen = []
        for _ in range(7):
            seen.append(now(app))
            await turned(pilot, app)
        assert len(set(seen)) == 6
        assert seen[-1] == "fleet"


async def test_the_widgets_stay_the_same_from_layout_to_layout(world: World) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        await turn_to(pilot, app, "wall")
        before = {w.id: w for w in app.body.children}
        await turn_to(pilot, app, "fleet")
        await turn_to(pilot, app, "grid")
        assert {w.id: w for w in app.body.children} == before


async def test_a_layout_says_where_the_parts_are(world: World) -> None:
    fleet(world)
    world.layout = LIST_BELOW
    async with running(world) as (app, _):
        assert app.stage.region.y < app.side.region.y
        assert app.side.region.height == 10


async def test_a_narrow_screen_gets_the_narrow_arrangement(world: World) -> None:
    fleet(world)
    world.layout = replace(LIST_BELOW, narrow=Narrow(100, LIST))
    async with running(world, (99, 30)) as (app, pilot):
        assert not app.stage.display
        await pilot.resize_terminal(100, 30)
        await until(pilot, lambda: app.stage.region.area, "the pane is there")


async def test_a_layout_can_leave_the_list_out(world: World) -> None:
    fleet(world)
    world.layout = Layout("alone", "Alone", PANE)
    async with running(world) as (app, pilot):
        assert app.stage.region.width == 200
        before = app.selected
        await pilot.press("j")
        assert app.selected is not None
        assert app.selected != before


async def test_a_wall_is_filtered_by_text_too(world: World) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        await turn_to(pilot, app, "wall")
        await pilot.press("slash", *"dark mode")
        await until_shown(pilot, app, "enter keeps the filter")
        assert [agent.name for agent in app.fleet_list.agents] == ["bell"]
        await pilot.press("enter")
        await until(pilot, lambda: app.focused is app.body.wall, "the wall has the keys")
        await pilot.press("escape")
        assert len(app.fleet_list.agents) == 10


async def test_on_a_wall_the_keys_move_from_cell_to_cell(world: World) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        await turn_to(pilot, app, "wall")
        assert app.body.wall is not None
        await until(
            pilot, lambda: app.body.wall and len(app.body.wall.shown) > 3, "cells are there"
        )
        shown = app.body.wall.shown
        await pilot.press("3")
        await until(pilot, lambda: app.selected and app.selected.id == shown[2], "cell 3 is chosen")
        await pilot.press("h")
        await until(pilot, lambda: app.selected and app.selected.id == shown[1], "cell 2 is chosen")
        await pilot.press("1", "j")
        await until(pilot, lambda: app.selected and app.selected.id in shown[2:], "a lower cell")


@pytest.mark.parametrize("key", ["z", "escape"])
async def test_zoom_gives_a_cell_of_the_grid_the_whole_screen(world: World, key: str) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        await turn_to(pilot, app, "grid")
        await until(pilot, lambda: app.body.wall and app.body.wall.shown, "cells are there")
        assert app.body.wall is not None
        wall = app.body.wall
        await pilot.press("z")
        await until(pilot, lambda: wall.size.width == 200 and len(wall.shown) == 1, "it is zoomed")
        assert not app.side.display
        await pilot.press(key)
        await until(pilot, lambda: app.side.display and len(wall.shown) > 1, "all is back")
        assert app.fleet_list.has_focus


async def test_a_filter_without_a_match_says_so_in_the_place_of_the_wall(world: World) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        await turn_to(pilot, app, "grid")
        await pilot.press("slash", *"zzz")
        await until_shown(pilot, app, "No agent matches “zzz”.")
        await pilot.press("enter", "escape")
        await until(pilot, lambda: app.body.wall and app.body.wall.display, "the wall is back")


async def test_a_layout_groups_the_list(world: World) -> None:
    fleet(world)
    world.layout = replace(FLEET, id="states", group=Group.STATE)
    async with running(world) as (app, _):
        assert app.fleet_list.sieve.group is Group.STATE


@pytest.mark.parametrize(
    ("only", "names"),
    [
        (Only(states=(State.WAITING, State.LIMITED)), {"ada", "emil"}),
        (Only(needs_me=True), {"ada", "emil", "cleo", "iris"}),
        (Only(repositories=("api",), states=(State.BUSY,)), {"finn"}),
        (Only(names=("?e*",)), {"bell", "jean"}),
        (Only(tasks=("dark MODE", "parser")), {"bell", "emil"}),
        (Only(text="rust"), {"emil"}),
    ],
    ids=["states", "needs me", "repository and state", "names", "tasks", "text"],
)
async def test_a_layout_shows_only_the_agents_that_it_is_for(
    world: World, only: Only, names: set[str]
) -> None:
    fleet(world)
    world.layout = replace(FLEET, id="some", only=only)
    async with running(world) as (app, _):
        assert {agent.name for agent in app.fleet_list.agents} == names


async def test_every_layout_has_one_line_of_the_dialog_on_a_narrow_screen(world: World) -> None:
    fleet(world)
    async with running(world, (80, 24)) as (app, pilot):
        await pilot.press("V")
        await until_shown(pilot, app, "esc closes")
        numbers = [line[4] for line in screen(app) if line.startswith("│") and line[4].isdigit()]
        assert numbers == [*"123456"]


async def test_digits_choose_a_layout_in_the_dialog(world: World) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        await pilot.press("V")
        await until_shown(pilot, app, "2  Focus")
        await pilot.press("2")
        await until(pilot, lambda: now(app) == "focus", "the layout is shown")


async def test_what_is_chosen_is_remembered_for_this_repository(world: World) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        await pilot.press("V")
        await until_shown(pilot, app, "2  Focus")
        await pilot.press("j", "enter")
        await until(pilot, lambda: chosen_in(world, "/src/shop") == "focus", "it is remembered")


def chosen_in(world: World, folder: str) -> str:
    return read_habits(world.places.habits).layout(Path(folder))


async def test_the_present_arrangement_is_saved_under_a_name(world: World) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        await pilot.press("right_square_bracket", "V")
        await until_shown(pilot, app, "s saves")
        await pilot.press("s", *"My api", "enter")
        await until(pilot, lambda: now(app) == "my-api", "it is saved and shown")
        saved = load_layouts(world.places).layout("my-api")
        assert (saved.name, saved.body) == ("My api", FLEET.body)
        assert saved.only == Only(repositories=("api",))


async def test_a_name_that_is_taken_is_told_before_it_is_saved(world: World) -> None:
    fleet(world)
    async with running(world, (80, 24)) as (app, pilot):
        await pilot.press("V")
        await until_shown(pilot, app, "s saves")
        await pilot.press("s", *"Grid")
        await until_shown(pilot, app, "takes the place of Grid")


async def test_dragging_the_line_makes_the_list_wider(world: World) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        line = app.side.region.right
        await press(pilot, (line, 12))
        assert screen(app)[12][line] == "┃"
        await pull(pilot, (line + 15, 12))
        await release(pilot, (line + 15, 12))
        await until(pilot, lambda: app.side.region.width == line + 15, "the list is wider")
        assert screen(app)[12][line + 15] == "│"


async def test_a_bad_layout_is_told_once_and_the_default_shows(world: World) -> None:
    fleet(world)
    world.places.layouts.mkdir(parents=True)
    (world.places.layouts / "mine.toml").write_text('id = "mine"\nname = "M"\nbdy = 1\n')
    async with running(world) as (app, pilot):
        await until_shown(pilot, app, "unknown key")
        assert shown(app).count("unknown key") == 1
        assert now(app) == "fleet"


@pytest.mark.parametrize(
    ("name", "made"), [("My api!", "my-api"), ("2 up", "l-2-up"), ("日本", "l"), ("-x-", "x")]
)
def test_a_name_becomes_a_plain_file_name(name: str, made: str) -> None:
    assert id_of(name) == made


async def test_the_wall_is_there_from_the_start_when_the_layout_has_one(world: World) -> None:
    fleet(world)
    world.layout = load_layouts(world.places).layout("wall")
    async with running(world) as (app, pilot):
        await until(pilot, lambda: app.body.wall and app.body.wall.shown, "cells are there")
        await pilot.press("j", "2")
        await until(
            pilot, lambda: app.body.wall and app.focused is app.body.wall, "it has the keys"
        )


async def test_a_press_on_a_pane_moves_no_line_beside_it(world: World) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        width = app.side.region.width
        # As far from the edge of the pane as the line is from that of the screen.
        x = app.stage.region.x + width
        await drag(pilot, (x, 10), (9, 0))
        await pilot.pause()
        assert app.side.region.width == width
