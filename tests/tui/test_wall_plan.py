"""Where the cells of a wall lie."""

from hypothesis import given, strategies as st
from textual.geometry import Region, Size

from command_center.tui.wall_plan import (
    LEAST,
    SMALLEST,
    Divider,
    Shares,
    beside,
    capacity,
    divider_at,
    planned,
    pulled,
)

SIZES = st.builds(Size, st.integers(1, 300), st.integers(1, 120))
ROOMY = st.builds(Size, st.integers(38, 300), st.integers(8, 120))


@given(st.integers(0, 200), ROOMY)
def test_every_cell_can_be_read_and_none_covers_another(count: int, size: Size) -> None:
    cells = planned(count, size)
    assert len(cells) == min(count, capacity(size))
    assert all(c.width >= SMALLEST.width and c.height >= SMALLEST.height for c in cells)
    assert all(size.region.contains_region(cell) for cell in cells)
    taken = [(x, y) for cell in cells for y in cell.line_range for x in cell.column_range]
    assert len(set(taken)) == len(taken)


@given(st.integers(1, 200), ROOMY)
def test_only_the_lines_between_columns_are_left(count: int, size: Size) -> None:
    cells = planned(count, size)
    for y in {cell.y for cell in cells}:
        row = [cell for cell in cells if cell.y == y]
        assert sum(cell.width + 1 for cell in row) == size.width + 1
    assert sum({cell.y: cell.height for cell in cells}.values()) == size.height


@given(st.integers(0, 20), SIZES)
def test_a_wall_too_small_for_a_cell_has_one(count: int, size: Size) -> None:
    assert len(planned(count, size)) == min(count, capacity(size))
    assert capacity(size) >= 1


def test_few_agents_get_the_most_readable_cells() -> None:
    assert planned(1, Size(200, 60)) == (Region(0, 0, 200, 60),)
    assert [cell.size for cell in planned(2, Size(200, 30))] == [Size(100, 30), Size(99, 30)]
    assert [cell.size for cell in planned(2, Size(100, 60))] == [Size(100, 30)] * 2
    assert len({cell.y for cell in planned(9, Size(200, 60))}) == 3


@given(st.integers(1, 40), ROOMY, st.sampled_from([(1, 0), (-1, 0), (0, 1), (0, -1)]))
def test_the_way_back_leads_home_along_a_row(count: int, size: Size, way: tuple[int, int]) -> None:
    cells = planned(count, size)
    dx, dy = way
    for at in range(len(cells)):
        there = beside(cells, at, dx, dy)
        if there is not None and dx:
            assert beside(cells, there, -dx, 0) == at
        elif there is not None:
            assert (cells[there].y - cells[at].y) * dy == cells[at if dy > 0 else there].height


def test_beyond_the_edge_is_nobody() -> None:
    cells = planned(4, Size(160, 48))
    assert [beside(cells, 0, -1, 0), beside(cells, 1, 1, 0)] == [None, None]
    assert [beside(cells, 0, 0, -1), beside(cells, 3, 0, 1)] == [None, None]


DIVIDED = st.builds(Size, st.integers(80, 300), st.integers(16, 120))
PULLS = st.lists(st.tuples(st.integers(0, 40), st.booleans(), st.integers(-300, 300)), max_size=6)


def by_hand(count: int, size: Size, pulls: list[tuple[int, bool, int]]) -> Shares | None:
    """What is left of the room after the mouse moved these lines."""
    shares = None
    for cell, is_upright, by in pulls:
        cells = planned(count, size, shares)
        place = cells[cell % len(cells)]
        if place.x if is_upright else place.y:
            shares = pulled(cells, Divider(cell % len(cells), is_upright), by)
    return shares


@given(st.integers(1, 40), DIVIDED, DIVIDED, PULLS)
def test_however_lines_are_moved_no_room_is_lost_and_every_cell_keeps_some(
    count: int, size: Size, later: Size, pulls: list[tuple[int, bool, int]]
) -> None:
    shares = by_hand(count, size, pulls)
    for room in (size, later):
        cells = planned(count, room, shares)
        assert len(cells) == min(count, capacity(room))
        assert all(c.width >= LEAST.width and c.height >= LEAST.height for c in cells)
        assert not any(a.overlaps(b) for a in cells for b in cells if a is not b)
        for y in {cell.y for cell in cells}:
            row = [cell for cell in cells if cell.y == y]
            assert sum(cell.width + 1 for cell in row) == room.width + 1
        assert sum({cell.y: cell.height for cell in cells}.values()) == room.height


@given(st.integers(2, 40), DIVIDED, PULLS, st.integers(0, 40), st.booleans(), st.integers(-9, 9))
def test_a_line_goes_where_it_is_pulled_and_only_its_neighbours_change(
    count: int,
    size: Size,
    pulls: list[tuple[int, bool, int]],
    cell: int,
    is_upright: bool,
    by: int,
) -> None:
    before = planned(count, size, by_hand(count, size, pulls))
    at = cell % len(before)
    old = before[at]
    if not (old.x if is_upright else old.y):
        return
    after = planned(count, size, pulled(before, Divider(at, is_upright), by))
    new = after[at]
    if is_upright:
        room = (before[at - 1].width - LEAST.width, old.width - LEAST.width)
        assert new.x - old.x == max(-room[0], min(by, room[1]))
        others = [n for n, place in enumerate(before) if place.y == old.y and n - at not in (-1, 0)]
    else:
        above = next(place for place in before if place.bottom == old.y)
        room = (above.height - LEAST.height, old.height - LEAST.height)
        assert new.y - old.y == max(-room[0], min(by, room[1]))
        others = [n for n, place in enumerate(before) if place.y not in (old.y, above.y)]
    assert all(before[n] == after[n] for n in others)


def test_a_line_between_columns_is_moved_in_every_row_of_as_many() -> None:
    cells = planned(4, Size(160, 48))
    moved = planned(4, Size(160, 48), pulled(cells, Divider(1, is_upright=True), 20))
    assert [cell.x for cell in moved] == [0, cells[1].x + 20] * 2


def test_another_number_of_cells_brings_equal_sizes_back() -> None:
    size = Size(160, 48)
    shares = pulled(planned(4, size), Divider(1, is_upright=True), 20)
    assert planned(3, size, shares) == planned(3, size)
    assert planned(4, size, shares) != planned(4, size)


def test_the_lines_that_can_be_moved_are_rules_and_titles_below_others() -> None:
    cells = planned(4, Size(160, 48))
    rule, title = cells[1].x - 1, cells[2].y
    assert divider_at(cells, rule, 0) == Divider(1, is_upright=True)
    assert divider_at(cells, rule, title) == Divider(3, is_upright=True)
    assert divider_at(cells, rule - 1, title) == Divider(2, is_upright=False)
    assert divider_at(cells, rule + 1, title) == Divider(3, is_upright=False)
    for x, y in ((0, 0), (rule + 1, 0), (0, title + 1), (0, 48), (160, 5)):
        assert divider_at(cells, x, y) is None


@given(st.integers(2, 40), DIVIDED, PULLS, st.sampled_from([-1, 1]))
def test_up_and_down_lead_to_the_next_row_however_high(
    count: int, size: Size, pulls: list[tuple[int, bool, int]], dy: int
) -> None:
    cells = planned(count, size, by_hand(count, size, pulls))
    rows = sorted({cell.y for cell in cells})
    for at, cell in enumerate(cells):
        there = beside(cells, at, 0, dy)
        if there is not None:
            assert rows.index(cells[there].y) == rows.index(cell.y) + dy
