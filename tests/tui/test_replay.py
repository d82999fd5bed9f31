"""The dashboard over a log of the past."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec.structs import replace
from textual.pilot import Pilot

from command_center.domain.model import State
from command_center.store.replay import ReplayView
from command_center.store.tape import LogTape
from command_center.tui.replay import ReplayCenter
from tests.tui.test_timeline import afternoon
from tests.tui.world import NOON, World, shown, until, until_shown


@asynccontextmanager
async def replaying(
    world: World, ago: float
) -> AsyncIterator[tuple[ReplayCenter, ReplayView, Pilot[None]]]:
    """Paused `ago` seconds before noon."""
    view = ReplayView(LogTape(world.places.log), since=NOON - ago)
    view.turn()
    deck = replace(world.app().deck, view=view, inbox=None, clock=lambda: view.now)
    app = ReplayCenter(deck, view)
    async with app.run_test(size=(120, 20), notifications=True) as pilot:
        await until(pilot, lambda: app.kit.is_known, "the files are read")
        yield app, view, pilot


async def test_a_replay_shows_the_past_and_scrubs_through_it(world: World) -> None:
    afternoon(world)
    async with replaying(world, 270) as (app, view, pilot):
        await until_shown(pilot, app, "● waiting   30s  ada")
        assert "bell" not in shown(app)
        assert "‖" in shown(app)
        await pilot.press("shift+right", "shift+right", "shift+right", "shift+right")
        await until_shown(pilot, app, "bell")
        for _ in range(30):
            await pilot.press("right")
        await until_shown(pilot, app, "◐ busy")
        for _ in range(120):
            await pilot.press("left")
        await until_shown(pilot, app, "No agents yet.")
        assert view.now == view.begin


async def test_where_its_screen_would_be_stands_what_an_agent_went_through(world: World) -> None:
    afternoon(world)
    async with replaying(world, 95) as (app, _, pilot):
        await until_shown(pilot, app, "StateClaimed source=published state=waiting")
        assert "and the docs" not in shown(app)
        await pilot.press("shift+right")
        await until_shown(pilot, app, "PromptQueued prompt=p9 text=and the docs")


async def test_a_replay_plays_pauses_and_changes_its_speed(world: World) -> None:
    afternoon(world)
    async with replaying(world, 250) as (app, view, pilot):
        await pilot.press(*["plus"] * 4)
        await until_shown(pilot, app, " 30× ")
        await pilot.press("space")
        await until_shown(pilot, app, "bell")
        assert view.is_playing
        await pilot.press("space")
        await until_shown(pilot, app, "‖")
        await pilot.press("minus")
        await until_shown(pilot, app, " 10× ")


async def test_every_action_that_would_reach_an_agent_is_read_only(world: World) -> None:
    afternoon(world)
    async with replaying(world, 250) as (app, _, pilot):
        await until_shown(pilot, app, "ada")
        for key in ("n", "enter", "p", "y", "o", "t", "e", "s", "x", "i", "u"):
            app.clear_notifications()
            await pilot.pause()
            await pilot.press(key)
            await until_shown(pilot, app, "a replay is read-only")
        assert world.asked() == []
        assert world.starts == 0


async def test_a_replay_does_not_pass_off_the_machine_of_today_as_that_of_then(
    world: World,
) -> None:
    afternoon(world)
    async with replaying(world, 250) as (app, _, pilot):
        await pilot.press("M")
        await until_shown(pilot, app, "a replay tells nothing of the machine")


async def test_the_timeline_of_a_replay_plays_from_its_cursor(world: World) -> None:
    afternoon(world)
    async with replaying(world, 10) as (app, view, pilot):
        await pilot.press("T")
        await until_shown(pilot, app, "p play from here")
        await until_shown(pilot, app, "▓▓▓")
        await pilot.press("left_square_bracket", "left_square_bracket", "left_square_bracket", "p")
        await until(pilot, lambda: view.now == NOON - 300, "it is there")
        await until_shown(pilot, app, "● waiting")


async def test_a_click_into_the_line_jumps_there(world: World) -> None:
    afternoon(world)
    async with replaying(world, 250) as (app, view, pilot):
        [bar] = [line for line in shown(app).split("\n") if "━" in line]
        await pilot.click("#scrub", offset=(bar.rindex("─"), 0))
        await until(pilot, lambda: view.now == view.end, "it is at the end")
        assert world.view.poll() is not None
        assert world.view.fleet.agents["bell"].state is State.LIMITED
