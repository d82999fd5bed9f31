"""The Timeline screen, and the stretch of time that it shows."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from command_center.domain import events as ev
from command_center.domain.model import State
from command_center.tui.stretch import COARSEST_S, FINEST_S, Stretch, fitting
from tests.tui.world import NOON, World, running, shown, until_shown


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def afternoon(world: World) -> None:
    """Ten minutes, told in the order in which they happened."""
    world.now = NOON - 700
    world.repo("shop")
    world.now = NOON - 600
    world.agent("ada", State.BUSY, task="Fix it")
    later = (
        (300, lambda: world.say("ada", State.WAITING, "permission: Bash")),
        (200, lambda: world.agent("bell", State.IDLE)),
        (120, lambda: world.say("ada", State.BUSY)),
        (90, lambda: world.happen(ev.PromptQueued("ada", "p9", "and the docs"))),
        (0, lambda: world.say("bell", State.LIMITED, "resets at 15:00")),
    )
    for ago, happens in later:
        world.now = NOON - ago
        happens()


async def test_the_timeline_shows_a_lane_for_each_agent(world: World) -> None:
    afternoon(world)
    async with running(world, (100, 20)) as (app, pilot):
        await pilot.press("T")
        await until_shown(pilot, app, "ada")
        await until_shown(pilot, app, "▓▓▓")
        [ada] = [line for line in shown(app).split("\n") if line.startswith("▌ ada")]
        assert ada[14:].lstrip()[0] in "░█▸"
        busy, waiting = ada.index("█"), ada.index("▓")
        assert busy < waiting < ada.rindex("█")
        assert "▸" in ada
        [bell] = [line for line in shown(app).split("\n") if line.startswith("  bell")]
        assert "─" in bell
        assert bell.rstrip().endswith("▲")
        await pilot.press("escape")
        await until_shown(pilot, app, "n new")


async def test_the_cursor_goes_from_event_to_event_and_opens_the_evidence(world: World) -> None:
    afternoon(world)
    async with running(world, (100, 24)) as (app, pilot):
        await pilot.press("T")
        await until_shown(pilot, app, "▓▓▓")
        await pilot.press("left_square_bracket")
        await until_shown(pilot, app, "▸ prompt: and the docs")
        await pilot.press("enter")
        await until_shown(pilot, app, '"text": "and the docs"')
        await pilot.press("escape")
        await pilot.press("left_square_bracket", "left_square_bracket")
        await until_shown(pilot, app, "● waiting for 3m  permission: Bash")
        await pilot.press("enter")
        await until_shown(pilot, app, '"type": "StateClaimed"')
        await pilot.press("escape", "j")
        await until_shown(pilot, app, "bell")


async def test_zooming_keeps_the_cursor_and_zero_shows_all_again(world: World) -> None:
    afternoon(world)
    async with running(world, (100, 24)) as (app, pilot):
        await pilot.press("T")
        await until_shown(pilot, app, "one column is 8s")
        await pilot.press("left_square_bracket")
        await pilot.press(*["plus"] * 3)
        await until_shown(pilot, app, "one column is 1s")
        await until_shown(pilot, app, "▸ prompt: and the docs")
        await pilot.press("0")
        await until_shown(pilot, app, "one column is 8s")


async def test_the_timeline_follows_what_happens(world: World) -> None:
    afternoon(world)
    async with running(world, (100, 24)) as (app, pilot):
        await pilot.press("T")
        await until_shown(pilot, app, "▓▓▓")
        world.now += 600
        world.agent("cleo", State.BUSY)
        await until_shown(pilot, app, "cleo")
        await until_shown(pilot, app, "one column is 15s")


async def test_a_name_and_a_reason_cannot_leave_their_line(world: World) -> None:
    world.repo("shop")
    world.agent("ada", State.WAITING, "evil\x1b[2J\nreason", ago=10)
    async with running(world, (100, 24)) as (app, pilot):
        await pilot.press("T")
        await until_shown(pilot, app, "waiting for")
        assert "\x1b" not in shown(app)
        assert "evil" in shown(app)


@given(
    begin=st.floats(0, 2e9),
    length=st.floats(0, 1e7),
    columns=st.integers(1, 400),
)
def test_fitting_shows_beginning_and_end(begin: float, length: float, columns: int) -> None:
    stretch = fitting(begin, begin + length, columns)
    assert stretch.column(begin) == 0
    if length / columns < COARSEST_S / 2:
        assert columns == 1 or stretch.column(begin + length) <= columns


@given(
    per=st.floats(FINEST_S, COARSEST_S),
    factor=st.sampled_from([0.5, 2.0]),
    column=st.integers(0, 199),
)
def test_zooming_leaves_the_cursor_in_its_column(per: float, factor: float, column: int) -> None:
    stretch = Stretch(NOON, per, 200)
    at = stretch.at(column) + per / 2
    assert stretch.zoomed(factor, at).column(at) == column


@given(at=st.floats(NOON - 1e6, NOON + 1e6), per=st.floats(FINEST_S, 3600))
def test_what_is_gone_to_is_shown(at: float, per: float) -> None:
    assert Stretch(NOON, per, 80).showing(at).holds(at)


def test_the_axis_has_round_times_that_do_not_touch() -> None:
    labels = list(Stretch(NOON + 7, 30.0, 120).labels())
    columns = [column for column, _ in labels]
    assert all(after - before >= 14 for before, after in pairwise(columns))
    assert len(labels) > 3
    assert all(text.endswith(("0", "5")) for _, text in labels)
