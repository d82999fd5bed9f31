"""How runs look, as pictures to compare. `make snapshots` draws them anew."""

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from command_center.tui.curves import CurveChart
from tests.tui import runs
from tests.tui.test_snapshots import SnapCompare
from tests.tui.world import Recording, World, fleet, shown, until, until_shown

SIZES = [(80, 24), (200, 60)]
pytestmark = pytest.mark.usefixtures("utc")


def drawn(app: Recording) -> bool:
    """Whether every chart has what is to be drawn."""
    charts = [chart for chart in app.screen.query(CurveChart) if chart.display and chart.size]
    return bool(charts) and not any(chart.border_subtitle for chart in charts)


def told(app: Recording) -> bool:
    """Whether the figures of the runs are read."""
    return len(app.runs.readings) > 5


async def look(
    pilot: Pilot[None], world: World, keys: tuple[str, ...], is_so: Callable[[Recording], bool]
) -> None:
    app = pilot.app
    assert isinstance(app, Recording)
    await until(pilot, lambda: app.kit.is_known and world.starts, "the files are read")
    await pilot.press(*keys)
    await until(pilot, lambda: is_so(app), f"it stands:\n{shown(app)}")
    # The header hears of the supervisor at the next second.
    ticks = app.pulse.beats
    await until(pilot, lambda: app.pulse.beats > ticks, "a second has passed")


@pytest.mark.parametrize("size", SIZES)
def test_the_list(snap_compare: SnapCompare, world: World, size: tuple[int, int]) -> None:
    fleet(world)
    runs.afternoon(world)

    async def settle(pilot: Pilot[None]) -> None:
        await look(pilot, world, (), lambda app: len(app.runs.readings) > 1)

    assert snap_compare(world.app(), terminal_size=size, run_before=settle)


@pytest.mark.parametrize("size", SIZES)
def test_the_table(snap_compare: SnapCompare, world: World, size: tuple[int, int]) -> None:
    runs.afternoon(world)

    async def settle(pilot: Pilot[None]) -> None:
        await look(pilot, world, ("X", "j", "space"), told)

    assert snap_compare(world.app(), terminal_size=size, run_before=settle)


@pytest.mark.parametrize("size", SIZES)
def test_one_run(snap_compare: SnapCompare, world: World, size: tuple[int, int]) -> None:
    runs.afternoon(world)

    async def settle(pilot: Pilot[None]) -> None:
        await look(pilot, world, ("X", *"jjjjjj", "enter"), drawn)
        assert isinstance(pilot.app, Recording)
        await until_shown(pilot, pilot.app, "step: 390")

    assert snap_compare(world.app(), terminal_size=size, run_before=settle)


@pytest.mark.parametrize("size", SIZES)
def test_a_comparison(snap_compare: SnapCompare, world: World, size: tuple[int, int]) -> None:
    runs.afternoon(world)

    async def settle(pilot: Pilot[None]) -> None:
        await look(pilot, world, ("X", "c"), drawn)

    assert snap_compare(world.app(), terminal_size=size, run_before=settle)
