"""The task board, the inbox and the dispatch view, driven by keys and mouse."""

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from command_center.domain import task_events as tev
from command_center.domain.intents import Intent, Send
from command_center.domain.model import State
from command_center.domain.task_intents import (
    AddTasks,
    ApproveTask,
    AssignTask,
    DiscardTask,
    QueueTask,
    ReturnTask,
    ReviseTask,
    SetDispatch,
)
from command_center.domain.tasks import Life
from command_center.domain.usage import Tokens
from command_center.store.layouts import load_layouts
from command_center.tui.board import TaskBoard
from command_center.tui.board_screen import BoardScreen
from command_center.tui.usage_report import Share
from tests.tui.tasks import backlog, task
from tests.tui.world import Recording, World, running, screen, shown, until, until_shown

SIZES = [(80, 24), (200, 60)]


def board(app: Recording) -> TaskBoard:
    return app.screen.query_one(TaskBoard)


async def opened(pilot: Pilot[None], app: Recording, key: str = "b") -> None:
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, BoardScreen), "the board is open")
    await pilot.pause()


async def until_asked(pilot: Pilot[None], world: World, *intents: Intent) -> None:
    await until(pilot, lambda: world.asked() == list(intents), f"{intents} are asked")


async def chosen(pilot: Pilot[None], app: Recording, name: str) -> None:
    board(app).select(name)
    await pilot.pause()
    assert board(app).selected == name


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


async def at(pilot: Pilot[None], app: Recording, words: str) -> tuple[int, int]:
    await until_shown(pilot, app, words)
    lines = screen(app)
    y = next(number for number, line in enumerate(lines) if words in line)
    return cell_len(lines[y].partition(words)[0]), y


async def drag(pilot: Pilot[None], start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot.mouse_down(offset=start)
    await pilot.hover(offset=end)
    await pilot.mouse_up(offset=end)


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
