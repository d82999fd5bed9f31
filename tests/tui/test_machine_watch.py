"""The machine on the dashboard itself: at the top, in the list, as a part of a layout."""

import pytest
from msgspec.structs import replace

from command_center.domain.layouts import Layout, Part, Region, Split
from command_center.store.machine import MachineView
from command_center.tui.columns import Column
from tests.tui import machines
from tests.tui.world import NOON, World, fleet, running, screen, shown, until, until_shown

PART = Layout(
    "machine",
    "Machine",
    Region(
        split=Split.ROWS,
        regions=(
            Region(part=Part.LIST, size="auto", most="40%"),
            Region(part=Part.MACHINE, size="8"),
            Region(part=Part.PANE),
        ),
    ),
)


async def test_the_top_line_tells_what_the_machine_does_to_those_who_ask(world: World) -> None:
    fleet(world)
    world.sample(machines.sample())
    async with running(world, (140, 30)) as (app, pilot):
        assert "mem" not in screen(app)[0]
        await pilot.press("m")
        await until_shown(pilot, app, "cpu 47% mem 14.1G gpu 0:24% 1:0%  dashboard ")
        world.now += 60
        await until(pilot, lambda: "mem 14.1G" not in shown(app), "it is too old to be told")


async def test_the_list_shows_what_each_agent_takes_in_columns_of_its_own(world: World) -> None:
    fleet(world)
    world.columns = ("name", "cpu", "memory", "task")
    world.sample(machines.sample())
    async with running(world, (140, 40)) as (app, pilot):
        await until_shown(pilot, app, "171%    1.8G")
        world.now += 1
        one = machines.sample(world.now)
        world.sample(replace(one, trees=(replace(one.trees[0], cpu=0.5),)))
        await until_shown(pilot, app, "50%    1.8G")


async def test_columns_of_the_machine_are_offered_and_shown_when_ticked(world: World) -> None:
    fleet(world)
    world.sample(machines.sample())
    async with running(world, (200, 50)) as (app, pilot):
        assert "171%" not in shown(app)
        await pilot.press("C")
        await until_shown(pilot, app, "what it takes of one CPU")
        await pilot.press(*["j"] * (len(Column) - 2), "space", "escape")
        await until_shown(pilot, app, "171%")


async def test_nothing_is_read_of_the_machine_while_nobody_looks(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = list[object]()
    make = MachineView.__init__

    def noted(view: MachineView, *words: object) -> None:
        opened.append(view)
        make(view, *words)  # type: ignore[arg-type]

    monkeypatch.setattr(MachineView, "__init__", noted)
    fleet(world)
    async with running(world, (140, 30)) as (app, pilot):
        ticks = app.pulse.beats
        await until(pilot, lambda: app.pulse.beats > ticks + 1, "it had the time to")
        assert not opened


@pytest.mark.parametrize("width", [80, 200])
async def test_a_layout_can_show_the_machine(world: World, width: int) -> None:
    fleet(world)
    world.layout = PART
    world.sample(*machines.history(600), machines.alarmed(machines.sample()))
    async with running(world, (width, 50)) as (app, pilot):
        await until_shown(pilot, app, "▲ GPU 3 at 0 % for 12 min")
        for words in (" cpu ", "234/700W", "R1  python 4312", "▄▄"):
            assert words in shown(app)


async def test_the_part_without_gpus_shows_who_takes_most(world: World) -> None:
    fleet(world)
    world.layout = PART
    async with running(world, (200, 50)) as (app, pilot):
        await until_shown(pilot, app, "nothing is measured yet")
        world.sample(machines.sample(NOON, gpus=0))
        await until_shown(pilot, app, "171%")
        world.now += 60
        await until_shown(pilot, app, "nothing is measured now")
