"""The task board, driven by keys and mouse."""

import pytest
from textual.message import Message
from textual.pilot import Pilot

from command_center.domain import task_events as tev
from command_center.domain.intents import Intent
from command_center.domain.layouts import Layout, Part, Region
from command_center.domain.task_intents import (
    ApproveTask,
    AssignTask,
    DiscardTask,
    QueueTask,
    ReturnTask,
    ReviseTask,
)
from command_center.domain.usage import Tokens
from command_center.tui.board import TaskBoard
from command_center.tui.usage_report import Share
from tests.tui.board_app import SIZES, at, board, chosen, opened, until_asked
from tests.tui.tasks import backlog, task
from tests.tui.world import World, running, screen, shown, until, until_shown


@pytest.mark.parametrize("size", SIZES)
async def test_the_board_has_a_column_for_each_part_of_a_life(
    world: World, size: tuple[int, int]
) -> None:
    backlog(world)
    async with running(world, size) as (app, pilot):
        await opened(pilot, app)
        await until_shown(pilot, app, "Draft 1")
        heads = screen(app)[1]
        for head in ("Draft 1", "Queued 3", "Running 1", "Check 1", "Review 1", "Done 2"):
            assert head in heads
        await pilot.press("escape")
        await until_shown(pilot, app, "q quit")


async def test_the_cursor_begins_at_what_waits_and_moves_by_keys(world: World) -> None:
    backlog(world)
    async with running(world) as (app, pilot):
        await opened(pilot, app)
        seen = [board(app).selected]
        for key in ("l", "h", "left", "left", "j", "G", "g", "down", "k", "right"):
            await pilot.press(key)
            seen.append(board(app).selected)
        assert seen == ["T4", "T2", "T4", "T3", "T5", "T6", "T7", "T5", "T6", "T5", "T3"]


@pytest.mark.parametrize(
    ("key", "name", "intent"),
    [
        ("a", "T4", ApproveTask("T4")),
        ("a", "T2", ApproveTask("T2")),
        ("q", "T8", QueueTask("T8")),
        ("q", "T4", QueueTask("T4")),
    ],
)
async def test_a_key_asks_for_the_task_under_the_cursor(
    world: World, key: str, name: str, intent: Intent
) -> None:
    backlog(world)
    async with running(world) as (app, pilot):
        await opened(pilot, app)
        await chosen(pilot, app, name)
        await pilot.press(key)
        await until_asked(pilot, world, intent)


async def test_keys_act_in_the_order_in_which_they_are_typed(world: World) -> None:
    backlog(world)
    async with running(world) as (app, pilot):
        await opened(pilot, app)
        await pilot.press("l", "a", "h", "a")
        await until_asked(pilot, world, ApproveTask("T2"), ApproveTask("T4"))


async def test_a_task_is_sent_back_with_words(world: World) -> None:
    backlog(world)
    async with running(world) as (app, pilot):
        await opened(pilot, app)
        await pilot.press("R", *"In blue", "enter", *"please", "ctrl+s")
        await until_asked(pilot, world, ReturnTask("T4", "In blue\nplease"))


async def test_what_is_at_work_is_taken_back_only_when_sure(world: World) -> None:
    backlog(world)
    async with running(world) as (app, pilot):
        await opened(pilot, app)
        await chosen(pilot, app, "T3")
        await pilot.press("q")
        await until_shown(pilot, app, "ada is at work on T3. Take it back?")
        await pilot.press("n", "q", "y")
        await until_asked(pilot, world, QueueTask("T3"))


async def test_a_task_is_discarded_only_when_sure(world: World) -> None:
    backlog(world)
    async with running(world) as (app, pilot):
        await opened(pilot, app)
        await pilot.press("x")
        await until_shown(pilot, app, "Discard T4, “Add dark mode to the settings page”?")
        await pilot.press("n", "x", "y")
        await until_asked(pilot, world, DiscardTask("T4"))


async def test_a_queued_task_is_revised_and_gets_another_priority(world: World) -> None:
    backlog(world)
    async with running(world) as (app, pilot):
        await opened(pilot, app)
        await chosen(pilot, app, "T7")
        await pilot.press("e", "end", *" a lot", "ctrl+s")
        await until(pilot, world.asked, "it is asked")
        await pilot.press("p", "backspace", *"4", "enter")
        await until(pilot, lambda: len(world.asked()) == 2, "both are asked")
        first, second = world.asked()
        assert isinstance(first, ReviseTask)
        assert first.brief.title == "Speed up the search a lot"
        assert isinstance(second, ReviseTask)
        assert (second.brief.title, second.brief.priority) == ("Speed up the search", 4)


async def test_a_task_is_given_to_an_agent_of_the_users_choice(world: World) -> None:
    backlog(world)
    async with running(world) as (app, pilot):
        await opened(pilot, app)
        await chosen(pilot, app, "T7")
        await pilot.press("s")
        await until_shown(pilot, app, "Who takes T7?")
        for words in ("who fits best", "now dora", "ada is at work on T3"):
            assert words in shown(app)
        await pilot.press("j", "enter")
        await until(pilot, world.asked, "it is asked")
        assert world.asked() in ([AssignTask("T7", "cleo")], [AssignTask("T7", "dora")])


@pytest.mark.parametrize(
    ("key", "name", "told"),
    [
        ("a", "T7", "T7 is queued: there is nothing to approve yet"),
        ("a", "T3", "T3 is running: there is nothing to approve yet"),
        ("R", "T5", "no agent has brought anything yet"),
        ("q", "T5", "T5 is queued already"),
        ("e", "T4", "q takes it back, then it can be revised"),
        ("s", "T5", "T5 waits for T4"),
        ("x", "T9", "T9 is discarded already"),
        ("o", "T8", "T8 has no agent"),
    ],
)
async def test_a_key_that_does_not_apply_says_why(
    world: World, key: str, name: str, told: str
) -> None:
    backlog(world)
    world.happen(tev.DispatchSet("automatic"))
    async with running(world, (120, 40)) as (app, pilot):
        await opened(pilot, app)
        await chosen(pilot, app, name)
        await pilot.press(key)
        await until_shown(pilot, app, told)
        assert world.asked() == []


async def test_enter_shows_all_of_a_task_where_there_is_no_room_beside(world: World) -> None:
    backlog(world)
    world.task_costs = {"T2": Share("T2", Tokens(40_000, 5_100), 12, 0.42)}
    async with running(world, (80, 24)) as (app, pilot):
        await opened(pilot, app)
        await chosen(pilot, app, "T2")
        assert "Done when" not in shown(app)
        await pilot.press("enter")
        await until_shown(pilot, app, "45.1k tok · $0.42")
        assert "`pytest -q` passes within 10m" in shown(app)
        await pilot.press("escape")
        await until_shown(pilot, app, "Draft 1")


async def test_a_wide_screen_shows_all_of_a_task_beside_the_board(world: World) -> None:
    backlog(world)
    async with running(world) as (app, pilot):
        await opened(pilot, app)
        await until_shown(pilot, app, "Every colour from the theme.")
        await pilot.press("l")
        await until_shown(pilot, app, "12 passed in 0.8s")


async def test_o_goes_to_the_agent_of_a_task(world: World) -> None:
    backlog(world)
    async with running(world) as (app, pilot):
        await opened(pilot, app)
        await pilot.press("o")
        await until(pilot, lambda: len(app.screen_stack) == 1, "the board is left")
        assert app.selected is not None
        assert app.selected.name == "bell"


async def test_the_board_follows_the_fleet(world: World) -> None:
    backlog(world)
    async with running(world) as (app, pilot):
        await opened(pilot, app)
        world.happen(tev.TaskAccepted("T2"))
        await until_shown(pilot, app, "Done 3")
        await until_shown(pilot, app, "Review 0")


# The mouse


async def drag(pilot: Pilot[None], start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot.mouse_down(offset=start)
    await pilot.hover(offset=end)
    await pilot.mouse_up(offset=end)


async def test_an_empty_board_in_a_layout_rests(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.repo("shop")
    world.agent("ada")
    world.layout = Layout("tasks", "Tasks", Region(part=Part.BOARD))
    async with running(world) as (app, pilot):
        await until_shown(pilot, app, "Draft 0")
        seen = app.body.board
        assert seen is not None
        posted: list[Message] = []
        post = seen.post_message

        def heard(message: Message) -> bool:
            posted.append(message)
            return post(message)

        monkeypatch.setattr(seen, "post_message", heard)
        app.show_layout(world.layout)
        await pilot.pause()
        await pilot.pause()
        assert not [message for message in posted if isinstance(message, TaskBoard.Selected)]


async def test_a_click_selects_and_two_open(world: World) -> None:
    backlog(world)
    async with running(world, (120, 40)) as (app, pilot):
        await opened(pilot, app)
        place = await at(pilot, app, "T7 Speed")
        await pilot.click(offset=place)
        assert board(app).selected == "T7"
        await pilot.click(offset=place, times=2)
        await until_shown(pilot, app, "Done when")


@pytest.mark.parametrize(
    ("card", "head", "intent"),
    [
        ("T4 Add", "Queued 3", QueueTask("T4")),
        ("T8", "Queued 3", QueueTask("T8")),
        ("T2 Cache", "Done 2", ApproveTask("T2")),
    ],
)
async def test_a_card_is_pulled_to_another_column(
    world: World, card: str, head: str, intent: Intent
) -> None:
    backlog(world)
    async with running(world, (120, 40)) as (app, pilot):
        await opened(pilot, app)
        x, y = await at(pilot, app, head)
        await drag(pilot, await at(pilot, app, card), (x + 1, y + 3))
        await until_asked(pilot, world, intent)


async def test_a_card_pulled_to_the_bottom_is_discarded(world: World) -> None:
    backlog(world)
    async with running(world, (120, 40)) as (app, pilot):
        await opened(pilot, app)
        await pilot.mouse_down(offset=await at(pilot, app, "T8"))
        await pilot.hover(offset=(60, 20))
        place = await at(pilot, app, "drop it here to discard it")
        await pilot.hover(offset=place)
        await pilot.mouse_up(offset=place)
        await until_shown(pilot, app, "Discard T8")
        await pilot.press("y")
        await until_asked(pilot, world, DiscardTask("T8"))


async def test_a_card_that_is_let_go_in_its_own_column_stays(world: World) -> None:
    backlog(world)
    async with running(world, (120, 40)) as (app, pilot):
        await opened(pilot, app)
        x, y = await at(pilot, app, "T4 Add")
        await drag(pilot, (x, y), (x + 2, y + 9))
        await pilot.pause(0.1)
        assert world.asked() == []
        assert board(app).selected == "T4"


async def test_a_column_of_many_cards_scrolls_with_the_cursor(world: World) -> None:
    world.repo("shop")
    for number in range(1, 31):
        task(world, number, f"Number {number}")
    async with running(world, (80, 24)) as (app, pilot):
        await opened(pilot, app)
        await until_shown(pilot, app, "more lines")
        await pilot.press("G")
        await until_shown(pilot, app, "T30 Number 30")
        assert "more lines" not in shown(app)
        await pilot.press("pageup", "g")
        await until_shown(pilot, app, "T1 Number 1")
