"""The wall as a part of the dashboard, over real panes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from textual import events
from textual.pilot import Pilot

from command_center.domain import events as ev
from command_center.domain.layouts import FLEET, Layout, Part, Region, Split
from command_center.drivers.glass import Glass
from command_center.drivers.tmux import TmuxServer
from command_center.tui.chord import LEAVE_KEY
from command_center.tui.pane import PaneView
from command_center.tui.wall import Wall
from tests.drivers.tmux_panes import Recorder
from tests.tui.pane_app import printed
from tests.tui.world import Recording, World, running, shown, until, until_shown

GRID = Layout(
    "grid",
    "Grid",
    Region(
        split=Split.COLUMNS,
        regions=(Region(part=Part.LIST, size="30%"), Region(part=Part.WALL)),
    ),
)


@pytest_asyncio.fixture
async def typed(
    world: World, server: TmuxServer, glass: Glass, tmp_path: Path
) -> AsyncIterator[Recorder]:
    """A world with a grid of ada, emil and rec, who records what is typed."""
    recorder = await Recorder.started(server, tmp_path)
    world.repo("shop")
    world.agent("ada", pane=await printed(server, tmp_path, "screen of ada"), ago=30)
    world.agent("emil", pane=await printed(server, tmp_path, "screen of emil"), ago=20)
    world.agent("rec", pane=recorder.pane, ago=10)
    world.glass, world.layout = glass, GRID
    yield recorder


def cell(app: Recording, name: str) -> PaneView:
    return next(c for c in app.query(PaneView) if c.agent and c.agent.id == name and c.caption)


def chosen(app: Recording) -> str:
    agent = app.selected
    return agent.id if agent else ""


def wall(app: Recording) -> Wall:
    return app.query_one(Wall)


async def until_chosen(pilot: Pilot[None], app: Recording, name: str) -> None:
    await until(pilot, lambda: chosen(app) == name, f"{name} is selected")


@pytest.mark.usefixtures("typed")
async def test_list_and_wall_have_one_selected_agent(world: World) -> None:
    async with running(world, (200, 60)) as (app, pilot):
        await until_shown(pilot, app, "screen of emil")
        await pilot.press("2")
        second = wall(app).shown[1]
        await until_chosen(pilot, app, second)
        await pilot.press("g")
        await until(pilot, lambda: cell(app, chosen(app)).is_chosen, "the wall follows")
        await pilot.click(cell(app, second), offset=(3, 3))
        await until_chosen(pilot, app, second)


async def test_keys_typed_into_a_cell_are_no_actions(world: World, typed: Recorder) -> None:
    async with running(world, (200, 60)) as (app, pilot):
        await until_shown(pilot, app, "READY")
        app.go_to("rec")
        await pilot.press("enter", "s", "x", "z", "2", LEAVE_KEY)
        await typed.until_typed(b"sxz2")
        assert world.asked() == []
        assert chosen(app) == "rec"
        await pilot.press("1")
        await until_chosen(pilot, app, wall(app).shown[0])


@pytest.mark.usefixtures("typed")
async def test_keys_in_quick_succession_go_to_the_agent_that_is_named(world: World) -> None:
    async with running(world, (200, 60)) as (app, pilot):
        await until_shown(pilot, app, "READY")
        await pilot.press("1")
        await until_chosen(pilot, app, wall(app).shown[0])
        second = wall(app).shown[1]
        for key in ("l", "enter"):
            # Without a pause between the two, as a held key or a pasted line comes.
            app.post_message(events.Key(key, key if len(key) == 1 else "\r"))
        await until(pilot, lambda: app.is_typing, "the keys go into a cell")
        await pilot.pause()
        assert cell(app, second).is_typing
        assert chosen(app) == second
        assert f"every other key goes to {second}" in shown(app)


@pytest.mark.usefixtures("typed")
async def test_keys_that_follow_the_layout_at_once_find_its_cells(world: World) -> None:
    world.layout = FLEET
    async with running(world, (200, 60)) as (app, pilot):
        await until_shown(pilot, app, "screen of ada")
        app.show_layout(GRID)
        app.perform("right", "l")
        app.perform("type", "enter")
        assert app.typed_into == app.selected
        await pilot.pause()
        assert app.is_typing
        assert f"every other key goes to {chosen(app)}" in shown(app)


@pytest.mark.usefixtures("typed")
async def test_a_hidden_agent_has_no_cell(world: World) -> None:
    async with running(world, (200, 60)) as (app, pilot):
        await until_shown(pilot, app, "screen of emil")
        world.happen(ev.AgentHidden("emil"))
        await until(pilot, lambda: "screen of emil" not in shown(app), "emil has no cell")
        assert "emil" not in wall(app).shown


@pytest.mark.usefixtures("typed")
async def test_every_agent_has_a_cell(world: World) -> None:
    async with running(world, (200, 60)) as (app, pilot):
        for text in ("screen of ada", "screen of emil", "READY"):
            await until_shown(pilot, app, text)


@pytest.mark.usefixtures("typed")
async def test_a_small_screen_has_pages(world: World) -> None:
    async with running(world, (80, 24)) as (app, pilot):
        await until_shown(pilot, app, "page 1 of 2")
        app.go_to("rec")
        await until_shown(pilot, app, "READY")
        assert "page 2 of 2" in shown(app)
