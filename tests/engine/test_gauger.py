"""What changes too often for the log is measured, and survives a restart."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from command_center.domain.gauges import CatchUp
from command_center.domain.model import Agent, Fleet, Order, Phase, State, Times
from command_center.domain.usage import (
    NO_MODEL,
    Context,
    Cursor,
    Finding,
    SessionSeen,
    Source,
    Tokens,
    UsageRow,
)
from command_center.engine.gauger import Gauger
from command_center.store.gauges import GaugeStore, GaugeView
from command_center.store.usage import UsageStore

NOON = time.mktime((2026, 11, 20, 12, 0, 0, 0, 0, -1))
MIDNIGHT = NOON - 12 * 3600
PRICED = "claude-sonnet-4-5"
"""3 dollars a million tokens of input, 15 of output."""
SPENT = Tokens(100_000, 100_000)


def agent(name: str, state: State = State.BUSY, since: float = NOON, **fields: object) -> Agent:
    order = Order("one", "r", "b", "main", f"/wt/{name}", prompt="do it")
    made = Agent(name, name, order, MIDNIGHT - 3600, Phase.LIVE, session=f"s-{name}")
    return replace(made, state=state, since=since, **fields)


def fleet(*agents: Agent) -> Fleet:
    return Fleet(agents={each.id: each for each in agents})


class Desk:
    """A gauger with its files, as a supervisor has them."""

    def __init__(self, folder: Path) -> None:
        self.usage = UsageStore(folder / "usage.sqlite")
        self.gauges = GaugeStore(folder / "gauges.sqlite")
        self.view = GaugeView(folder / "gauges.sqlite")
        self._count = 0

    def spend(
        self,
        session: str,
        at: float,
        tokens: Tokens = SPENT,
        *,
        model: str = PRICED,
        seen: SessionSeen | None = None,
    ) -> list[UsageRow]:
        self._count += 1
        row = UsageRow(self._count, session, model, at, tokens)
        sessions = (seen or SessionSeen(session),)
        finding = Finding(f"/{self._count}", Cursor(), (row,), sessions)
        return self.usage.record(Source("one", "/c"), [finding])

    def gauger(self, first: Fleet, now: float = NOON) -> Gauger:
        made = Gauger(self.gauges, first, now)
        made.take(self.usage, (), now)
        return made


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    with closing(desk.usage), closing(desk.gauges), closing(desk.view):
        yield desk


def test_what_an_agent_spent_is_told_with_what_of_it_was_today(desk: Desk) -> None:
    desk.spend("s-ada", MIDNIGHT - 60)
    desk.spend("s-ada", NOON - 7200)
    ada = agent("ada")
    gauge = desk.gauger(fleet(ada)).tick(fleet(ada), {"ada": "Edit a.py"}, NOON)["ada"]
    assert (gauge.spent, gauge.spent_today) == (SPENT + SPENT, SPENT)
    assert [gauge.money, gauge.money_today] == pytest.approx([3.6, 1.8])
    assert (gauge.doing, gauge.rate_hour, gauge.trend) == ("Edit a.py", 0.0, ())
    assert desk.view.poll() == {"ada": gauge}


def test_what_a_conversation_grows_by_is_told_at_the_next_tick(desk: Desk) -> None:
    both = fleet(agent("ada"), agent("bob"))
    gauger = desk.gauger(both)
    gauger.tick(both, {}, NOON)
    rows = desk.spend("s-ada", NOON, Tokens(10, 250))
    gauger.take(desk.usage, rows, NOON + 1)
    gauges = gauger.tick(both, {}, NOON + 1)
    assert gauges["ada"].rate == pytest.approx(22.5)
    assert gauges["ada"].rate_minute == pytest.approx(4.2)
    assert gauges["ada"].producing_s == pytest.approx(10)
    assert (gauges["bob"].rate, gauges["bob"].spent) == (0.0, Tokens())


def test_a_message_that_grows_is_told_whole(desk: Desk) -> None:
    ada = fleet(agent("ada"))
    gauger = desk.gauger(ada)
    for output in (100, 250):
        row = UsageRow(1, "s-ada", PRICED, NOON, Tokens(10, output))
        rows = desk.usage.record(Source("one", "/c"), [Finding("/f", Cursor(), (row,))])
        gauger.take(desk.usage, rows, NOON)
    assert gauger.tick(ada, {}, NOON)["ada"].spent == Tokens(10, 250)


def test_a_resumed_conversation_in_its_worktree_is_the_agents_too(desk: Desk) -> None:
    desk.spend("s-old", NOON, seen=SessionSeen("s-old", "/wt/ada/src"))
    desk.spend("s-ada", NOON)
    desk.spend("s-own", NOON, seen=SessionSeen("s-own", "/srv/own"))
    ada = fleet(agent("ada"))
    assert desk.gauger(ada).tick(ada, {}, NOON)["ada"].spent == SPENT + SPENT


def test_a_price_that_is_not_known_is_named(desk: Desk) -> None:
    desk.spend("s-ada", NOON, model="model-1")
    ada = fleet(agent("ada"))
    gauge = desk.gauger(ada).tick(ada, {}, NOON)["ada"]
    assert (gauge.money, gauge.unpriced) == (None, ("model-1",))


def test_the_price_of_a_model_is_told_of_who_has_asked_none_too(desk: Desk) -> None:
    for name, model in (("ada", PRICED), ("bob", "model-1"), ("cy", NO_MODEL)):
        desk.spend(f"s-{name}", NOON, seen=SessionSeen(f"s-{name}", model=model))
    usual = [agent(name) for name in ("ada", "bob", "cy", "dee")]
    other = replace(agent("eve"), order=Order("other", "r", "b", "main", "/wt/eve"))
    all_ = fleet(*usual, other)
    gauges = desk.gauger(all_).tick(all_, {}, NOON)
    assert [gauges[each].price for each in all_.agents] == [15.0, None, None, 15.0, None]


def test_the_window_of_a_model_stands_in_where_its_cli_tells_none(desk: Desk) -> None:
    desk.spend("s-ada", NOON, seen=SessionSeen("s-ada", "", Context(50_000), model=PRICED))
    desk.spend("s-bob", NOON, seen=SessionSeen("s-bob", "", Context(5, 9), model=PRICED))
    desk.spend("s-cy", NOON, seen=SessionSeen("s-cy", "", Context(5), model="model-1"))
    three = fleet(agent("ada"), agent("bob"), agent("cy"))
    gauges = desk.gauger(three).tick(three, {}, NOON)
    assert {name: gauge.context for name, gauge in gauges.items()} == {
        "ada": Context(50_000, 200_000),
        "bob": Context(5, 9),
        "cy": Context(5),
    }


def test_what_is_told_beside_the_messages_is_taken_over(desk: Desk) -> None:
    desk.spend("s-ada", NOON)
    ada = fleet(agent("ada"))
    gauger = desk.gauger(ada)
    desk.usage.note(Source("one", "/c"), SessionSeen("s-ada", context=Context(7, 9)), ())
    gauger.look()
    assert gauger.tick(ada, {}, NOON)["ada"].context == Context(7, 9)


def test_a_restart_in_the_middle_of_the_day_loses_no_minute(desk: Desk) -> None:
    times = Times(busy=5000.0, waiting=50.0, idle=500.0)
    early = fleet(agent("ada", State.IDLE, MIDNIGHT - 100, times=times))
    desk.gauger(early, MIDNIGHT + 10)
    later = fleet(
        agent("ada", State.WAITING, NOON - 30, times=times.and_also(State.IDLE, 100 + 7200))
    )
    gauge = desk.gauger(later).tick(later, {}, NOON)["ada"]
    assert (gauge.idle_s, gauge.waiting_s, gauge.busy_s) == (7200.0, 30.0, 0.0)


def test_an_agent_of_today_has_all_its_time_today(desk: Desk) -> None:
    ada = replace(agent("ada", State.BUSY, NOON - 60), created_at=MIDNIGHT + 5)
    today = fleet(replace(ada, times=Times(idle=3.0)))
    gauge = desk.gauger(today).tick(today, {}, NOON)["ada"]
    assert (gauge.busy_s, gauge.idle_s) == (60.0, 3.0)


def test_midnight_begins_every_count_of_the_day_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.spend("s-ada", NOON)
    uptime = [NOON]
    monkeypatch.setattr(time, "monotonic", lambda: uptime[0])
    ada = fleet(agent("ada", State.IDLE, NOON))
    gauger = desk.gauger(ada)
    gauger.tick(ada, {}, NOON + 60)
    uptime[0] = MIDNIGHT + 24 * 3600 + 5
    gauge = gauger.tick(ada, {}, MIDNIGHT + 24 * 3600 + 5)["ada"]
    assert (gauge.idle_s, gauge.spent, gauge.spent_today) == (5.0, SPENT, Tokens())


def test_time_goes_on_without_a_new_measurement(desk: Desk) -> None:
    ada = fleet(agent("ada", State.IDLE, NOON))
    gauger = desk.gauger(ada)
    first = gauger.tick(ada, {}, NOON)
    desk.view.poll()
    assert gauger.tick(ada, {}, NOON + 30) == first
    assert desk.view.poll() is None


def test_an_edge_of_its_state_is_measured(desk: Desk) -> None:
    gauger = desk.gauger(fleet(agent("ada", State.IDLE, NOON)))
    gauger.tick(fleet(agent("ada", State.IDLE, NOON)), {}, NOON)
    busy = fleet(agent("ada", State.BUSY, NOON + 5, times=Times(idle=5.0)))
    assert gauger.tick(busy, {}, NOON + 6)["ada"].busy_s == 1.0


def test_a_machine_that_slept_took_none_of_the_agents_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = fleet(agent("ada", State.BUSY, NOON))
    uptime = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: uptime[0])
    gauger = desk.gauger(ada)
    uptime[0] += 60
    # An hour went by on the clock, and a minute for the machine.
    assert gauger.tick(ada, {}, NOON + 3600)["ada"].busy_s == pytest.approx(60)


def test_the_flow_is_over_when_a_minute_brought_nothing(desk: Desk) -> None:
    ada = fleet(agent("ada"))
    desk.spend("s-ada", NOON, Tokens(1, 100))
    gauger = desk.gauger(ada)
    gauger.tick(ada, {}, NOON + 1)
    assert gauger.is_flowing
    gauger.tick(ada, {}, NOON + 70)
    assert not gauger.is_flowing


def test_how_far_a_long_history_is_read_is_told(desk: Desk) -> None:
    gauger = desk.gauger(fleet())
    gauger.tick(fleet(), {}, NOON, CatchUp(1, 2))
    assert desk.view.poll() == {}
    assert desk.view.catch_up == CatchUp(1, 2)
