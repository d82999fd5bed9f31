"""The Machine screen, driven by its keys."""

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from command_center.tui.charts import TimeChart
from command_center.tui.entry_list import EntryList
from tests.tui import machines, runs
from tests.tui.test_snapshots import SnapCompare
from tests.tui.world import (
    NOON,
    Recording,
    World,
    fleet,
    painted,
    running,
    screen,
    shown,
    until,
    until_shown,
)

SIZES = [(80, 24), (200, 60)]


@pytest.fixture
def measured(world: World, utc: None) -> World:
    del utc
    fleet(world)
    world.sample(*machines.history(900), machines.alarmed(machines.sample()))
    return world


async def opened(pilot: Pilot[None], app: Recording) -> None:
    await pilot.press("M")
    await until_shown(pilot, app, "bell ")
    await until(pilot, lambda: charted(app), "something is plotted")


def charted(app: Recording) -> list[str]:
    return [str(each.border_title) for each in app.screen.query(TimeChart) if each.display]


def table(app: Recording) -> EntryList:
    return app.screen.query_one(EntryList)


def is_whole(lines: list[str]) -> bool:
    firsts, lasts = ("".join(lines).count(sign) for sign in "╭╰")
    return firsts == lasts and lines[-1].startswith(" ← → span") and lines[-2].startswith("╰")


@pytest.mark.parametrize("size", SIZES)
async def test_it_shows_cpus_memory_disks_gpus_and_who_uses_them(
    measured: World, size: tuple[int, int]
) -> None:
    async with running(measured, size) as (app, pilot):
        await opened(pilot, app)
        for words in (
            "▲ GPU 3 at 0 % for 12 min while 3 runs are queued",
            "simulated GPUs",
            "14.1G of 32.0G",
            "12.0G free",
            "waits for cpu 12% memory 0% disk 3%",
            "234/700W",
            "46°C",
            "R1  python 4312",
            "not ours  Xorg 990",
            "heat",
            "171%",
            "Add dark mo",
        ):
            await until_shown(pilot, app, words)


async def test_the_screen_stays_whole_however_small_it_is(measured: World) -> None:
    async with running(measured, (60, 14)) as (app, pilot):
        await pilot.press("M")
        await until_shown(pilot, app, "bell ")
        await pilot.resize_terminal(200, 60)
        await until(pilot, lambda: len(charted(app)) == 4, "four plots have room")
        await pilot.resize_terminal(110, 40)
        await until(pilot, lambda: len(charted(app)) == 2, "two plots have room")


@pytest.mark.parametrize("size", [(100, 32), (120, 40), (200, 60)])
async def test_every_box_keeps_its_last_line_with_many_gpus(
    world: World, size: tuple[int, int]
) -> None:
    fleet(world)
    world.sample(machines.alarmed(machines.sample(gpus=8, cpus=64)))
    async with running(world, size) as (app, pilot):
        await opened(pilot, app)
        await until_shown(pilot, app, "5 with processes")
        await until(pilot, lambda: is_whole(screen(app)), "all boxes have their last lines")


async def test_gpus_for_which_there_is_no_room_are_scrolled_to(world: World) -> None:
    fleet(world)
    world.sample(machines.sample(gpus=8))
    async with running(world, (80, 24)) as (app, pilot):
        await opened(pilot, app)
        await until_shown(pilot, app, "J K GPUs")
        assert "68.0G" not in shown(app)
        await pilot.press(*["J"] * 6)
        await until_shown(pilot, app, "68.0G")


async def test_the_screen_is_painted_in_ascii_where_there_is_nothing_else(measured: World) -> None:
    measured.is_ascii = True
    async with running(measured, (200, 60)) as (app, pilot):
        await opened(pilot, app)
        await until(pilot, lambda: "46 C" in "\n".join(painted(app)), "a temperature is painted")
        assert "\n".join(painted(app)).isascii()


async def test_keys_turn_the_span_and_the_plots(measured: World) -> None:
    async with running(measured, (120, 50)) as (app, pilot):
        await opened(pilot, app)
        await until(pilot, lambda: charted(app) == ["CPU", "memory in use, GiB"], "two plots")
        await pilot.press("tab")
        await until(pilot, lambda: "2 GPUs, mean" in charted(app), "the GPUs are plotted")
        await pilot.press("tab")
        await until(pilot, lambda: "GPU 0" in charted(app), "one GPU is plotted")
        await pilot.press("shift+tab", "shift+tab", "left")
        await until_shown(pilot, app, "07:58:30")
        await pilot.press("p")
        await until(pilot, lambda: not app.screen.query_one("#machine-plots").display, "no plots")
        await until_shown(pilot, app, "p show ")


async def test_the_table_is_sorted_anew_and_the_cursor_stays_with_its_agent(
    measured: World,
) -> None:
    async with running(measured, (120, 50)) as (app, pilot):
        await opened(pilot, app)
        await until(
            pilot, lambda: table(app).ids == ["R1", "bell", "ada", "kurt", "finn"], "all are there"
        )
        await pilot.press("j", "j", "j")
        assert table(app).selected == "kurt"
        busy = replace(machines.sample(NOON + 1), trees=machines.trees()[:2])
        measured.sample(busy)
        await until(pilot, lambda: table(app).ids == ["bell", "ada"], "two are left")
        await pilot.press("s")
        await until_shown(pilot, app, "by memory")


async def test_enter_goes_to_the_agent(measured: World) -> None:
    async with running(measured, (120, 50)) as (app, pilot):
        await opened(pilot, app)
        await pilot.press("j", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 1, "the screen is closed")
        assert app.selected is not None
        assert app.selected.id == "bell"


async def test_a_run_is_named_with_what_it_does_and_enter_opens_all_about_it(
    measured: World,
) -> None:
    runs.running(measured, "R1", gpus=("0",))
    async with running(measured, (200, 60)) as (app, pilot):
        await opened(pilot, app)
        await until_shown(pilot, app, "▶ running")
        await until_shown(pilot, app, "R1 train  python 4312")
        await pilot.press("enter")
        await until(pilot, lambda: len(app.screen_stack) == 3, "the run is shown above")
        await pilot.press("escape")
        await until_shown(pilot, app, "R1 train  python 4312")


async def test_an_agent_that_is_not_listed_is_not_gone_to_in_silence(measured: World) -> None:
    async with running(measured, (120, 50)) as (app, pilot):
        await opened(pilot, app)
        await pilot.press("j", "j", "j", "enter")
        await until_shown(pilot, app, "kurt is hidden, folded or filtered out")


async def test_a_machine_without_gpus_says_once_what_was_looked_for(world: World) -> None:
    fleet(world)
    world.sample(machines.sample(gpus=0))
    async with running(world, (120, 50)) as (app, pilot):
        await opened(pilot, app)
        await until_shown(pilot, app, "no GPU driver found: looked for NVIDIA, AMD, Apple")
        assert shown(app).count("no GPU driver found") == 1
        assert "HELD BACK" not in shown(app)
        await pilot.press("tab")
        await until(pilot, lambda: "waiting for a CPU" in charted(app), "waiting is plotted")


async def test_an_old_sample_is_not_passed_off_as_new(measured: World) -> None:
    measured.now += 60
    async with running(measured, (120, 50)) as (app, pilot):
        await opened(pilot, app)
        await until_shown(pilot, app, "as of 08:00:00, nothing is measured now")


async def test_without_any_sample_it_says_when_there_is_one(world: World) -> None:
    fleet(world)
    async with running(world, (80, 24)) as (app, pilot):
        await pilot.press("M")
        await until_shown(pilot, app, "nothing is measured yet")
        world.sample(machines.sample())
        await until_shown(pilot, app, "14.1G of 32.0G")


async def test_a_file_that_cannot_be_read_is_told(measured: World) -> None:
    async with running(measured, (120, 50)) as (app, pilot):
        await opened(pilot, app)
        measured.places.machine.write_bytes(b"not a database" * 1000)
        await until_shown(pilot, app, "machine.sqlite: ")
        assert "14.1G of 32.0G" in shown(app)


async def test_keys_do_nothing_to_the_fleet_behind(measured: World) -> None:
    async with running(measured, (120, 50)) as (app, pilot):
        await opened(pilot, app)
        await pilot.press("space", "i", "x", "H", "r")
        await pilot.pause()
        assert measured.asked() == []
        await pilot.press("M")
        await until(pilot, lambda: len(app.screen_stack) == 1, "M closes it too")


@pytest.mark.parametrize("size", SIZES)
def test_the_machine_in_a_picture(
    snap_compare: SnapCompare, measured: World, size: tuple[int, int]
) -> None:
    async def settle(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, Recording)
        await until(pilot, lambda: app.kit.is_known and measured.starts, "the files are read")
        await opened(pilot, app)
        # A mark below the plots: they are drawn last.
        await until_shown(pilot, app, "07:58")

    assert snap_compare(measured.app(), terminal_size=size, run_before=settle)
