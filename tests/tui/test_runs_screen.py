"""The Runs screen, driven by its keys."""

import pytest
from msgspec.structs import replace

from command_center.domain.model import State
from command_center.domain.run_intents import CancelRun, MarkRunSeen, RequeueRun, TellOfRun
from command_center.domain.runs import RunLife
from command_center.tui.compare_screen import CompareScreen
from command_center.tui.runs_part import RunTable
from tests.tui import runs
from tests.tui.world import Recording, World, running, screen, shown, until, until_shown


def order(app: Recording) -> list[str]:
    """Ids of the runs from top to bottom."""
    words = (word for line in screen(app) for word in line.split())
    known = app.fleet.runs
    listed = dict.fromkeys(word for word in words if word in known)
    return list(listed)


def table(app: Recording) -> RunTable:
    return app.screen.query_one(RunTable)


async def test_every_run_has_a_line_and_sweeps_a_head_line(world: World) -> None:
    runs.afternoon(world)
    async with running(world, (160, 40)) as (app, pilot):
        await pilot.press("X")
        await until_shown(pilot, app, "sweep s1a2b3  3 of 5 over  best R2 val_bpb 2.874")
        for words in ("10  ◐ 2 running", "METRIC", "DEPTH", "RuntimeError: the loss"):
            assert words in shown(app)
        await until_shown(pilot, app, "train_bpb 3.23665")


async def test_it_says_how_a_first_run_is_made(world: World) -> None:
    async with running(world, (120, 30)) as (app, pilot):
        await pilot.press("X")
        await until_shown(pilot, app, "none yet")


async def test_s_sorts_by_result(world: World) -> None:
    runs.afternoon(world)
    async with running(world, (160, 40)) as (app, pilot):
        await pilot.press("X", "equals_sign", "s")
        await until_shown(pilot, app, "best result first")
        await until(pilot, lambda: order(app)[:4] == ["R2", "R6", "R1", "R3"], "the best lead")


async def test_o_shows_only_what_is_not_over(world: World) -> None:
    runs.afternoon(world)
    async with running(world, (160, 40)) as (app, pilot):
        await pilot.press("X", "o")
        await until_shown(pilot, app, "only not over")
        await until(pilot, lambda: set(order(app)) == {"R7", "R8", "R9", "R10"}, "four are left")


async def test_a_filter_is_typed_and_its_letters_are_no_keys(world: World) -> None:
    runs.afternoon(world)
    async with running(world, (160, 40)) as (app, pilot):
        await pilot.press("X", "slash", *"crashed", "enter")
        await until(pilot, lambda: order(app) == ["R4"], "one is left")
        await pilot.press("escape")
        await until(pilot, lambda: len(order(app)) == 10, "the filter is gone")
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1, "it is closed")
        assert world.asked() == []


async def test_a_sweep_folds_into_its_head_line(world: World) -> None:
    runs.afternoon(world)
    async with running(world, (160, 40)) as (app, pilot):
        await pilot.press("X", "minus")
        await until_shown(pilot, app, "▸ sweep s1a2b3")
        assert "R10" not in order(app)
        await pilot.press("enter")
        await until_shown(pilot, app, "▾ sweep s1a2b3")


async def test_the_marked_runs_are_compared(world: World) -> None:
    runs.afternoon(world)
    async with running(world, (160, 40)) as (app, pilot):
        await pilot.press("X", "j", "j", "space", "space", "c")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen), "they are compared")
        await until_shown(pilot, app, "Compare  R2 R3")


async def test_without_a_mark_the_sweep_is_compared(world: World) -> None:
    runs.afternoon(world)
    async with running(world, (160, 40)) as (app, pilot):
        await pilot.press("X", "c")
        await until_shown(pilot, app, "Compare  R2 R1 R3 R9 R10")


async def test_a_run_alone_has_nothing_to_be_compared_with(world: World) -> None:
    runs.running(world, "R1")
    async with running(world, (160, 40)) as (app, pilot):
        await pilot.press("X", "c")
        await until_shown(pilot, app, "mark two runs or more")


async def test_a_queued_run_is_cancelled_at_once(world: World) -> None:
    runs.queued(world, "R1")
    async with running(world, (120, 30)) as (_, pilot):
        await pilot.press("X", "x")
        await until(pilot, world.asked, "it is asked for")
        assert world.asked() == [CancelRun("R1")]


async def test_what_is_at_work_is_cancelled_after_a_question(world: World) -> None:
    for name in ("R1", "R2"):
        runs.running(world, name)
    async with running(world, (120, 30)) as (app, pilot):
        await pilot.press("X", "asterisk", "x")
        await until_shown(pilot, app, "Cancel 2 runs? 2 are at work.")
        await pilot.press("n")
        assert world.asked() == []
        await pilot.press("x", "y")
        await until(pilot, lambda: len(world.asked()) == 2, "both are asked for")
        assert set(world.asked()) == {CancelRun("R1"), CancelRun("R2")}


async def test_only_what_is_over_is_run_again(world: World) -> None:
    runs.running(world, "R1")
    runs.ended(world, "R2", 2.9, is_seen=True)
    async with running(world, (120, 30)) as (app, pilot):
        await pilot.press("X", "j", "r")
        await until_shown(pilot, app, "R1 is running: x cancels it first")
        await pilot.press("k", "r")
        await until(pilot, world.asked, "it is asked for")
        assert world.asked() == [RequeueRun("R2")]


async def test_an_agent_is_told_of_a_run(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    world.agent("bell")
    runs.ended(world, "R1", 2.9, replace(runs.ORDER, agent="bell"), is_seen=True)
    async with running(world, (120, 30)) as (app, pilot):
        await pilot.press("X", "p")
        await until_shown(pilot, app, "Who is told of R1, now?")
        await pilot.press("enter")
        await until(pilot, world.asked, "it is asked for")
        # The one that asked for the run stands first.
        assert world.asked() == [TellOfRun("R1", "bell")]


async def test_nobody_can_be_told_while_nobody_is_there(world: World) -> None:
    world.repo("shop")
    world.agent("ada", State.PARKED)
    runs.ended(world, "R1", 2.9)
    async with running(world, (120, 30)) as (app, pilot):
        await pilot.press("X", "p")
        await until_shown(pilot, app, "no agent is running")


async def test_all_ends_are_marked_as_seen_at_once(world: World) -> None:
    runs.ended(world, "R1", 2.9)
    runs.ended(world, "R2", None, life=RunLife.CRASHED)
    async with running(world, (120, 30)) as (_, pilot):
        await pilot.press("X", "A")
        await until(pilot, lambda: len(world.asked()) == 2, "both are asked for")
        assert set(world.asked()) == {MarkRunSeen("R1"), MarkRunSeen("R2")}


async def test_keys_do_nothing_to_the_agents_behind(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    runs.running(world, "R1")
    async with running(world, (120, 30)) as (app, pilot):
        await pilot.press("X")
        await until_shown(pilot, app, "R1")
        await pilot.press("i", "H", "d", "n", "u", "y")
        await pilot.pause()
        assert world.asked() == []
        assert table(app).is_attached
        assert len(app.screen_stack) == 2


async def test_a_ledger_that_cannot_be_read_is_told_once(world: World) -> None:
    runs.running(world, "R1")
    world.places.ledger.write_bytes(b"no database at all, and long enough to be looked at" * 20)
    async with running(world, (160, 30)) as (app, pilot):
        await until_shown(pilot, app, "runs.sqlite")
        ticks = app.pulse.beats
        await until(pilot, lambda: app.pulse.beats > ticks + 1, "it was read again")
        assert len(app._notifications) == 1


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_no_line_reaches_beyond_the_screen(world: World, size: tuple[int, int]) -> None:
    runs.afternoon(world)
    async with running(world, size) as (app, pilot):
        await pilot.press("X")
        await until_shown(pilot, app, "R10")
        assert max(map(len, screen(app))) <= size[0]
