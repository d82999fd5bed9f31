"""Pictures of a long list: gauges, groups, and the dialogs over it."""

import pytest
from textual.pilot import Pilot

from command_center.domain import events as ev
from command_center.domain.gauges import Gauge
from command_center.domain.model import Diff, State
from command_center.domain.usage import Context, Tokens
from tests.tui.test_snapshots import Setting, SnapCompare, after
from tests.tui.world import NOON, Recording, World, until

STATES = [State.BUSY, State.BUSY, State.IDLE, State.BUSY, State.WAITING, State.PARKED]
TASKS = ["Fix the flaky checkout test", "Add dark mode", "Port the parser to Rust"]
TAGS: list[tuple[str, ...]] = [("api",), (), ("web", "v2"), ("api", "v2")]
AGENTS = 36


@pytest.fixture
def many(world: World) -> World:
    for name in ("shop", "api", "web"):
        world.repo(name)
    for n in range(AGENTS):
        state = STATES[n % len(STATES)]
        reason = "permission: Bash rm -rf build" if state is State.WAITING else ""
        diff = Diff(7 * n, 3 * n, 1) if n % 3 else None
        repo = ("shop", "shop", "api", "web")[n % 4]
        task = TASKS[n % 3]
        world.agent(f"a{n:02}", state, reason, task=task, repo=repo, ago=61 * n, diff=diff)
        world.happen(ev.AgentRetagged(f"a{n:02}", TAGS[n % 4]))
    world.measure(*map(gauge, range(AGENTS)))
    return world


def gauge(n: int) -> Gauge:
    return Gauge(
        f"a{n:02}",
        NOON,
        doing=("Bash: pytest -x", "Edit src/app.py", "Read docs/cache.md")[n % 3],
        spent=Tokens(31_337 * n, 1000 * n),
        money=None if n % 5 == 0 else 0.37 * n,
        context=Context(5500 * n, 200_000),
        rate_minute=float(n * 2) if STATES[n % len(STATES)] is State.BUSY else 0.0,
        trend=tuple(float((n * step) % 50) for step in range(60)),
    )


def with_gauges(world: World, *keys: str) -> Setting:
    settle = after(world, *keys)

    async def wait(pilot: Pilot[None]) -> None:
        await settle(pilot)
        app = pilot.app
        assert isinstance(app, Recording)
        await until(pilot, lambda: app.fleet_list._facts.gauges, "the gauges are shown")

    return wait


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
def test_many_agents(snap_compare: SnapCompare, many: World, size: tuple[int, int]) -> None:
    assert snap_compare(many.app(), terminal_size=size, run_before=with_gauges(many))


def test_groups_by_state_with_one_folded(snap_compare: SnapCompare, many: World) -> None:
    settle = with_gauges(many, "equals_sign", "equals_sign", "minus")
    assert snap_compare(many.app(), terminal_size=(160, 40), run_before=settle)


@pytest.mark.parametrize("key", ["C", "f"])
def test_a_dialog_over_the_list(snap_compare: SnapCompare, many: World, key: str) -> None:
    settle = with_gauges(many, key)
    assert snap_compare(many.app(), terminal_size=(80, 24), run_before=settle)
