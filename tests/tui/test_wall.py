"""Many live panes at once, over a real tmux."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from command_center.domain.gauges import Gauge
from command_center.domain.model import State
from command_center.drivers.glass import Glass, PaneScreen
from command_center.drivers.tmux import TmuxServer
from command_center.tui.chord import LEAVE_KEY
from tests.drivers.tmux_panes import Recorder, shown
from tests.tui.pane_app import printed, until
from tests.tui.wall_app import WallApp, agent, fleet_of


async def until_in(pilot: Pilot[None], app: WallApp, name: str, text: str) -> None:
    await until(pilot, lambda: text in app.text(name), f"{name} shows {text!r}")


def shown_in(app: WallApp) -> list[str]:
    return list(app.wall.shown)


def is_typing(app: WallApp) -> bool:
    return app.wall.is_typing


async def test_every_cell_shows_the_end_of_its_own_screen(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    app = WallApp(glass, await fleet_of(server, tmp_path, 6))
    async with app.run_test(size=(120, 40)) as pilot:
        for n in range(1, 7):
            await until_in(pilot, app, f"a{n}", f"I am a{n}")


async def test_a_cell_says_number_state_name_age_and_what_it_is_doing(glass: Glass) -> None:
    agents = [agent("ada"), agent("emil", state=State.WAITING, reason="permission: Bash")]
    app = WallApp(glass, agents, {"ada": Gauge("ada", 0.0, doing="Edit cart.py")})
    async with app.run_test(size=(120, 40)) as pilot:
        await until_in(pilot, app, "ada", "1 ◐ ada 1m · Edit cart.py")
        assert "2 ● waiting emil 1m · permission: Bash" in app.text("emil")


async def test_minis_leave_the_windows_as_they_are(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    agents = await fleet_of(server, tmp_path, 4)
    app = WallApp(glass, agents)
    async with app.run_test(size=(200, 60)) as pilot:
        await until_in(pilot, app, "a4", "I am a4")
        app.wall.start_typing()
        await pilot.pause(0.6)
        sizes = {shown(server, a.pane, "#{pane_width}x#{pane_height}") for a in agents}
        assert sizes == {"80x24"}


async def test_the_zoomed_one_gets_the_room_and_gives_it_back(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    agents = await fleet_of(server, tmp_path, 4)
    app = WallApp(glass, agents)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_in(pilot, app, "a1", "I am a1")
        await pilot.press("z")
        assert shown_in(app) == ["a1"]
        size = (agents[0].pane, "#{pane_width}x#{pane_height}")
        await until(pilot, lambda: shown(server, *size) == "120x39", "the window has the room")
        await pilot.press("escape")
        assert shown_in(app) == ["a1", "a2", "a3", "a4"]


async def test_the_zoom_goes_along_with_the_selection(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    app = WallApp(glass, await fleet_of(server, tmp_path, 3))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_in(pilot, app, "a1", "I am a1")
        await pilot.press("z", "down")
        assert shown_in(app) == ["a2"]
        assert app.focused is app.cell("a2")
        await until_in(pilot, app, "a2", "I am a2")
        await pilot.press("z", "right")
        assert shown_in(app) == ["a1", "a2", "a3"]
        assert app.said == ["a2", "a3"]


async def test_a_wall_without_tmux_says_so_and_goes_on(
    server: TmuxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agents = await fleet_of(server, tmp_path, 1)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(tmp_path))
        glass = Glass(server.socket)
        app = WallApp(glass, agents)
        async with app.run_test(size=(120, 40)) as pilot:
            await until_in(pilot, app, "a1", "tmux is not installed")
    await glass.close()


async def test_arrows_and_digits_move_the_selection(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    app = WallApp(glass, await fleet_of(server, tmp_path, 4))
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.press("right", "down", "left", "up", "4")
        assert app.said == ["a2", "a4", "a3", "a1", "a4"]


async def test_what_does_not_fit_is_on_the_next_page(glass: Glass) -> None:
    app = WallApp(glass, [agent(f"a{n}") for n in range(1, 10)])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert shown_in(app) == ["a1", "a2", "a3", "a4"]
        assert "page 1 of 3 · 1-4 of 9 agents" in app.screen_lines[-1]
        await pilot.press("right", "down", "down", "up", "down")
        assert app.said == ["a2", "a4", "a6", "a4", "a6"]
        app.wall.turn_page(1)
        await pilot.pause()
        assert shown_in(app) == ["a9"]


async def test_agents_keep_their_places_and_newcomers_follow(glass: Glass) -> None:
    ada, emil, cleo = agent("ada"), agent("emil"), agent("cleo")
    app = WallApp(glass, [ada, emil])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        cell = app.cell("emil")
        app.agents = [cleo, emil, ada]
        app.show()
        assert shown_in(app) == ["ada", "emil", "cleo"]
        app.agents = [cleo, emil]
        app.show()
        assert shown_in(app) == ["emil", "cleo"]
        assert app.cell("emil") is cell


class Counting(Glass):
    """Remembers which panes were looked at, together."""

    def __init__(self, socket: str) -> None:
        super().__init__(socket)
        self.looks: list[tuple[str, ...]] = []

    async def look(self, panes: list[str]) -> dict[str, PaneScreen]:  # type: ignore[override]
        self.looks.append(tuple(panes))
        return await super().look(panes)


async def test_all_cells_are_looked_at_together_and_nobody_else(
    server: TmuxServer, tmp_path: Path
) -> None:
    glass = Counting(server.socket)
    agents = await fleet_of(server, tmp_path, 7)
    app = WallApp(glass, agents)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_in(pilot, app, "a4", "I am a4")
        glass.looks.clear()
        seen = {agent.pane for agent in agents[:4]}
        await until(pilot, lambda: len(glass.looks) >= 12, "some rounds went by")
        assert {pane for look in glass.looks for pane in look} == seen
        # The first ones also tell each cell whether it has its size.
        assert {len(look) for look in glass.looks[-6:]} == {4}
    await glass.close()


async def test_typing_goes_into_the_selected_cell_where_it_stands(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    recorder = await Recorder.started(server, tmp_path)
    others = await fleet_of(server, tmp_path, 2)
    app = WallApp(glass, [*others, agent("rec", recorder.pane)])
    async with app.run_test(size=(160, 48)) as pilot:
        await until_in(pilot, app, "rec", "READY")
        await pilot.press("3", "enter")
        assert is_typing(app)
        await pilot.press("q", "left", "1", LEAVE_KEY, "1")
        await recorder.until_typed(b"q\x1b[D1")
        assert not is_typing(app)
        assert app.said == ["rec", "a1"]


async def test_typing_goes_on_while_the_others_come_and_go(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    recorder = await Recorder.started(server, tmp_path)
    others = await fleet_of(server, tmp_path, 2)
    typed = agent("rec", recorder.pane)
    app = WallApp(glass, [*others, typed])
    async with app.run_test(size=(160, 48)) as pilot:
        await until_in(pilot, app, "rec", "READY")
        await pilot.press("3", "enter", "x")
        app.agents = [replace(typed, reason="other")]
        app.show()
        await pilot.press("q")
        app.agents = []
        app.show()
        await pilot.press("q")
        await recorder.until_typed(b"xqq")
        assert "stolen" not in app.said


async def test_a_click_selects_and_a_double_click_types(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    app = WallApp(glass, [*await fleet_of(server, tmp_path, 2), agent("parked")])
    async with app.run_test(size=(160, 48)) as pilot:
        await until_in(pilot, app, "a2", "I am a2")
        await pilot.click(app.cell("a2"))
        await until(pilot, lambda: app.said == ["a2"], "it is selected")
        assert not is_typing(app)
        await pilot.click(app.cell("a1"), times=2)
        assert app.cell("a1").is_typing
        await pilot.press(LEAVE_KEY)
        await pilot.click(app.cell("parked"), times=2)
        await until(pilot, lambda: app.said[-1] == "opened parked", "it is said")


async def test_a_click_elsewhere_ends_typing_and_gives_that_cell_the_keyboard(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    app = WallApp(glass, await fleet_of(server, tmp_path, 2))
    async with app.run_test(size=(160, 48)) as pilot:
        await until_in(pilot, app, "a2", "I am a2")
        await pilot.press("enter")
        assert is_typing(app)
        await pilot.click(app.cell("a2"))
        await until(pilot, lambda: not is_typing(app), "typing has ended")
        assert app.focused is app.cell("a2")
        await pilot.press("slash", *"I am")
        await until_in(pilot, app, "a2", "/I am   1 of 1")


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_no_cell_covers_another_and_no_room_is_lost(
    glass: Glass, size: tuple[int, int]
) -> None:
    app = WallApp(glass, [agent(f"a{n}") for n in range(100)])
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        cells = [app.cell(name).region for name in app.wall.shown]
        assert all(cell.width >= 38 and cell.height >= 7 for cell in cells)
        assert not any(a.overlaps(b) for a in cells for b in cells if a is not b)


async def test_hostile_titles_stay_plain(server: TmuxServer, glass: Glass, tmp_path: Path) -> None:
    pane = await printed(server, tmp_path, "\x1b]0;\x1b[31mevil\x07[b]x[/b] #{pane_id}")
    hostile = agent("evil", pane, reason="\x1b[2J\u202e[red]no")
    app = WallApp(glass, [hostile])
    async with app.run_test(size=(120, 40)) as pilot:
        await until_in(pilot, app, "evil", "#{pane_id}")
        assert "\x1b" not in app.text("evil")
        assert "\u202e" not in app.text("evil")
        assert "[red]no" in app.text("evil")
