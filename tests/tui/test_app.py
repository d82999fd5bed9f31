"""The whole dashboard over a real log: what it shows, says, asks and does when a key is pressed."""

import re
from pathlib import Path

import pytest
from textual.filter import NoColor
from textual.pilot import Pilot

from command_center.domain import events as ev
from command_center.domain import intents
from command_center.domain.errors import TmuxUnreachable
from command_center.domain.model import Diff, State
from command_center.drivers.glass import Glass
from command_center.drivers.tmux import TmuxServer
from command_center.store.catalog import Catalog, Problem
from command_center.store.lock import supervisor_pid
from command_center.store.settings import Settings
from command_center.tui.chord import LEAVE_KEY
from command_center.tui.dialogs.launch import LaunchDialog
from command_center.tui.fleet_list import FleetList
from tests.drivers.tmux_panes import Recorder
from tests.tui.world import Recording, World, fleet, running, screen, until

SIZES = [(80, 24), (200, 60)]


def shown(app: Recording) -> str:
    return "\n".join(screen(app))


async def until_shown(pilot: Pilot[None], app: Recording, text: str) -> None:
    await until(pilot, lambda: text in shown(app), f"{text!r} is shown:\n{shown(app)}")


def selected(app: Recording) -> str:
    assert app.selected is not None
    return app.selected.name


def bar(app: Recording) -> str:
    """The line of the list that carries the cursor."""
    [line] = [line for line in screen(app) if line.startswith("▌")]
    return line


# What the screen shows


@pytest.mark.parametrize("size", SIZES)
async def test_an_event_in_the_log_reaches_the_screen(world: World, size: tuple[int, int]) -> None:
    world.repo("shop")
    async with running(world, size) as (app, pilot):
        world.agent("ada", State.WAITING, "permission: Bash", task="Fix the checkout")
        await until_shown(pilot, app, "● waiting")
        assert re.search(r"● waiting +0s +ada +able +permission: Bash · Fix the checkout", bar(app))


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
        assert re.search(r"ada +able +Fix it +agents/ada +\+12 -3", bar(app))


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
        assert screen(app)[0].startswith(" Command Center  ◐ 2 busy  ○ 1 idle")


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
        assert bar(app).startswith("▌ ● waiting")


# Moving about


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


async def test_a_click_selects(world: World) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        await pilot.click(FleetList, offset=(10, 4))
        assert selected(app) == "bell"


async def test_a_click_on_the_last_line_shows_the_hidden(world: World) -> None:
    fleet(world)
    async with running(world) as (app, pilot):
        await pilot.click(FleetList, offset=(10, 12))
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
        assert "/dark mode" in screen(app)[0]
        await pilot.press("escape")
        assert len(app.query_one(FleetList).agents) == 10


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


# Dialogs


async def test_help_tells_every_key_and_why_some_do_not_apply(world: World) -> None:
    async with running(world, (120, 60)) as (app, pilot):
        await pilot.press("question_mark")
        await until_shown(pilot, app, "Bring back the last removed · nothing was removed")
        assert "ctrl+] While typing" in shown(app)


async def test_the_palette_does_what_is_chosen(world: World) -> None:
    fleet(world)
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("colon", *"zoom")
        await pilot.press(*["backspace"] * 4, *"all the room")
        await until_shown(pilot, app, "Give the pane all the room")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.has_class("-zoomed"), "the pane is zoomed")


async def test_launching_drops_one_intent_for_each_agent(world: World) -> None:
    async with running(world, (120, 50)) as (app, pilot):
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, LaunchDialog), "the form is open")
        launches = [intents.Launch("able", "/src/shop", "go") for _ in range(3)]
        app.screen.dismiss(launches)
        await until(pilot, lambda: world.asked() == launches, "they are asked")


async def test_a_prompt_is_asked_and_sent(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    async with running(world, (120, 50)) as (app, pilot):
        await pilot.press("p")
        await until_shown(pilot, app, "Prompt for ada")
        await pilot.press(*"hello", "ctrl+s")
        asked = intents.Send("ada", "hello")
        await until(pilot, lambda: world.asked() == [asked], "it is asked")


async def test_stopping_a_busy_agent_is_confirmed_first(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    async with running(world) as (app, pilot):
        await pilot.press("s")
        await until_shown(pilot, app, "ada is busy. Stop it?")
        assert world.asked() == []
        await pilot.press("y")
        await until(pilot, lambda: world.asked() == [intents.Stop("ada")], "it is asked")


async def test_removing_is_confirmed_and_a_refusal_lists_what_would_be_lost(world: World) -> None:
    world.repo("shop")
    world.agent("ada", State.PARKED)
    async with running(world) as (app, pilot):
        await pilot.press("x")
        await until_shown(pilot, app, "Remove ada")
        await pilot.press("y")
        await until(pilot, lambda: world.asked() == [intents.Remove("ada")], "it is asked")
        [envelope] = world.envelopes()
        text = "ada holds work\nuncommitted: src/x.py"
        world.happen(ev.IntentRefused(envelope.id, text, "ada"))
        await until_shown(pilot, app, "uncommitted: src/x.py")


async def test_e_explains_the_state(world: World) -> None:
    world.repo("shop")
    world.agent("ada", State.WAITING, "permission: Bash")
    async with running(world) as (app, pilot):
        await pilot.press("e")
        await until_shown(pilot, app, "Why ada is waiting")


async def test_a_refused_intent_is_told(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    async with running(world) as (app, pilot):
        await pilot.press("i")
        await until(pilot, world.asked, "it is asked")
        [envelope] = world.envelopes()
        world.happen(ev.IntentRefused(envelope.id, "ada is gone"))
        await until_shown(pilot, app, "✗ ada is gone")


async def test_answers_to_others_are_not_told(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    async with running(world) as (app, pilot):
        world.happen(ev.IntentRefused("of-the-command-line", "not for you"))
        world.agent("bell")
        await until_shown(pilot, app, "bell")
        assert "not for you" not in shown(app)


# Toasts and bells


async def test_an_agent_that_starts_to_wait_calls_once(world: World) -> None:
    world.repo("shop")
    world.agent("ada", ago=100)
    world.agent("bell")
    async with running(world) as (app, pilot):
        world.say("bell", State.WAITING, "permission: Bash")
        await until_shown(pilot, app, "bell waits for you")
        world.say("bell", State.WAITING, "permission: Edit")
        await until_shown(pilot, app, "permission: Edit")
        assert len(app.rung) == 1
        assert app.rung[0].startswith("\a")
        assert "\x1b]9;Command Center: bell waits for you\x07" in app.rung[0].replace(
            "\x1b\x1b", "\x1b"
        )


async def test_an_agent_that_finishes_unseen_calls(world: World) -> None:
    world.repo("shop")
    world.agent("ada", ago=100)
    world.agent("bell")
    async with running(world) as (app, pilot):
        world.say("bell", State.IDLE)
        await until_shown(pilot, app, "bell has finished")
        assert len(app.rung) == 1


async def test_the_agent_on_the_screen_does_not_call(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    async with running(world) as (app, pilot):
        world.say("ada", State.WAITING, "permission: Bash")
        await until_shown(pilot, app, "● waiting")
        assert app.rung == []
        assert "waits for you" not in shown(app)


async def test_the_agent_on_the_screen_calls_when_the_user_is_elsewhere(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    async with running(world) as (app, pilot):
        app.app_focus = False
        world.say("ada", State.WAITING, "permission: Bash")
        await until_shown(pilot, app, "ada waits for you")


async def test_the_bell_can_be_turned_off(world: World) -> None:
    world.settings = Settings(bell=False)
    world.repo("shop")
    world.agent("ada", ago=100)
    world.agent("bell")
    async with running(world) as (app, pilot):
        world.say("bell", State.WAITING, "permission: Bash")
        await until_shown(pilot, app, "bell waits for you")
        assert app.rung == []


async def test_waiting_from_before_the_dashboard_does_not_call(world: World) -> None:
    fleet(world)
    async with running(world) as (app, _):
        assert app.rung == []
        assert "waits for you" not in shown(app)


async def test_a_notice_is_told_once_and_an_old_one_never(world: World) -> None:
    world.happen(ev.Noticed("an old story"), ago=60)
    world.repo("shop")
    async with running(world) as (app, pilot):
        world.happen(ev.Noticed("setup failed", is_problem=True))
        await until_shown(pilot, app, "✗ setup failed")
        world.agent("ada")
        await until_shown(pilot, app, "ada")
        assert shown(app).count("setup failed") == 1
        assert "an old story" not in shown(app)


async def test_what_has_been_looked_at_is_marked_as_seen(world: World) -> None:
    world.repo("shop")
    world.agent("ada", State.IDLE, unseen=True)
    async with running(world) as (_, pilot):
        await until(pilot, lambda: world.asked() == [intents.MarkSeen("ada")], "it is asked")


async def test_nothing_is_seen_while_the_user_is_elsewhere(world: World) -> None:
    world.repo("shop")
    world.agent("ada", State.IDLE, unseen=True)
    async with running(world) as (app, pilot):
        app.app_focus = False
        ticks = app._ticks
        await until(pilot, lambda: app._ticks > ticks + 3, "four seconds have passed")
        assert world.asked() == []


# The supervisor


async def test_a_supervisor_is_started_at_once(world: World) -> None:
    async with running(world) as (app, _):
        assert world.starts == 1
        assert supervisor_pid(world.places.lock)
        assert "supervisor" not in screen(app)[0]


async def test_a_supervisor_that_dies_is_started_again(world: World) -> None:
    async with running(world) as (_, pilot):
        world.lock.release()
        await until(pilot, lambda: world.starts == 2, "it is started again")
        assert supervisor_pid(world.places.lock)


async def test_a_supervisor_that_cannot_be_started_is_told(world: World) -> None:
    world.start_error = TmuxUnreachable("no tmux server")
    async with running(world) as (app, pilot):
        await until_shown(pilot, app, "✗ supervisor: no tmux server")


async def test_a_log_of_a_newer_program_ends_the_dashboard_with_a_clear_message(
    world: World,
) -> None:
    world.log._db.execute("PRAGMA user_version = 99")
    app = world.app()
    async with app.run_test():
        pass
    assert app.return_code == 1


# Typing, over a real tmux


async def test_enter_types_into_the_agent_and_the_chord_leaves(
    world: World, server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    recorder = await Recorder.started(server, tmp_path)
    world.glass = glass
    world.repo("shop")
    world.agent("ada", pane=recorder.pane)
    async with running(world) as (app, pilot):
        await until_shown(pilot, app, "READY")
        await pilot.press("enter", "q", "ctrl+q", "n", "ctrl+c")
        await recorder.until_typed(b"q\x11n\x03")
        assert "every other key goes to ada" in screen(app)[-1]
        await pilot.press(LEAVE_KEY)
        await pilot.pause()
        assert app.query_one(FleetList).has_focus
        assert "every other key" not in screen(app)[-1]
        await pilot.press("q")
    assert app.return_code == 0


async def test_a_double_click_types_into_the_agent(
    world: World, server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    recorder = await Recorder.started(server, tmp_path)
    world.glass = glass
    world.repo("shop")
    world.agent("ada", pane=recorder.pane)
    async with running(world) as (app, pilot):
        await until_shown(pilot, app, "READY")
        await pilot.click(FleetList, offset=(10, 0), times=2)
        await pilot.press("x")
        await recorder.until_typed(b"x")
