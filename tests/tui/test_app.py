"""The whole dashboard over a real log: what it shows and how it is moved about in."""

import re

import pytest
from msgspec.structs import replace
from textual import events
from textual.filter import NoColor

from command_center.domain import events as ev
from command_center.domain.model import Diff, State
from command_center.store.catalog import Catalog, Problem
from command_center.tui.fleet_list import FleetList
from tests.tui.world import (
    SPECS,
    Recording,
    World,
    fleet,
    running,
    screen,
    shown,
    until,
    until_shown,
)

SIZES = [(80, 24), (200, 60)]


def selected(app: Recording) -> str:
    assert app.selected is not None
    return app.selected.name


def bar(app: Recording) -> str:
    """What the list says of the agent that carries the cursor, on one line or two."""
    lines = [line.split("│")[0] for line in screen(app) if line.startswith("▌")]
    return " ".join(line.strip("▌ ") for line in lines)


@pytest.mark.parametrize("size", SIZES)
async def test_an_event_in_the_log_reaches_the_screen(world: World, size: tuple[int, int]) -> None:
    world.repo("shop")
    async with running(world, size) as (app, pilot):
        world.agent("ada", State.WAITING, "permission: Bash", task="Fix the checkout")
        line = r"● waiting +0s +ada +able +permission: Bash · Fix the checkout"
        await until(pilot, lambda: re.search(line, bar(app)), "the agent has its lines")


@pytest.mark.parametrize("size", SIZES)
async def test_every_agent_in_need_is_on_the_first_screen(
    world: World, size: tuple[int, int]
) -> None:
    fleet(world)
    async with running(world, size) as (app, _):
        for name in ("ada", "emil", "cleo", "iris"):
            assert any(name in line for line in screen(app))


async def test_a_wide_screen_shows_every_column(world: World) -> None:
    world.repo("shop")
    world.agent("ada", task="Fix it", diff=Diff(12, 3, 1))
    async with running(world, (200, 60)) as (app, _):
        assert re.search(r"ada +able +\+12 -3 +Fix it · agents/ada", bar(app))


async def test_a_wide_screen_shows_every_column_of_a_crowd(world: World) -> None:
    world.repo("shop")
    world.agent("ada", task="Fix it", diff=Diff(12, 3, 1), ago=100)
    for number in range(30):
        world.agent(f"a{number}")
    async with running(world, (200, 60)) as (app, _):
        assert re.search(r"ada +able +Fix it +agents/ada +\+12 -3", bar(app))


async def test_a_small_screen_shows_the_whole_reason_of_a_few(world: World) -> None:
    reason = "permission: Bash rm -rf build dist .cache && make deploy"
    world.repo("shop")
    for name in ("ada", "bell", "cleo", "dora"):
        world.agent(name, State.WAITING, reason, task="Ship 2.1")
    async with running(world, (80, 24)) as (app, _):
        assert shown(app).count(f"{reason} · Ship 2.1") == 4


@pytest.mark.parametrize("size", SIZES)
async def test_the_demo_badge_is_always_shown(world: World, size: tuple[int, int]) -> None:
    world.repo("shop")
    world.agent("ada", spec="demo")
    async with running(world, size) as (app, _):
        assert "demo: no model" in bar(app)


async def test_the_header_counts_with_glyph_and_word(world: World) -> None:
    world.repo("shop")
    for name in ("ada", "bell"):
        world.agent(name)
    world.agent("cleo", State.IDLE)
    async with running(world) as (app, _):
        assert screen(app)[0] == " Command Center  ◐ 2 busy  ○ 1 idle  in shop"


async def test_the_header_tells_what_was_spent_today(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    world.spent = "12.4k tok  $0.31 today"
    async with running(world) as (app, pilot):
        await until_shown(pilot, app, "in shop  12.4k tok  $0.31 today")


async def test_the_header_names_no_repository_when_there_are_several(world: World) -> None:
    fleet(world)
    async with running(world) as (app, _):
        assert " in " not in screen(app)[0]


async def test_ages_move_on_by_themselves(world: World) -> None:
    world.repo("shop")
    world.agent("ada", ago=58)
    async with running(world) as (app, pilot):
        assert " 58s " in bar(app)
        world.now += 5
        await until(pilot, lambda: "  1m " in bar(app), "a minute has passed")


async def test_without_agents_the_screen_says_what_to_press(world: World) -> None:
    async with running(world, (80, 24)) as (app, _):
        for text in (
            "No agents yet",
            "n         launch agents",
            "acc demo",
            "found     Able, Mute",
        ):
            assert text in shown(app)


async def test_names_that_take_two_lines_stay_in_their_column(world: World) -> None:
    names = [f"Absent {n}" for n in range(9)]
    absent = {name: replace(SPECS["absent"], id=name, name=name) for name in names}
    world.catalog = lambda _: Catalog(absent, ())
    async with running(world, (80, 24)) as (app, pilot):
        await until_shown(pilot, app, "how to install them")
        lines = screen(app)
        [at] = [n for n, line in enumerate(lines) if "missing   Absent 0" in line]
        assert lines[at + 1].index("Absent") == lines[at].index("Absent")


async def test_a_bad_spec_file_is_told(world: World) -> None:
    problem = Problem("agents/x.toml", "agents/x.toml: unknown key 'comand'")
    world.catalog = lambda _: Catalog({}, (problem,))
    async with running(world) as (app, _):
        assert "✗ agents/x.toml: unknown key 'comand'" in shown(app)


async def test_control_sequences_of_agents_never_reach_the_screen(world: World) -> None:
    evil = "\x1b]0;owned\x07\x1b[31mred\x9b5m\u202eback"
    world.repo("shop")
    world.agent("ada" + evil, State.WAITING, evil, task=evil)
    async with running(world) as (app, pilot):
        world.happen(ev.Noticed(evil, is_problem=True))
        await until_shown(pilot, app, "✗ red5mback")
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown(app))
        assert "owned" not in shown(app)


async def test_no_color_leaves_every_word_and_no_colour(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    fleet(world)
    async with running(world) as (app, _):
        [no_color] = [f for f in app.get_line_filters() if isinstance(f, NoColor)]
        background = app.screen.background_colors[1]
        strips = app.screen._compositor.render_strips()
        painted = [s for strip in strips for s in strip.apply_filter(no_color, background)]
        colors = {s.style.color.name for s in painted if s.style and s.style.color}
        assert colors <= {"default"}
        assert bar(app).startswith("● waiting")


@pytest.mark.parametrize(
    ("key", "name"), [("j", "bell"), ("down", "bell"), ("G", "cleo"), ("end", "cleo")]
)
async def test_keys_move_the_selection(world: World, key: str, name: str) -> None:
    world.repo("shop")
    for number, each in enumerate(("ada", "bell", "cleo")):
        world.agent(each, ago=100 - number)
    async with running(world) as (app, pilot):
        await pilot.press(key)
        assert selected(app) == name
        await pilot.press({"j": "k", "down": "up", "G": "g", "end": "home"}[key])
        assert selected(app) == "ada"


async def test_a_goes_around_those_that_need_the_user(world: World) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        found = []
        for _ in range(4):
            await pilot.press("a")
            found.append(selected(app))
        assert found == ["emil", "cleo", "iris", "ada"]


@pytest.mark.parametrize(("size", "line"), [((80, 24), 4), ((200, 60), 8)])
async def test_a_click_selects(world: World, size: tuple[int, int], line: int) -> None:
    fleet(world)
    async with running(world, size) as (app, pilot):
        await pilot.click(FleetList, offset=(10, line))
        assert selected(app) == "bell"


async def test_a_click_on_the_last_line_shows_the_hidden(world: World) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        await pilot.click(FleetList, offset=(10, app.query_one(FleetList).line_count - 1))
        await until_shown(pilot, app, "kurt")


async def test_a_click_on_the_footer_does_what_it_says(world: World) -> None:
    fleet(world)
    async with running(world, (80, 24)) as (app, pilot):
        await pilot.click("#footer", offset=(screen(app)[-1].index("? help"), 0))
        await until_shown(pilot, app, "esc closes")


async def test_the_filter_narrows_the_list_and_escape_clears_it(world: World) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        await pilot.press("slash", *"dark mode", "enter")
        assert [agent.name for agent in app.query_one(FleetList).agents] == ["bell"]
        await until_shown(pilot, app, "  /dark mode")
        await pilot.press("escape")
        assert len(app.query_one(FleetList).agents) == 10


async def test_keys_after_a_filter_typed_fast_are_for_the_list(world: World) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        for key in ("slash", *"dark", "enter", "question_mark"):
            # Without a pause, as a terminal hands over what has piled up.
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until_shown(pilot, app, "While typing: give the keys back")
        assert [agent.name for agent in app.query_one(FleetList).agents] == ["bell"]


async def test_a_filter_without_a_match_says_how_to_clear_it(world: World) -> None:
    fleet(world)
    async with running(world, (80, 24)) as (app, pilot):
        await pilot.press("slash", *"zzz", "enter")
        await until_shown(pilot, app, "No agent matches “zzz”.")


async def test_brackets_turn_through_the_repositories(world: World) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        await pilot.press("right_square_bracket")
        assert "in api" in screen(app)[0]
        assert {a.order.repo for a in app.query_one(FleetList).agents} == {"api"}
        await pilot.press("left_square_bracket")
        assert "in api" not in screen(app)[0]


async def test_zoom_gives_the_pane_all_the_room(world: World) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        await pilot.press("z")
        await pilot.pause()
        assert app.query_one("#pane").size.width == 200
        await pilot.press("j")
        assert selected(app) == "emil"
        await pilot.press("z")
        await pilot.pause()
        assert app.query_one(FleetList).has_focus


async def test_m_shows_what_the_dashboard_costs(world: World) -> None:
    async with running(world) as (app, pilot):
        await pilot.press("m")
        assert re.search(r"dashboard \d+% \d+ MB", screen(app)[0])
        await pilot.press("m")
        assert "dashboard" not in screen(app)[0]
