"""The lines of the fleet: their order, their text, and how few of them are painted anew."""

import pytest
from hypothesis import given, strategies as st

from command_center.domain.model import Agent, Fleet, State
from command_center.tui.fleet_list import HOLD_S
from command_center.tui.rows import AgentRow, GroupRow, HiddenRow, ordered, rows
from command_center.tui.sieve import Sieve, matches, needs_user, urgency
from tests.tui.list_app import HUNDRED, ListApp, agent, fleet_of, visible, with_task


def names(fleet: Fleet, sieve: Sieve | None = None) -> list[str]:
    found = rows(fleet, sieve or Sieve(), {}, {})
    return [row.agent.name for row in found if isinstance(row, AgentRow)]


agents_strategy = st.builds(
    agent,
    st.uuids().map(str),
    st.sampled_from(State),
    repo=st.sampled_from(["shop", "api"]),
    created=st.floats(0, 1e9),
    unseen=st.booleans(),
)


@given(st.lists(agents_strategy, max_size=20))
def test_who_needs_the_user_stands_above_who_does_not(agents: list[Agent]) -> None:
    needing = [needs_user(a) for a in ordered(agents, {})]
    assert needing == sorted(needing, reverse=True)


@given(st.lists(agents_strategy, max_size=20))
def test_the_order_does_not_depend_on_the_order_of_arrival(agents: list[Agent]) -> None:
    assert ordered(agents, {}) == ordered(list(reversed(agents)), {})


@given(st.lists(agents_strategy, max_size=20))
def test_every_agent_has_exactly_one_line(agents: list[Agent]) -> None:
    found = names(fleet_of(*agents))
    assert sorted(found) == sorted(a.name for a in agents)


def test_the_states_stand_in_the_order_of_their_urgency() -> None:
    states = (State.WAITING, State.LIMITED, State.BUSY, State.IDLE, State.PARKED)
    agents = [agent(state, state) for state in reversed(states)]
    assert names(fleet_of(*agents)) == list(states)


def test_an_unseen_end_stands_above_work_in_progress() -> None:
    agents = [agent("busy"), agent("done", State.IDLE, unseen=True)]
    assert names(fleet_of(*agents)) == ["done", "busy"]
    assert urgency(agents[1]) < urgency(agents[0])


def test_equals_stand_by_age() -> None:
    agents = [agent("young", created=2), agent("old", created=1)]
    assert names(fleet_of(*agents)) == ["old", "young"]


def test_one_repository_needs_no_head_line() -> None:
    found = rows(fleet_of(agent("a"), agent("b")), Sieve(), {}, {})
    assert not [row for row in found if isinstance(row, GroupRow)]


def test_repositories_have_head_lines_and_the_one_in_need_comes_first() -> None:
    fleet = fleet_of(agent("a", repo="api"), agent("b", State.WAITING, repo="shop"))
    heads = [row for row in rows(fleet, Sieve(), {}, {}) if isinstance(row, GroupRow)]
    assert [(head.name, head.agents, head.needing) for head in heads] == [
        ("shop", 1, ("b",)),
        ("api", 1, ()),
    ]


def test_hidden_agents_fold_into_one_last_line() -> None:
    fleet = fleet_of(agent("a"), agent("b", State.WAITING, hidden=True))
    assert rows(fleet, Sieve(), {}, {})[-1] == HiddenRow(1, 1, False)
    assert names(fleet) == ["a"]
    assert names(fleet, Sieve(shows_hidden=True)) == ["a", "b"]


@pytest.mark.parametrize(
    "needle", ["ADA", "busy", "Able CLI", "checkout", "agents/a", "shop", "ada shop"]
)
def test_the_filter_looks_at_all_that_is_shown(needle: str) -> None:
    ada = agent("ada", task="Fix the checkout")
    assert matches(ada, needle, "Able CLI", "shop")
    assert not matches(ada, needle + "x", "Able CLI", "shop")


async def test_a_change_paints_its_own_line_only() -> None:
    app = ListApp()
    async with app.run_test(size=(120, 40)) as pilot:
        app.fleet_list.show(fleet_of(*HUNDRED), 30.0)
        await pilot.pause()
        app.fleet_list.painted.clear()
        app.fleet_list.show(fleet_of(*with_task(7, "other")), 30.0)
        await pilot.pause()
        assert set(app.fleet_list.painted) == {7}


async def test_news_that_changes_no_text_paints_nothing() -> None:
    app = ListApp()
    async with app.run_test(size=(120, 40)) as pilot:
        app.fleet_list.show(fleet_of(*HUNDRED), 30.0)
        await pilot.pause()
        app.fleet_list.painted.clear()
        app.fleet_list.show(fleet_of(*HUNDRED), 30.4)
        await pilot.pause()
        assert app.fleet_list.painted == []


async def test_a_line_out_of_sight_paints_nothing() -> None:
    app = ListApp()
    async with app.run_test(size=(120, 20)) as pilot:
        app.fleet_list.show(fleet_of(*HUNDRED), 30.0)
        await pilot.pause()
        app.fleet_list.painted.clear()
        app.fleet_list.show(fleet_of(*with_task(90, "other")), 30.0)
        await pilot.pause()
        assert app.fleet_list.painted == []


async def test_the_selection_follows_its_agent() -> None:
    app = ListApp()
    async with app.run_test(size=(120, 20)) as pilot:
        show = app.fleet_list.show
        show(fleet_of(agent("a"), agent("b", created=1)), 30.0)
        app.fleet_list.select("b")
        show(fleet_of(agent("a"), agent("b", State.WAITING, created=1)), 30.0 + 2 * HOLD_S)
        await pilot.pause()
        assert [a.name for a in app.fleet_list.agents] == ["b", "a"]
        assert app.fleet_list.selected is not None
        assert app.fleet_list.selected.name == "b"


async def test_lines_stand_still_while_the_user_moves() -> None:
    app = ListApp()
    async with app.run_test(size=(120, 20)):
        show = app.fleet_list.show
        show(fleet_of(agent("a"), agent("b", created=1)), 30.0)
        app.fleet_list.move(1)
        show(fleet_of(agent("a"), agent("b", State.WAITING, created=1)), 30.1)
        assert [a.name for a in app.fleet_list.agents] == ["a", "b"]
        show(app.fleet_list._fleet, 30.1 + HOLD_S)
        assert [a.name for a in app.fleet_list.agents] == ["b", "a"]


async def test_when_the_selected_one_leaves_the_next_is_selected() -> None:
    app = ListApp()
    async with app.run_test(size=(120, 20)):
        a, b, c = agent("a"), agent("b", created=1), agent("c", created=2)
        app.fleet_list.show(fleet_of(a, b, c), 30.0)
        app.fleet_list.select("b")
        app.fleet_list.show(fleet_of(a, c), 30.0)
        assert app.fleet_list.selected is c
        app.fleet_list.show(fleet_of(a), 30.0)
        assert app.fleet_list.selected is a


async def test_a_long_list_scrolls_to_the_selection() -> None:
    app = ListApp()
    async with app.run_test(size=(120, 10)) as pilot:
        app.fleet_list.show(fleet_of(*HUNDRED), 30.0)
        await pilot.pause()
        app.fleet_list.move(60)
        await pilot.pause()
        assert any("a060" in line and line.startswith("▌") for line in visible(app))
