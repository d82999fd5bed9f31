"""Pictures of the main states. `make snapshots` draws them anew after a change that is meant."""

from collections.abc import Awaitable, Callable
from typing import Protocol

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from command_center.domain.model import State
from tests.tui.world import Recording, World, fleet, until

SIZES = [(80, 24), (200, 60)]
Setting = Callable[[Pilot[None]], Awaitable[None]]


class SnapCompare(Protocol):
    def __call__(
        self, app: App[None], *, terminal_size: tuple[int, int], run_before: Setting
    ) -> bool: ...


def after(world: World, *keys: str) -> Setting:
    """Wait until the files are read and the supervisor runs, then press `keys`."""

    async def settle(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, Recording)
        await until(pilot, lambda: app.kit.is_known and world.starts, "the files are read")
        await pilot.press(*keys)
        # The header hears of the supervisor at the next second.
        ticks = app.pulse.beats
        await until(pilot, lambda: app.pulse.beats > ticks, "a second has passed")
        # A cursor that blinks is in every other picture.
        if isinstance(app.focused, Input | TextArea):
            app.focused.cursor_blink = False

    return settle


@pytest.mark.parametrize("size", SIZES)
def test_an_afternoon(snap_compare: SnapCompare, world: World, size: tuple[int, int]) -> None:
    fleet(world)
    assert snap_compare(world.app(), terminal_size=size, run_before=after(world))


@pytest.mark.parametrize("size", SIZES)
def test_no_agents(snap_compare: SnapCompare, world: World, size: tuple[int, int]) -> None:
    assert snap_compare(world.app(), terminal_size=size, run_before=after(world))


def test_help(snap_compare: SnapCompare, world: World) -> None:
    fleet(world)
    settle = after(world, "question_mark")
    assert snap_compare(world.app(), terminal_size=(120, 60), run_before=settle)


def test_zoomed(snap_compare: SnapCompare, world: World) -> None:
    fleet(world)
    assert snap_compare(world.app(), terminal_size=(80, 24), run_before=after(world, "z"))


def test_hidden_agents_shown(snap_compare: SnapCompare, world: World) -> None:
    fleet(world)
    settle = after(world, "full_stop", "G")
    assert snap_compare(world.app(), terminal_size=(120, 30), run_before=settle)


def test_without_colour(
    snap_compare: SnapCompare, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    fleet(world)
    assert snap_compare(world.app(), terminal_size=(80, 24), run_before=after(world))


def test_one_repository(snap_compare: SnapCompare, world: World) -> None:
    world.repo("shop")
    world.agent("ada", State.WAITING, "wants to run: make deploy", task="Ship 2.1", ago=30)
    world.agent("bell", task="Write the release notes", ago=300)
    assert snap_compare(world.app(), terminal_size=(100, 30), run_before=after(world))
