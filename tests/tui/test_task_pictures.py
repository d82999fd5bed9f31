"""How the screens of tasks look, as pictures to compare. Renew them with make snapshots."""

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from command_center.domain import task_events as tev
from command_center.store.layouts import load_layouts
from command_center.store.settings import Settings
from command_center.tui.dialogs.fields import Choice
from tests.tui.tasks import backlog
from tests.tui.test_snapshots import SIZES, SnapCompare, after
from tests.tui.world import World, until

STILL = Settings(reduced_motion=True)
"""No cursor blinks."""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", ["b", "I", "D", "d"])
def test_a_screen_of_tasks(
    snap_compare: SnapCompare, world: World, key: str, size: tuple[int, int]
) -> None:
    backlog(world)
    world.happen(tev.DispatchSet("confirm"))
    world.settings = STILL
    settle = after(world, key)

    async def opened(pilot: Pilot[None]) -> None:
        await settle(pilot)
        # What it offers is read from files before it stands.
        await until(pilot, lambda: len(pilot.app.screen_stack) > 1, "the screen is open")
        await pilot.pause()

    assert snap_compare(world.app(), terminal_size=size, run_before=opened)


@pytest.mark.parametrize("size", SIZES)
def test_the_form_of_an_experiment(
    snap_compare: SnapCompare, world: World, size: tuple[int, int]
) -> None:
    backlog(world)
    world.settings = STILL
    settle = after(world, "d")

    async def filled(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await until(pilot, lambda: len(pilot.app.screen_stack) > 1, "the form is open")
        pilot.app.screen.query_one("#kind", Choice).focus()
        await pilot.press("left", "left")
        run = pilot.app.screen.query_one("#run", Input)
        await until(pilot, lambda: run.is_on_screen, "it is asked what it runs")
        await pilot.press("tab", *"python train.py --lr 3e-4")
        await pilot.pause()

    assert snap_compare(world.app(), terminal_size=size, run_before=filled)


@pytest.mark.parametrize("size", SIZES)
def test_the_layout_of_tasks(
    snap_compare: SnapCompare, world: World, size: tuple[int, int]
) -> None:
    backlog(world)
    world.layout = load_layouts(world.places, None).by_id["tasks"]
    assert snap_compare(world.app(), terminal_size=size, run_before=after(world))
