"""Runs are started from the dashboard, and a task's experiment from the board."""

from pathlib import Path

import pytest

from command_center.domain import task_events as tev
from command_center.domain.run_intents import QueueRuns
from command_center.domain.task_intents import DiscardTask
from command_center.domain.tasks import Brief, TaskKind
from command_center.tui.dialogs.run import RunDialog
from tests.tui.board_app import SIZES, chosen, opened, until_asked
from tests.tui.tasks import backlog
from tests.tui.world import World, running, until, until_shown


def experiment(world: World, run: str = "") -> None:
    """T8 of the backlog, which nobody has yet, is one."""
    backlog(world)
    brief = Brief("Is it better?", repo="shop", kind=TaskKind.EXPERIMENT, run=run)
    world.happen(tev.TaskRevised("T8", brief))


@pytest.mark.parametrize("size", SIZES)
async def test_a_template_is_started_from_the_fleet(
    world: World, tmp_path: Path, size: tuple[int, int]
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").touch()
    async with running(world, size) as (app, pilot):
        await pilot.press("N")
        await until(pilot, lambda: isinstance(app.screen, RunDialog), "the form is open")
        await until_shown(pilot, app, "Start runs")
        await pilot.press("right", "tab", "tab", "ctrl+u", *str(tmp_path), "ctrl+s")
        await until(pilot, world.asked, "it is asked")
    [intent] = world.asked()
    assert isinstance(intent, QueueRuns)
    assert intent.place == str(tmp_path)
    [order] = intent.orders
    assert (order.template, order.training, order.seed) == ("microgpt", "microgpt", 0)


async def test_an_experiment_is_run_where_others_are_discarded(world: World) -> None:
    experiment(world, "microgpt")
    async with running(world) as (app, pilot):
        await opened(pilot, app)
        await chosen(pilot, app, "T8")
        await pilot.press("x")
        await until_shown(pilot, app, "Run T8")
        await pilot.press("ctrl+s")
        await until(pilot, world.asked, "it is asked")
    [intent] = world.asked()
    assert isinstance(intent, QueueRuns)
    assert [(o.task, o.template) for o in intent.orders] == [("T8", "microgpt")]


async def test_an_experiment_is_discarded_by_another_key(world: World) -> None:
    experiment(world)
    async with running(world) as (app, pilot):
        await opened(pilot, app)
        await chosen(pilot, app, "T8")
        await until_shown(pilot, app, "del discard")
        await pilot.press("delete")
        await until_shown(pilot, app, "Discard T8")
        await pilot.press("y")
        await until_asked(pilot, world, DiscardTask("T8"))


async def test_an_experiment_that_is_measured_already_says_so(world: World) -> None:
    experiment(world)
    world.happen(tev.ExperimentQueued("T8", ("R1",)))
    async with running(world) as (app, pilot):
        await opened(pilot, app)
        await chosen(pilot, app, "T8")
        await pilot.press("x")
        await until_shown(pilot, app, "T8 waits for the end of its runs")
    assert world.asked() == []
