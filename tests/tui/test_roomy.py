"""One line for each agent, or two: when, and that everything works with both."""

from collections.abc import Iterable

import pytest
from hypothesis import given, strategies as st
from textual.geometry import Offset

from command_center.tui.fleet_list import FleetList
from command_center.tui.grid import SLACK, laid_out
from command_center.tui.rows import AgentRow, GroupRow, HiddenRow, Row
from command_center.tui.sieve import Sieve
from tests.tui.list_app import HUNDRED, ListApp, agent, fleet_of, visible

A_ROW: Row = AgentRow(agent("ada"))
ROWS = st.lists(
    st.sampled_from([A_ROW, GroupRow("shop", "shop", 1), HiddenRow(1, 0, False)]), max_size=30
)
TEN = HUNDRED[:10]
NOW = 30.0


@given(ROWS, st.integers(0, 80), st.booleans())
def test_every_line_belongs_to_the_row_whose_lines_hold_it(
    found: list[Row], room: int, was_roomy: bool
) -> None:
    grid = laid_out(found, room, was_roomy)
    owners = [row for row in range(len(found)) for _ in grid.lines_of(row)]
    assert [grid.row_at(line) for line in range(grid.line_count)] == owners
    assert grid.row_at(-1) is None
    assert grid.row_at(grid.line_count) is None


@given(ROWS, st.integers(0, 80), st.booleans())
def test_either_all_agents_take_two_lines_and_fit_or_all_take_one(
    found: list[Row], room: int, was_roomy: bool
) -> None:
    grid = laid_out(found, room, was_roomy)
    heights = {len(grid.lines_of(n)) for n, row in enumerate(found) if isinstance(row, AgentRow)}
    assert heights <= {2 if grid.is_roomy else 1}
    assert grid.line_count <= room or not grid.is_roomy


def densities(counts: Iterable[int], room: int) -> list[bool]:
    """Whether the list is roomy with each of so many agents, one after the other."""
    found, is_roomy = [], True
    for count in counts:
        is_roomy = laid_out([A_ROW] * count, room, is_roomy).is_roomy
        found.append(is_roomy)
    return found


def test_agents_that_come_and_go_at_the_edge_do_not_flip_the_list() -> None:
    assert densities([5, 6, 5, 6, 5], room=10) == [True, False, False, False, False]
    assert densities([6, 5, 4, 3], room=10) == [False, False, False, 2 * 3 + SLACK <= 10]


@pytest.mark.parametrize(("height", "painted"), [(40, {7}), (10, {3})])
async def test_a_change_paints_the_line_it_is_on(height: int, painted: set[int]) -> None:
    app = ListApp()
    async with app.run_test(size=(120, height)) as pilot:
        app.fleet_list.show(fleet_of(*TEN), NOW)
        await pilot.pause()
        app.fleet_list.painted.clear()
        changed = agent("a003", created=3, task="other")
        app.fleet_list.show(fleet_of(*TEN[:3], changed, *TEN[4:]), NOW)
        await pilot.pause()
        assert set(app.fleet_list.painted) == painted


@pytest.mark.parametrize(("height", "painted"), [(40, {0, 1, 2, 3}), (10, {0, 1})])
async def test_a_step_paints_the_agents_it_leaves_and_reaches(
    height: int, painted: set[int]
) -> None:
    app = ListApp()
    async with app.run_test(size=(120, height)) as pilot:
        app.fleet_list.show(fleet_of(*TEN), NOW)
        await pilot.pause()
        app.fleet_list.painted.clear()
        app.fleet_list.move(1)
        await pilot.pause()
        assert set(app.fleet_list.painted) == painted


@pytest.mark.parametrize(
    ("height", "line", "name"),
    [(40, 6, "a003"), (40, 7, "a003"), (40, 25, "a000"), (10, 6, "a006")],
)
async def test_a_click_selects_the_agent_whose_line_it_hits(
    height: int, line: int, name: str
) -> None:
    app = ListApp()
    async with app.run_test(size=(120, height)) as pilot:
        app.fleet_list.show(fleet_of(*TEN), NOW)
        await pilot.pause()
        await pilot.click(FleetList, offset=Offset(10, line))
        assert app.fleet_list.selected is not None
        assert app.fleet_list.selected.name == name


async def test_a_page_is_as_many_agents_as_fit() -> None:
    app = ListApp()
    async with app.run_test(size=(120, 20)) as pilot:
        app.fleet_list.show(fleet_of(*TEN), NOW)
        await pilot.pause()
        assert app.fleet_list.page == 10
        app.fleet_list.show(fleet_of(*HUNDRED), NOW)
        await pilot.pause()
        assert app.fleet_list.page == 20


async def test_a_lower_terminal_turns_to_one_line_and_keeps_the_selection_in_sight() -> None:
    app = ListApp()
    async with app.run_test(size=(120, 20)) as pilot:
        app.fleet_list.show(fleet_of(*TEN), NOW)
        app.fleet_list.move(9)
        await pilot.pause()
        assert [line[:1] for line in visible(app)][-2:] == ["▌", "▌"]
        await pilot.resize_terminal(120, 6)
        await pilot.pause()
        assert [line[:1] for line in visible(app)] == [*"     ", "▌"]


async def test_a_filter_decides_anew_how_many_lines_an_agent_takes() -> None:
    app = ListApp()
    async with app.run_test(size=(120, 20)) as pilot:
        app.fleet_list.show(fleet_of(*HUNDRED), NOW)
        await pilot.pause()
        app.fleet_list.sift(Sieve(needle="a00"))
        await pilot.pause()
        assert [line.strip("▌ ") for line in visible(app)][1::2] == [
            f"work · agents/a00{n}" for n in range(10)
        ]
