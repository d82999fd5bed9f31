"""The table of actions: when each applies, and what each key drops into the inbox."""

import pytest
from msgspec.structs import replace

from command_center.domain import events as ev, intents
from command_center.domain.model import Agent, Fleet, Order, Phase, Removal, State
from command_center.tui.actions import ACTIONS, BY_ID
from command_center.tui.deeds import Deeds
from command_center.tui.reasons import Now
from command_center.tui.sieve import Sieve
from tests.tui.world import SPECS, World, running, screen, until

ORDER = Order("able", "shop", "agents/ada", "HEAD", "/trees/ada")
LIVE = Agent("ada", "ada", ORDER, 0.0, phase=Phase.LIVE, pane="%1", state=State.BUSY)
PARKED = replace(LIVE, phase=Phase.PARKED, pane="", state=State.PARKED)
LAUNCHING = replace(LIVE, phase=Phase.LAUNCHING, pane="", state=State.STARTING)
STOPPING = replace(LIVE, phase=Phase.STOPPING)
REMOVING = replace(PARKED, is_being_removed=True)
WAITING = replace(LIVE, state=State.WAITING)
IDLE = replace(LIVE, state=State.IDLE)
MUTE = replace(LIVE, order=replace(ORDER, spec="mute"))
HIDDEN = replace(LIVE, is_hidden=True)


def now(agent: Agent | None = None, **more: object) -> Now:
    agents = {agent.id: agent} if agent else {}
    fleet = replace(Fleet(agents=agents), **more)
    return Now(fleet, agent, specs=SPECS)


NEED_AN_AGENT = ("type", "prompt", "open", "window", "zoom", "filter", "stop", "resume", "remove")


@pytest.mark.parametrize("action", [*NEED_AN_AGENT, "interrupt", "hide", "explain", "down", "last"])
def test_without_agents_the_reason_says_how_to_launch_one(action: str) -> None:
    assert BY_ID[action].why_not(now()) == "there are no agents yet: n launches one"


@pytest.mark.parametrize(
    ("action", "agent", "reason"),
    [
        ("type", PARKED, "ada is parked: r resumes it"),
        ("type", LAUNCHING, "ada is still starting"),
        ("type", REMOVING, "ada is being removed"),
        ("open", PARKED, "ada is parked: r resumes it"),
        ("prompt", MUTE, "Mute takes no prompts; enter types into it"),
        ("prompt", PARKED, "ada is parked: r resumes it"),
        ("interrupt", PARKED, "ada is parked: r resumes it"),
        ("interrupt", IDLE, "ada is idle: there is no turn to interrupt"),
        ("stop", STOPPING, "ada is already stopping"),
        ("stop", PARKED, "ada is parked: r resumes it"),
        ("resume", LIVE, "ada is running"),
        ("resume", REMOVING, "ada is being removed"),
        ("remove", REMOVING, "ada is already being removed"),
        ("remove", LAUNCHING, "ada is still starting"),
        ("undo", LIVE, "nothing was removed"),
        ("jump", LIVE, "nobody needs you"),
        ("hidden", LIVE, "no agent is hidden: space hides one"),
        ("next_repo", LIVE, "all agents work on one repository"),
    ],
)
def test_an_action_that_does_not_apply_says_why(action: str, agent: Agent, reason: str) -> None:
    assert BY_ID[action].why_not(now(agent)) == reason


@pytest.mark.parametrize(
    ("action", "agent"),
    [
        ("type", LIVE),
        ("type", WAITING),
        ("open", LIVE),
        ("prompt", LIVE),
        ("prompt", LAUNCHING),
        ("interrupt", LIVE),
        ("stop", LIVE),
        ("stop", LAUNCHING),
        ("resume", PARKED),
        ("remove", PARKED),
        ("remove", LIVE),
        ("jump", WAITING),
        ("hidden", HIDDEN),
        ("hide", LIVE),
        ("launch", LIVE),
    ],
)
def test_an_action_that_applies_gives_no_reason(action: str, agent: Agent) -> None:
    assert BY_ID[action].why_not(now(agent)) is None


def test_typing_needs_a_glass() -> None:
    blind = Now(Fleet(agents={"ada": LIVE}), LIVE, has_glass=False)
    assert BY_ID["type"].why_not(blind) == "tmux cannot be reached from here"


def test_undo_applies_once_something_was_removed() -> None:
    assert BY_ID["undo"].why_not(now(removals={"ada": Removal(PARKED, {}, 1.0)})) is None


def test_repositories_can_be_turned_while_one_is_chosen() -> None:
    chosen = Now(Fleet(agents={"ada": LIVE}), LIVE, Sieve(repo="shop"))
    assert BY_ID["next_repo"].why_not(chosen) is None


def test_no_two_actions_share_a_key() -> None:
    keys = [key for action in ACTIONS for key in action.keys]
    assert len(keys) == len(set(keys))


async def test_every_action_has_something_to_do(world: World) -> None:
    app = world.app()
    assert set(BY_ID) == set(app.moves.by_id) | set(Deeds(app).by_id)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
async def test_a_key_that_does_not_apply_says_so_on_the_screen(
    world: World, action: object
) -> None:
    from command_center.tui.actions import Action

    assert isinstance(action, Action)
    async with running(world, (120, 40)) as (app, pilot):
        reason = action.why_not(app.now)
        if reason is None:
            return
        await pilot.press(action.keys[0])
        await until(pilot, lambda: reason[:30] in " ".join(screen(app)), reason)
        assert world.asked() == []


@pytest.mark.parametrize(
    ("key", "state", "asked"),
    [
        ("r", State.PARKED, intents.Resume("ada")),
        ("i", State.BUSY, intents.Interrupt("ada")),
        ("s", State.IDLE, intents.Stop("ada")),
        ("space", State.BUSY, intents.Hide("ada")),
    ],
)
async def test_a_key_drops_its_intent(
    world: World, key: str, state: State, asked: intents.Intent
) -> None:
    world.repo("shop")
    world.agent("ada", state)
    async with running(world) as (_, pilot):
        await pilot.press(key)
        await until(pilot, lambda: world.asked() == [asked], f"{asked} is asked")


async def test_a_hidden_agent_is_shown_again(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    world.happen(ev.AgentHidden("ada"))
    async with running(world) as (_, pilot):
        await pilot.press("full_stop", "space")
        await until(pilot, lambda: world.asked() == [intents.Show("ada")], "it is asked")


async def test_all_others_are_hidden_at_once(world: World) -> None:
    world.repo("shop")
    for number, name in enumerate(("ada", "bell", "cleo")):
        world.agent(name, ago=100 - number)
    world.happen(ev.AgentHidden("cleo"))
    async with running(world) as (_, pilot):
        await pilot.press("H")
        await until(pilot, lambda: world.asked() == [intents.Hide("bell")], "it is asked")


async def test_all_hidden_ones_are_shown_at_once(world: World) -> None:
    world.repo("shop")
    for name in ("ada", "bell", "cleo"):
        world.agent(name)
    world.happen(ev.AgentHidden("ada"), ev.AgentHidden("cleo"))
    async with running(world) as (_, pilot):
        await pilot.press("u")
        both = {intents.Show("ada"), intents.Show("cleo")}
        await until(pilot, lambda: set(world.asked()) == both, "both are asked for")


async def test_undo_brings_back_the_last_removed(world: World) -> None:
    world.repo("shop")
    for name in ("ada", "bell"):
        world.agent(name, State.PARKED)
    world.happen(ev.AgentRemoved("bell", {}), ago=20)
    world.happen(ev.AgentRemoved("ada", {}), ago=10)
    async with running(world) as (_, pilot):
        await pilot.press("U")
        await until(pilot, lambda: world.asked() == [intents.Undo("ada")], "it is asked")


async def test_intents_say_who_asks(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    async with running(world) as (_, pilot):
        await pilot.press("i")
        await until(pilot, world.asked, "it is asked")
    assert [envelope.by for envelope in world.envelopes()] == ["dashboard"]


async def test_an_unwritable_inbox_is_told(world: World) -> None:
    world.repo("shop")
    world.agent("ada")
    world.inbox.folder.parent.mkdir(exist_ok=True)
    world.inbox.folder.write_text("a file where a folder should be")
    async with running(world) as (app, pilot):
        await pilot.press("i")
        told = "cannot ask the supervisor"
        await until(pilot, lambda: any(told in line for line in screen(app)), told)
