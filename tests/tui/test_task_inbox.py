"""The inbox of results, the dispatch view and the way to them from the dashboard."""

import pytest

from command_center.domain import task_events as tev
from command_center.domain.intents import Send
from command_center.domain.model import State
from command_center.domain.task_intents import (
    AddTasks,
    ApproveTask,
    AssignTask,
    SetDispatch,
)
from command_center.domain.tasks import Life
from command_center.store.layouts import load_layouts
from tests.tui.board_app import SIZES, at, opened, until_asked
from tests.tui.tasks import backlog, task
from tests.tui.world import World, running, screen, shown, until, until_shown

# The inbox


@pytest.mark.parametrize("size", SIZES)
async def test_the_inbox_tells_what_waits_and_what_is_over(
    world: World, size: tuple[int, int]
) -> None:
    backlog(world)
    async with running(world, size) as (app, pilot):
        assert "2 tasks wait for you" in screen(app)[0]
        await opened(pilot, app, "I")
        await until_shown(pilot, app, "Waits for your decision  2")
        assert "waits for your yes · 2 wait behind it" in shown(app)
        assert "take it, or send it back" in shown(app)
        await pilot.press("j", "a", "k", "a")
        await until_asked(pilot, world, ApproveTask("T2"), ApproveTask("T4"))
        await pilot.press("tab")
        await until_shown(pilot, app, "Draft 1")


async def test_an_empty_inbox_opens_and_says_that_it_is_empty(world: World) -> None:
    world.repo("shop")
    async with running(world) as (app, pilot):
        await opened(pilot, app, "I")
        await pilot.press("j", "G", "enter")
        await until_shown(pilot, app, "nothing waits for you")


async def test_a_goes_to_the_inbox_when_no_agent_needs_the_user(world: World) -> None:
    world.repo("shop")
    world.agent("ada", State.BUSY)
    task(world, 1, "Wait", held="say who")
    async with running(world) as (app, pilot):
        await pilot.press("a")
        await until_shown(pilot, app, "Waits for your decision  1")


async def test_a_click_on_the_count_opens_the_inbox(world: World) -> None:
    backlog(world)
    async with running(world) as (app, pilot):
        await pilot.click(offset=(screen(app)[0].index("tasks wait"), 0))
        await until_shown(pilot, app, "Waits for your decision  2")


# The dispatch view


async def test_every_queued_task_says_where_it_goes_and_why(world: World) -> None:
    backlog(world)
    async with running(world, (100, 30)) as (app, pilot):
        await pilot.press("D")
        await until_shown(pilot, app, "T7 → dora because it worked on src/search/index.py")
        assert "waits for T4" in shown(app)
        assert "Idle agents  2" in shown(app)


@pytest.mark.parametrize(("keys", "mode"), [(("3",), "automatic"), (("m",), "confirm")])
async def test_the_mode_is_set_by_keys(world: World, keys: tuple[str, ...], mode: str) -> None:
    backlog(world)
    async with running(world) as (app, pilot):
        await pilot.press("D", *keys)
        await until_asked(pilot, world, SetDispatch(mode))
        await until_shown(pilot, app, f"{mode}…")
        world.happen(tev.DispatchSet(mode))
        await until(pilot, lambda: f"{mode}…" not in shown(app), "it is set")


async def test_a_placement_is_accepted_as_it_is_shown(world: World) -> None:
    backlog(world)
    world.happen(tev.DispatchSet("confirm"))
    async with running(world) as (app, pilot):
        assert "3 tasks wait for you" in screen(app)[0]
        await pilot.press("D", "G", "a")
        await until_asked(pilot, world, AssignTask("T7", "dora"))


async def test_all_placements_are_accepted_at_once(world: World) -> None:
    backlog(world)
    task(world, 10, "One more")
    world.happen(tev.PlacementProposed("T10", "new able", "there is room"))
    world.happen(tev.DispatchSet("confirm"))
    async with running(world) as (_, pilot):
        await pilot.press("D", "A")
        await until_asked(pilot, world, AssignTask("T7", "dora"), AssignTask("T10"))


async def test_a_task_without_a_placement_says_why_it_cannot_be_accepted(world: World) -> None:
    backlog(world)
    async with running(world, (100, 30)) as (app, pilot):
        await pilot.press("D", "a")
        await until_shown(pilot, app, "T5 has no agent yet")
        assert world.asked() == []


# In the dashboard


async def test_d_makes_a_task_and_tells_its_number(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    repo = world.places.data.parent / "shop"
    (repo / ".git").mkdir(parents=True)
    (repo / ".git" / "HEAD").touch()
    async with running(world) as (app, pilot):
        await pilot.press("d")
        await until_shown(pilot, app, "New task")
        app.screen.query_one("#repo").value = str(repo)  # type: ignore[attr-defined]
        await pilot.press(*"Sort it", "ctrl+s")
        await until(pilot, world.asked, "it is asked")
        [asked] = world.asked()
        assert isinstance(asked, AddTasks)
        [envelope] = world.envelopes()
        world.answer(envelope.id, "T1")
        await until_shown(pilot, app, "T1 is queued")


async def test_one_prompt_goes_to_several_only_when_sure(world: World) -> None:
    world.repo("shop")
    for number, name in enumerate(("ada", "bell", "cleo")):
        world.agent(name, State.IDLE, ago=100 - number)
    async with running(world) as (app, pilot):
        await pilot.press("B", "j", "space", "tab", *"stop it", "ctrl+s")
        await until_shown(pilot, app, "Send “stop it” to 2 agents")
        await pilot.press("n")
        assert world.asked() == []
        await pilot.press("ctrl+s", "y")
        await until(pilot, lambda: len(world.asked()) == 2, "both are asked")
        assert {type(intent) for intent in world.asked()} == {Send}


async def test_the_tasks_layout_shows_the_board_beside_the_panes(world: World) -> None:
    backlog(world)
    world.layout = load_layouts(world.places, None).by_id["tasks"]
    async with running(world) as (app, pilot):
        await until_shown(pilot, app, "Queued 3")
        assert app.side.region.area
        assert app.stage.region.area
        await pilot.click(offset=await at(pilot, app, "T4 Add"))
        await until_shown(pilot, app, "a approve")
        await pilot.press("a")
        await until_asked(pilot, world, ApproveTask("T4"))
        await pilot.press("escape")
        await until_shown(pilot, app, "n new")


async def test_hostile_words_reach_no_terminal(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    hostile = "\x1b]0;x\x07\x9b31m[bold]$(id)\u202e"
    task(world, 1, hostile, Life.CHECK, agent="ada", held=hostile, output=hostile)
    async with running(world) as (app, pilot):
        for key in ("b", "tab", "enter"):
            await pilot.press(key)
            await pilot.pause(0.1)
            assert all(c.isprintable() for line in screen(app) for c in line)
            assert "[bold]$(id)" in shown(app)
