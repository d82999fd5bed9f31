"""Where the cells of a wall lie."""

from hypothesis import given, strategies as st
from textual.geometry import Region, Size

from command_center.tui.wall_plan import SMALLEST, beside, capacity, planned

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
