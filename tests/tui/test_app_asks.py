"""What the dashboard asks the user and the supervisor for, and how the answers are told."""

from pathlib import Path

from textual.pilot import Pilot

from command_center.domain import events as ev, intents
from command_center.domain.errors import TmuxUnreachable
from command_center.domain.model import Order, State
from command_center.drivers.glass import Glass
from command_center.drivers.tmux import TmuxServer
from command_center.store.lock import supervisor_pid
from command_center.tui.chord import LEAVE_KEY
from command_center.tui.dialogs.launch import LaunchDialog
from command_center.tui.fleet_list import FleetList
from tests.drivers.tmux_panes import Recorder
from tests.tui.world import Recording, World, fleet, running, screen, shown, until, until_shown


async def test_help_tells_every_key_and_why_some_do_not_apply(world: World) -> None:
    async with running(world, (120, 60)) as (app, pilot):
        await pilot.press("question_mark")
        await until_shown(pilot, app, "Bring back the last removed · nothing was removed")
        assert "ctrl+] While typing" in shown(app)
        await pilot.press("pagedown")
        await until_shown(pilot, app, "drag   A line: more room")


async def test_help_that_takes_two_lines_stays_beside_its_key(world: World) -> None:
    async with running(world, (80, 24)) as (app, pilot):
        await pilot.press("question_mark")
        await until_shown(pilot, app, "│          launches one")


async def test_the_palette_does_what_is_chosen(world: World) -> None:
    fleet(world)
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("colon", *"zoom")
        await pilot.press(*["backspace"] * 4, *"all the room")
        await until_shown(pilot, app, "Give the pane all the room")
        await pilot.press("enter")
        await until(pilot, lambda: app.body.is_zoomed, "the pane is zoomed")


async def test_launching_drops_one_intent_for_each_agent(world: World) -> None:
    async with running(world, (120, 50)) as (app, pilot):
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, LaunchDialog), "the form is open")
        launches = [intents.Launch("able", "/src/shop", "go") for _ in range(3)]
        app.screen.dismiss(launches)
        await until(pilot, lambda: world.asked() == launches, "they are asked")


async def launched(
    world: World, app: Recording, pilot: Pilot[None], count: int, *keys: str
) -> None:
    """Ask for `count` agents, press `keys`, and let the agents appear."""
    await pilot.press("n")
    await until(pilot, lambda: isinstance(app.screen, LaunchDialog), "the form is open")
    app.screen.dismiss([intents.Launch("able", "/src/shop", "go")] * count)
    await until(pilot, lambda: len(world.asked()) == count, "they are asked")
    await pilot.press(*keys)
    for number, envelope in enumerate(world.envelopes()):
        order = Order("able", "shop", f"agents/new{number}", "HEAD", f"/trees/new{number}")
        made = ev.LaunchIntended(
            f"new{number}", f"new{number}", f"new{number}-1", order, intent=envelope.id
        )
        world.happen(made)
    await until_shown(pilot, app, f"new{count - 1}")


async def test_the_first_of_the_agents_launched_here_is_selected(world: World) -> None:
    world.repo("shop")
    world.agent("ada", State.WAITING)
    async with running(world) as (app, pilot):
        await launched(world, app, pilot, 3)
        await until(pilot, lambda: app.selected and app.selected.name == "new0", "it is selected")


async def test_an_agent_launched_elsewhere_leaves_the_selection_alone(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    async with running(world) as (app, pilot):
        world.agent("bell", State.WAITING)
        await until_shown(pilot, app, "bell")
        assert app.selected is not None
        assert app.selected.name == "ada"


async def test_a_new_agent_does_not_take_the_selection_from_who_types(world: World) -> None:
    world.repo("shop")
    world.agent("ada", ago=100)
    async with running(world) as (app, pilot):
        await launched(world, app, pilot, 1, "slash")
        await pilot.press("backspace", "enter")
        assert app.selected is not None
        assert app.selected.name == "ada"


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
        await pilot.press("w")
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
