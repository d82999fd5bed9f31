"""The lines of the fleet: their order, their text, and how few of them are painted anew."""

import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.strip import Strip

from command_center.domain.model import Agent, Diff, Fleet, Order, Repo, State
from command_center.tui.cells import Cells, age, agent_parts, cells, fitted, fitted_end, shared
from command_center.tui.fleet_list import HOLD_S, FleetList
from command_center.tui.rows import (
    AgentRow,
    HiddenRow,
    RepoRow,
    Sieve,
    matches,
    needs_user,
    ordered,
    rows,
    urgency,
)

ANY_TEXT = st.text(max_size=40)
CONTROLS = ("Cc", "Cs", "Zl", "Zp")


def agent(
    name: str,
    state: State = State.BUSY,
    *,
    repo: str = "shop",
    created: float = 0.0,
    task: str = "",
    unseen: bool = False,
    hidden: bool = False,
) -> Agent:
    order = Order("able", repo, f"agents/{name}", "HEAD", f"/trees/{name}", prompt=task)
    return Agent(
        name, name, order, created, state=state, since=1.0, is_unseen=unseen, is_hidden=hidden
    )


def fleet_of(*agents: Agent) -> Fleet:
    repos = {name: Repo(name, name, "", "") for name in {a.order.repo for a in agents}}
    return Fleet(seq=1, agents={a.id: a for a in agents}, repos=repos)


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
    assert not [row for row in found if isinstance(row, RepoRow)]


def test_repositories_have_head_lines_and_the_one_in_need_comes_first() -> None:
    fleet = fleet_of(agent("a", repo="api"), agent("b", State.WAITING, repo="shop"))
    heads = [row for row in rows(fleet, Sieve(), {}, {}) if isinstance(row, RepoRow)]
    assert heads == [RepoRow("shop", "shop", 1, 1), RepoRow("api", "api", 1, 0)]


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


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0s"), (0, "0s"), (59.9, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (200000, "2d")],
)
def test_age_is_told_in_its_largest_unit(seconds: float, text: str) -> None:
    assert age(seconds) == text


def hostile(name: str, reason: str, task: str, branch: str) -> Cells:
    order = Order("able", "shop", branch, "HEAD", "/t", prompt=task)
    one = Agent("id", name, order, 0.0, state=State.WAITING, reason=reason, diff=Diff(1, 2, 3))
    return cells(one, "able", "", "5m")


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_no_control_character_reaches_a_line(
    name: str, reason: str, task: str, branch: str
) -> None:
    line = hostile(name, reason, task, branch)
    text = "".join(part for part, _ in agent_parts(line, shared(120, [line]), True))
    assert not [c for c in text if unicodedata.category(c) in CONTROLS]


@given(st.text(st.characters(max_codepoint=0x2FFF), max_size=40), st.integers(0, 30))
def test_a_fitted_text_has_exactly_its_width(text: str, width: int) -> None:
    assert cell_len(fitted(text, width)) == width
    assert cell_len(fitted_end(text, width)) == width


def test_a_branch_keeps_the_end_that_tells_it_apart() -> None:
    assert fitted_end("agents/barbara", 9) == "…/barbara"


@given(st.integers(40, 220), st.text("abcdefgh 日本", max_size=60), st.text("xyz ", max_size=60))
def test_a_line_has_exactly_the_width_of_the_list(width: int, name: str, task: str) -> None:
    line = hostile(name, "a reason", task, "agents/x")
    parts = agent_parts(line, shared(width, [line]), False)
    assert sum(cell_len(text) for text, _ in parts) == width


class Counting(FleetList):
    """Remembers which lines were painted."""

    def __init__(self) -> None:
        super().__init__()
        self.painted: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.painted.append(y + self.scroll_offset.y)
        return super().render_line(y)


class ListApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Counting()

    @property
    def fleet_list(self) -> Counting:
        return self.query_one(Counting)


HUNDRED = tuple(agent(f"a{number:03}", created=number, task="work") for number in range(100))


def with_task(which: int, task: str) -> tuple[Agent, ...]:
    changed = agent(f"a{which:03}", created=which, task=task)
    return (*HUNDRED[:which], changed, *HUNDRED[which + 1 :])


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


def test_a_badge_stands_in_every_width() -> None:
    line = cells(agent("ada", task="Try it"), "able", "demo: no model", "5m")
    for width in range(60, 200, 10):
        text = "".join(part for part, _ in agent_parts(line, shared(width, [line]), False))
        assert "demo: no model" in text


def visible(app: ListApp) -> Iterator[str]:
    widget = app.fleet_list
    for y in range(widget.size.height):
        yield widget.render_line(y).text.rstrip()


async def test_a_long_list_scrolls_to_the_selection() -> None:
    app = ListApp()
    async with app.run_test(size=(120, 10)) as pilot:
        app.fleet_list.show(fleet_of(*HUNDRED), 30.0)
        await pilot.pause()
        app.fleet_list.move(60)
        await pilot.pause()
        assert any("a060" in line and line.startswith("▌") for line in visible(app))
