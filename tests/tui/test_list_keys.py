"""Filters, groups, columns and gauges, by the keys and on the screen."""

import pytest
from msgspec.structs import replace

from command_center.domain import events as ev, intents
from command_center.domain.gauges import CatchUp, Gauge
from command_center.domain.layouts import Group
from command_center.domain.model import State
from command_center.domain.usage import Context, Tokens
from command_center.store.habits import read_habits
from command_center.tui.columns import DEFAULT, Column
from command_center.tui.fleet_list import FleetList
from command_center.tui.line_parts import group_parts
from command_center.tui.rows import GroupRow
from command_center.tui.sieve import Sieve, Standing
from tests.tui.list_app import HUNDRED, ListApp, agent, fleet_of, visible
from tests.tui.world import NOON, World, fleet, running, screen, shown, until, until_shown

NOW = 30.0
GAUGES = {a.id: Gauge(a.id, NOW, spent=Tokens(1000), money=1.0) for a in HUNDRED}


def grown(*names: str) -> dict[str, Gauge]:
    return GAUGES | {name: replace(GAUGES[name], spent=Tokens(5000)) for name in names}


def under_cursor(shown: FleetList) -> str:
    if shown.selected is not None:
        return shown.selected.name
    return f"▸ {shown.selected_group.name}" if shown.selected_group else ""


async def test_a_gauge_that_moves_paints_its_own_line_only() -> None:
    app = ListApp()
    async with app.run_test(size=(160, 40)) as pilot:
        app.fleet_list.show(fleet_of(*HUNDRED), NOW, gauges=GAUGES)
        await pilot.pause()
        app.fleet_list.painted.clear()
        app.fleet_list.show(fleet_of(*HUNDRED), NOW, gauges=grown("a007", "a090"))
        await pilot.pause()
        assert set(app.fleet_list.painted) == {7}
        assert "5.0k" in list(visible(app))[7]


async def test_gauges_stay_while_none_are_told_anew() -> None:
    app = ListApp()
    async with app.run_test(size=(160, 40)) as pilot:
        app.fleet_list.show(fleet_of(*HUNDRED), NOW, gauges=GAUGES)
        app.fleet_list.show(fleet_of(*HUNDRED), NOW + 1)
        await pilot.pause()
        assert "1.0k" in next(visible(app))


async def test_a_group_folds_to_its_head_and_opens_to_its_first() -> None:
    app = ListApp()
    async with app.run_test(size=(120, 20)):
        shown = app.fleet_list
        shown.show(fleet_of(agent("a", repo="api"), agent("b"), agent("c")), NOW)
        shown.select("c")
        shown.toggle_fold()
        assert (under_cursor(shown), [a.name for a in shown.agents]) == ("▸ shop", ["a"])
        shown.toggle_fold()
        assert under_cursor(shown) == "b"


async def test_the_cursor_passes_open_heads_and_stops_at_folded_ones() -> None:
    app = ListApp()
    async with app.run_test(size=(120, 20)):
        shown = app.fleet_list
        shown.show(fleet_of(agent("a", repo="api"), agent("b"), agent("c")), NOW)
        shown.select("a")
        shown.move(1)
        assert under_cursor(shown) == "b"
        shown.toggle_fold()
        shown.move(-1)
        shown.move(1)
        assert under_cursor(shown) == "▸ shop"


async def test_going_to_who_needs_the_user_opens_the_group_it_is_in() -> None:
    app = ListApp()
    async with app.run_test(size=(120, 20)):
        shown = app.fleet_list
        fleet = fleet_of(agent("a", repo="api"), agent("b"), agent("c", State.WAITING))
        shown.show(fleet, NOW)
        shown.select("c")
        shown.toggle_fold()
        shown.select("a")
        shown.select_next_needing()
        assert under_cursor(shown) == "c"


async def test_a_click_on_a_head_folds_it() -> None:
    app = ListApp()
    async with app.run_test(size=(120, 20)) as pilot:
        app.fleet_list.show(fleet_of(agent("a", repo="api"), agent("b")), NOW)
        await pilot.pause()
        await pilot.click(app.fleet_list, offset=(4, 0))
        assert [a.name for a in app.fleet_list.agents] == ["b"]


async def test_who_is_visible_is_neither_filtered_out_nor_hidden_nor_folded() -> None:
    app = ListApp()
    async with app.run_test(size=(120, 20)):
        shown = app.fleet_list
        hidden = agent("h", hidden=True)
        shown.show(fleet_of(agent("a", State.IDLE), agent("b"), hidden), NOW)
        shown.sift(Sieve(shows_hidden=True, standings=frozenset({Standing.BUSY})))
        assert [a.name for a in shown.agents] == ["b", "h"]
        assert [a.name for a in shown.visible_agents] == ["b"]


def small_fleet(world: World) -> None:
    for name in ("shop", "api"):
        world.repo(name)
    world.agent("ada", State.WAITING, "a question", task="Fix it")
    world.agent("bell", task="Fix it")
    world.agent("cleo", State.IDLE, task="Write it", repo="api")
    world.happen(ev.AgentRetagged("bell", ("v2",)))


async def test_filters_are_set_one_after_the_other_and_cleared_at_once(world: World) -> None:
    small_fleet(world)
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("f", "w")
        assert [a.name for a in app.fleet_list.agents] == ["ada"]
        await pilot.press("w", "b", "n")
        assert {a.name for a in app.fleet_list.agents} == {"ada", "bell"}
        await pilot.press("1")
        assert [a.name for a in app.fleet_list.agents] == ["bell"]
        await pilot.press("escape")
        await until_shown(pilot, app, "only busy or needs me  #v2")
        await pilot.press("escape")
        await until(pilot, lambda: len(app.fleet_list.agents) == 3, "all are shown")
        assert "only busy" not in shown(app)


async def test_filters_go_together_with_the_text(world: World) -> None:
    small_fleet(world)
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("f", "b", "escape", "slash", *"zzz", "enter")
        await until_shown(pilot, app, "only busy  /zzz")
        await until_shown(pilot, app, "No agent passes")


async def test_the_key_of_groups_turns_through_them(world: World) -> None:
    small_fleet(world)
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("equals_sign")
        assert app.fleet_list.sieve.group is Group.TASK
        await until_shown(pilot, app, "▾ Fix it  2")
        await pilot.press("minus")
        await until_shown(pilot, app, "▸ Fix it  2")
        await until_shown(pilot, app, "Fix it: 2 agents are folded away.")
        await pilot.press("enter")
        await until_shown(pilot, app, "▾ Fix it  2")


async def test_folding_says_why_not_while_nothing_is_grouped(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("minus")
        await until_shown(pilot, app, "not grouped")


async def test_columns_are_chosen_shown_at_once_and_remembered(world: World) -> None:
    small_fleet(world)
    world.measure(Gauge("bell", NOON, spent=Tokens(5000), money=1.25))
    async with running(world, (120, 40)) as (app, pilot):
        await until_shown(pilot, app, "$1.25")
        await pilot.press("C", "G", *["j"] * list(Column).index(Column.MONEY), "space")
        await until(pilot, lambda: Column.MONEY not in app.fleet_list.columns, "it is gone")
        await pilot.press("K", "escape")
        await until(pilot, lambda: len(app.screen_stack) == 1, "the dialog is closed")
        assert "$1.25" not in shown(app)
        await until(pilot, lambda: read_habits(world.places.habits).columns, "it is remembered")
    kept = read_habits(world.places.habits).columns
    assert "money" not in kept
    assert len(kept) == len(DEFAULT) - 1


async def test_columns_are_those_last_chosen(world: World) -> None:
    small_fleet(world)
    world.columns = ("name", "task", "money")
    world.measure(Gauge("bell", NOON, spent=Tokens(5000), money=1.25))
    async with running(world, (120, 40)) as (app, pilot):
        await until_shown(pilot, app, "$1.25")
        assert app.fleet_list.columns == (Column.NAME, Column.TASK, Column.MONEY)
        assert "5.0k" not in shown(app)


async def test_the_default_columns_come_back_with_a_key(world: World) -> None:
    small_fleet(world)
    world.columns = ("name", "task", "money")
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("C", "d", "escape")
        await until(pilot, lambda: app.fleet_list.columns == DEFAULT, "the default")


async def test_the_top_line_tells_who_waits_how_fast_all_write_and_what_is_read(
    world: World,
) -> None:
    small_fleet(world)
    world.now += 600
    world.measure(
        Gauge("ada", world.now, rate_minute=10.0),
        Gauge("bell", world.now, rate_minute=28.4, context=Context(1)),
    )
    async with running(world, (200, 40)) as (app, pilot):
        await until_shown(pilot, app, "1 agent waits for you: 10 agent-minutes  38 t/s")


async def test_the_top_line_tells_how_much_of_older_transcripts_is_read(world: World) -> None:
    small_fleet(world)
    world.measure(catch_up=CatchUp(42, 100))
    async with running(world, (200, 40)) as (app, pilot):
        await until_shown(pilot, app, "reading older transcripts 42%")
        world.measure()
        await until(pilot, lambda: "older transcripts" not in shown(app), "all is read")


@pytest.mark.parametrize("key", ["H", "u"])
async def test_many_are_hidden_or_shown_in_one_go(world: World, key: str) -> None:
    small_fleet(world)
    if key == "u":
        world.happen(ev.AgentHidden("bell"), ev.AgentHidden("cleo"))
    async with running(world, (120, 40)) as (_, pilot):
        await pilot.press(key)
        kind = intents.Hide if key == "H" else intents.Show
        wanted = {kind("bell"), kind("cleo")}
        await until(pilot, lambda: set(world.asked()) == wanted, f"{wanted} are asked")


def test_a_head_line_is_plain_and_names_the_first_who_need_the_user() -> None:
    counts = ((State.BUSY, 3), (State.IDLE, 2))
    row = GroupRow("k", "a\x1b[2Jb", 5, ("x", "y", "z", "q"), counts, True)
    said = {width: "".join(part for part, _ in group_parts(row, width)) for width in (80, 43, 30)}
    assert [" ".join(text.split()) for text in said.values()] == [
        "▸ ab 5 ◐ 3 ○ 2 x, y, z and 1 more need you",
        "▸ ab 5 ◐ 3 ○ 2 x and 3 more need you",
        "▸ ab 5 ◐ 3 ○ 2 4 need you",
    ]


async def test_the_head_line_says_how_the_list_is_grouped(world: World) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        for words in ("by task", "by state", "by tag", "ungrouped"):
            await pilot.press("equals_sign")
            await until_shown(pilot, app, words)
            assert words in screen(app)[0]
