"""When the dashboard calls the user, and when it holds its peace."""

from command_center.domain import events as ev, intents
from command_center.domain.model import State
from command_center.store.settings import Settings
from tests.tui.world import World, fleet, running, shown, until, until_shown


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
        ticks = app.pulse.beats
        await until(pilot, lambda: app.pulse.beats > ticks + 3, "four seconds have passed")
        assert world.asked() == []


async def test_no_more_than_two_calls_cover_the_screen_and_every_one_rings(world: World) -> None:
    world.repo("shop")
    names = ["bell", "cleo", "dora", "emma"]
    world.agent("ada", ago=100)
    for name in names:
        world.agent(name)
    async with running(world, (80, 24)) as (app, pilot):
        for name in names:
            world.say(name, State.WAITING, "permission: Bash")
        await until(pilot, lambda: len(app.rung) == len(names), "every one has rung")
        await until_shown(pilot, app, "waits for you")
        assert shown(app).count("waits for you") == 2
        world.now += 6
        world.agent("fay")
        await until_shown(pilot, app, "fay")
        world.say("fay", State.WAITING, "permission: Bash")
        await until_shown(pilot, app, "fay waits for you")


async def test_a_call_does_not_cover_a_dialog(world: World) -> None:
    world.repo("shop")
    world.agent("ada", ago=100)
    world.agent("bell")
    async with running(world, (80, 24)) as (app, pilot):
        await pilot.press("question_mark")
        await until_shown(pilot, app, "esc closes")
        world.say("bell", State.WAITING, "permission: Bash")
        await until(pilot, lambda: len(app.rung) == 1, "it rings")
        assert "bell waits for you" not in shown(app)
