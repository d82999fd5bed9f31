"""Runs below the agents of the list, and the run under its cursor."""

import pytest
from msgspec.structs import replace

from command_center.domain import run_events as rev
from command_center.domain.model import Fleet
from command_center.domain.run_intents import CancelRun, MarkRunSeen
from command_center.domain.runs import Run, RunLife
from command_center.store.layouts import load_layouts
from command_center.tui.run_meters import Reading
from command_center.tui.run_screen import RunScreen
from command_center.tui.run_view import RunView
from command_center.tui.runs_screen import RunsScreen
from tests.tui import runs
from tests.tui.list_app import ListApp, agent, fleet_of
from tests.tui.world import World, running, screen, shown, until, until_shown


async def test_runs_stand_below_the_agents_with_what_they_tell(world: World) -> None:
    world.repo("shop")
    world.agent("ada", task="Fix it")
    runs.running(world, "R1", gpus=("0",))
    runs.learn(world, "R1", 3.2)
    async with running(world, (200, 30)) as (app, pilot):
        await until_shown(pilot, app, "train_bpb 3.23")
        lines = screen(app)
        head = next(y for y, line in enumerate(lines) if "Runs  1" in line)
        assert any("ada" in line for line in lines[:head])
        for words in ("◐ running", "R1", "2.0m/10m", "█"):
            assert words in lines[head + 1]


async def test_the_top_line_counts_what_is_at_work(world: World) -> None:
    runs.afternoon(world)
    async with running(world, (120, 30)) as (app, pilot):
        await until_shown(pilot, app, "2 runs")
        await pilot.click(offset=(screen(app)[0].index("2 runs"), 0))
        await until(pilot, lambda: isinstance(app.screen, RunsScreen), "the Runs screen is open")


async def test_a_fleet_without_runs_says_nothing_of_them(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    async with running(world, (120, 30)) as (app, pilot):
        await pilot.pause()
        assert "Runs" not in shown(app)


async def test_enter_opens_the_run_under_the_cursor_which_is_then_seen(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    runs.ended(world, "R1", 2.9)
    async with running(world, (120, 30)) as (app, pilot):
        await until_shown(pilot, app, "R1")
        await pilot.press("G", "enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen), "its screen is open")
        await until(pilot, lambda: MarkRunSeen("R1") in world.asked(), "it is marked")


async def test_the_run_under_the_cursor_stands_in_the_place_of_the_pane(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    runs.running(world, "R1")
    runs.print_(world, "R1", "epoch 1 of 9\n")
    async with running(world, (160, 40)) as (app, pilot):
        await until_shown(pilot, app, "R1")
        await pilot.press("G")
        await until_shown(pilot, app, "epoch 1 of 9")
        await pilot.press("g")
        await until(pilot, lambda: not app.query_one(RunView).display, "the pane is back")


async def test_keys_act_on_the_run_under_the_cursor_and_not_on_an_agent(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    runs.queued(world, "R1")
    async with running(world, (120, 30)) as (app, pilot):
        await until_shown(pilot, app, "R1")
        await pilot.press("G", "x")
        await until(pilot, world.asked, "it is asked for")
        assert world.asked() == [CancelRun("R1")]


async def test_the_group_folds_and_opens(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    runs.running(world, "R1")
    async with running(world, (120, 30)) as (app, pilot):
        await until_shown(pilot, app, "R1")
        await pilot.press("G", "minus")
        await until_shown(pilot, app, "▸ Runs  1")
        await until(pilot, lambda: "R1" not in shown(app), "its line is gone")
        await until_shown(pilot, app, "1 run is folded away")
        await pilot.press("enter")
        await until_shown(pilot, app, "▾ Runs  1")
        assert app.fleet_list.selected_run is not None


async def test_runs_alone_are_a_list_too(world: World) -> None:
    world.repo("shop")
    runs.running(world, "R1")
    async with running(world, (120, 30)) as (app, pilot):
        await until_shown(pilot, app, "Runs  1")
        await until(pilot, lambda: app.fleet_list.selected_run, "the cursor is on it")


async def test_the_cursor_stays_near_when_its_run_leaves_the_list(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    runs.running(world, "R1")
    runs.queued(world, "R2")
    async with running(world, (120, 30)) as (app, pilot):
        await until_shown(pilot, app, "R2")
        await pilot.press("G", "k")
        assert app.fleet_list.selected_run is not None
        world.happen(rev.RunEnded("R1", RunLife.CANCELLED, "cancelled"))
        await until(pilot, lambda: "R1" not in shown(app), "it is gone")
        assert app.fleet_list.selected_run is not None
        assert app.fleet_list.selected_run.id == "R2"


def hundred() -> Fleet:
    made = (
        Run(f"R{n}", runs.ORDER, 0.0, life=RunLife.RUNNING, started_at=1.0, attempt=1)
        for n in range(1, 101)
    )
    return replace(fleet_of(agent("ada")), runs={run.id: run for run in made})


async def test_a_new_figure_repaints_its_line_alone() -> None:
    fleet = hundred()
    told = {name: Reading("loss", 3.0, 1.0) for name in fleet.runs}
    app = ListApp()
    async with app.run_test(size=(100, 40)) as pilot:
        app.fleet_list.show(fleet, 500.0, readings=told)
        await pilot.pause()
        app.fleet_list.painted.clear()
        told = {**told, "R5": Reading("loss", 2.5, 2.0)}
        app.fleet_list.show(fleet, 500.0, readings=told)
        await pilot.pause()
        # Below the agent, which takes one line here, and the head line.
        assert app.fleet_list.painted == [6]


async def test_the_research_layout_shows_runs_in_a_part_of_their_own(world: World) -> None:
    runs.afternoon(world)
    world.agent("ada")
    world.layout = load_layouts(world.places).layout("research")
    async with running(world, (120, 40)) as (app, pilot):
        await until_shown(pilot, app, "sweep s1a2b3  3 of 5 over")
        assert not any("▾ Runs" in line for line in screen(app))
        await pilot.press("tab", "j", "j", "j", "enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen), "a run is open")


async def test_in_a_part_escape_gives_the_keys_back_to_the_list(world: World) -> None:
    runs.afternoon(world)
    world.agent("ada")
    world.layout = load_layouts(world.places).layout("research")
    async with running(world, (120, 40)) as (app, pilot):
        await until_shown(pilot, app, "sweep s1a2b3")
        await pilot.press("tab")
        await until_shown(pilot, app, "back to the list")
        await pilot.press("escape")
        await until(pilot, lambda: app.fleet_list.has_focus, "the list has the keys")


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_no_line_reaches_beyond_the_screen(world: World, size: tuple[int, int]) -> None:
    runs.afternoon(world)
    async with running(world, size) as (app, pilot):
        await until_shown(pilot, app, "Runs  7")
        assert max(map(len, screen(app))) <= size[0]
