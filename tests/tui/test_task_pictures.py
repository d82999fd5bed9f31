"""How the screens of tasks look, as pictures to compare. Renew them with make snapshots."""

import pytest
from textual.pilot import Pilot

from command_center.domain import task_events as tev
from command_center.store.layouts import load_layouts
from tests.tui.tasks import backlog
from tests.tui.test_snapshots import SIZES, SnapCompare, after
from tests.tui.world import World, until


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", ["b", "I", "D", "d"])
def test_a_screen_of_tasks(
    snap_compare: SnapCompare, world: World, key: str, size: tuple[int, int]
) -> None:
    backlog(world)
    world.happen(tev.DispatchSet("confirm"))
    settle = after(world, key)

    async def opened(pilot: Pilot[None]) -> None:
        await settle(pilot)
        # What it offers is read from files before it stands.
        await until(pilot, lambda: len(pilot.app.screen_stack) > 1, "the screen is open")
        await pilot.pause()

    assert snap_compare(world.app(), terminal_size=size, run_before=opened)


@pytest.mark.parametrize("size", SIZES)
def test_the_layout_of_tasks(
    snap_compare: SnapCompare, world: World, size: tuple[int, int]
) -> None:
    backlog(world)
    world.layout = load_layouts(world.places, None).by_id["tasks"]
    assert snap_compare(world.app(), terminal_size=size, run_before=after(world))
