"""The lines between the cells of a wall, moved by the mouse over a real tmux."""

from pathlib import Path

import pytest
from textual import events
from textual.geometry import Offset, Region
from textual.pilot import Pilot

from command_center.drivers.glass import Glass
from command_center.drivers.tmux import TmuxServer
from tests.drivers.tmux_panes import Recorder, shown
from tests.tui.mouse import click, drag, happen, press, pull, release
from tests.tui.pane_app import until
from tests.tui.wall_app import WallApp, agent, fleet_of

SIZES = [(80, 24), (200, 60)]
FOUR = ["a1", "a2", "a3", "a4"]


def regions(app: WallApp) -> list[Region]:
    return [app.cell(name).region for name in app.wall.shown]


def rule(app: WallApp) -> Offset:
    """A place on the line between the first two columns."""
    second = app.cell("a2").region
    return Offset(second.x - 1, second.y + 2)


def title(app: WallApp, name: str) -> Offset:
    """A place on the title line of a cell, beside its words."""
    return app.cell(name).region.offset + Offset(2, 0)


async def until_seen(pilot: Pilot[None], app: WallApp, name: str) -> None:
    await until(pilot, lambda: f"I am {name}" in app.text(name), f"{name} is seen")


@pytest.mark.parametrize("size", SIZES)
async def test_the_line_between_columns_goes_along_with_the_mouse(
    glass: Glass, size: tuple[int, int]
) -> None:
    app = WallApp(glass, [agent(name) for name in FOUR])
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        before = regions(app)
        await drag(pilot, rule(app), (-12, 3))
        after = regions(app)
        assert [cell.x for cell in after] == [0, before[1].x - 12] * 2
        assert [cell.right for cell in after] == [before[0].right - 12, size[0]] * 2
        assert [cell.y for cell in after] == [cell.y for cell in before]


@pytest.mark.parametrize("size", SIZES)
async def test_the_titles_between_rows_go_along_with_the_mouse(
    glass: Glass, size: tuple[int, int]
) -> None:
    app = WallApp(glass, [agent(name) for name in FOUR])
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        before = regions(app)
        await drag(pilot, title(app, "a4"), (5, -6))
        after = regions(app)
        assert [cell.y for cell in after] == [0, 0, before[2].y - 6, before[3].y - 6]
        assert {cell.bottom for cell in after[2:]} == {size[1]}
        assert [cell.width for cell in after] == [cell.width for cell in before]
        assert app.said == []


async def test_a_cell_keeps_a_little_however_far_the_mouse_goes(glass: Glass) -> None:
    app = WallApp(glass, [agent(name) for name in FOUR])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await drag(pilot, rule(app), (200, 0))
        await drag(pilot, title(app, "a3"), (0, -100))
        assert regions(app)[0].size == (63, 3)
        assert regions(app)[3].size == (16, 21)


async def test_the_screens_are_shown_as_before_and_no_window_changes(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    agents = await fleet_of(server, tmp_path, 4)
    app = WallApp(glass, agents)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_seen(pilot, app, "a4")
        await drag(pilot, rule(app), (-30, 0))
        await drag(pilot, title(app, "a3"), (0, 11))
        for each in agents:
            await until_seen(pilot, app, each.name)
        # As long as it takes a zoomed cell to ask for its size, and to get it.
        await pilot.pause(0.6)
        sizes = {shown(server, each.pane, "#{pane_width}x#{pane_height}") for each in agents}
        assert sizes == {"80x24"}


async def test_a_line_shows_that_it_is_held(glass: Glass) -> None:
    app = WallApp(glass, [agent(name) for name in FOUR])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        x, y = rule(app)
        await press(pilot, (x, y))
        assert app.screen_lines[y][x] == "┃"
        await release(pilot, (x, y))
        assert app.screen_lines[y][x] == "│"
        row = app.cell("a4").region.y
        await press(pilot, title(app, "a4"))
        assert "━━━" in app.screen_lines[row][:60]
        assert "━━━" in app.screen_lines[row][60:]
        await release(pilot, title(app, "a4"))
        assert "━" not in app.screen_lines[row]


async def test_moving_lines_does_not_end_the_typing(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    recorder = await Recorder.started(server, tmp_path)
    app = WallApp(glass, [*await fleet_of(server, tmp_path, 3), agent("rec", recorder.pane)])
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "READY" in app.text("rec"), "it listens")
        await pilot.press("4", "enter", "a")
        await drag(pilot, rule(app), (-9, 0))
        await pilot.press("b")
        await drag(pilot, title(app, "a3"), (0, 5))
        await pilot.press("c")
        await drag(pilot, title(app, "rec"), (0, -5))
        await pilot.press("d")
        await recorder.until_typed(b"abcd")


async def test_a_double_click_on_a_line_brings_equal_sizes_back(glass: Glass) -> None:
    app = WallApp(glass, [agent(name) for name in FOUR])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        before = regions(app)
        for line in (rule, lambda app: title(app, "a3")):
            await drag(pilot, rule(app), (-9, 0))
            await drag(pilot, title(app, "a3"), (0, 5))
            assert regions(app) != before
            await click(pilot, line(app), times=2)
            await until(pilot, lambda: regions(app) == before, "all are of one size")
        assert "opened a3" not in app.said


async def test_a_double_click_may_be_over_before_the_mouse_is_ours(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    app = WallApp(glass, await fleet_of(server, tmp_path, 4))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_seen(pilot, app, "a4")
        before = regions(app)
        await drag(pilot, rule(app), (-9, 0))
        x, y = title(app, "a4")
        for kind in (events.MouseDown, events.MouseUp) * 2:
            app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y))
        await until(pilot, lambda: regions(app) == before, "all are of one size")
        await pilot.pause()
        assert not app.wall.is_typing
        assert app.mouse_captured is None


async def test_a_click_on_a_title_is_one_on_its_cell(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    app = WallApp(glass, await fleet_of(server, tmp_path, 4))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_seen(pilot, app, "a4")
        await click(pilot, title(app, "a3"))
        await until(pilot, lambda: app.said == ["a3"], "it is selected")
        assert app.focused is app.cell("a3")
        await click(pilot, title(app, "a4"), times=2)
        await until(pilot, lambda: app.cell("a4").is_typing, "the keys go into it")


async def test_shares_stay_with_their_grid(glass: Glass) -> None:
    app = WallApp(glass, [agent(name) for name in FOUR])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        before = regions(app)
        await drag(pilot, rule(app), (-9, 0))
        after = regions(app)
        await pilot.press("z", "z")
        await pilot.resize_terminal(160, 40)
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: regions(app) == after, "they are as they were left")
        app.agents = app.agents[:3]
        app.show()
        await until(pilot, lambda: regions(app)[0].width == before[0].width, "half each")
        await click(pilot, title(app, "a3"), times=2)
        await until(pilot, lambda: app.said == ["a3", "opened a3"], "no line was meant")


async def test_a_line_that_was_let_go_elsewhere_stays_where_it_is(glass: Glass) -> None:
    app = WallApp(glass, [agent(name) for name in FOUR])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        start = rule(app)
        await press(pilot, start)
        await pull(pilot, (start.x - 4, start.y))
        moved = regions(app)
        await happen(pilot, events.MouseMove, (start.x - 20, start.y), button=0)
        await pull(pilot, (start.x - 30, start.y))
        assert regions(app) == moved
        assert app.mouse_captured is None


@pytest.mark.parametrize("is_hidden", [True, False])
async def test_a_line_that_goes_away_lets_the_mouse_go(glass: Glass, is_hidden: bool) -> None:
    app = WallApp(glass, [agent(name) for name in FOUR])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await press(pilot, title(app, "a4"))
        assert app.mouse_captured is app.wall
        if is_hidden:
            app.wall.display = False
        else:
            app.agents = app.agents[:3]
            app.show()
        await until(pilot, lambda: app.mouse_captured is None, "the mouse is free")
