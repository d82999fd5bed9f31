"""Searching in a pane, copying from it and following its links, over a real tmux."""

from pathlib import Path

import pytest
from rich.style import Style
from textual.pilot import Pilot

from command_center.drivers.glass import Glass
from command_center.drivers.tmux import TmuxServer
from command_center.tui import pane as pane_module
from command_center.tui.marks import FOUND, FOUND_NOW, SELECTED
from command_center.tui.pane import PaneView
from tests.tui.pane_app import PaneApp, in_pane, printed, until, until_shown

LOG = "\r\n".join(f"line {n} {'needle' if n % 50 == 7 else 'hay'}" for n in range(200))


def laid_over(app: PaneApp, style: Style) -> str:
    """The texts that carry what `style` lays over them."""
    view = app.view
    lines = (view.render_line(y) for y in range(len(view._bars), view.size.height))
    return "".join(s.text for line in lines for s in line if s.style and _has(s.style, style))


def _has(style: Style, over: Style) -> bool:
    return (style.color, style.bgcolor) == (over.color, over.bgcolor)


async def until_marked(pilot: Pilot[None], app: PaneApp, style: Style, text: str) -> None:
    await until(pilot, lambda: laid_over(app, style) == text, f"{text!r} is marked")


async def test_a_search_goes_up_through_the_history_as_it_is_written(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    app = PaneApp(glass, in_pane(await printed(server, tmp_path, LOG)))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "line 199")
        app.view.focus()
        await pilot.press("slash", *"need")
        await until_shown(pilot, app, "line 157 needle")
        await until_marked(pilot, app, FOUND_NOW, "need")
        assert "/need   4 of 4" in app.bars


async def test_n_goes_to_older_matches_and_shift_n_back(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    app = PaneApp(glass, in_pane(await printed(server, tmp_path, LOG)))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "line 199")
        app.view.focus()
        await pilot.press("slash", *"needle", "enter", "n", "n")
        await until_shown(pilot, app, "line 57 needle")
        await pilot.press("N")
        await until_shown(pilot, app, "line 107 needle")
        assert "3 of 4" in app.bars
        assert app.stolen == []


async def test_escape_ends_a_search_and_returns_to_the_live_screen(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    app = PaneApp(glass, in_pane(await printed(server, tmp_path, LOG)))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "line 199")
        app.view.focus()
        await pilot.press("slash", *"line 20", "escape")
        await until_shown(pilot, app, "line 199")
        assert laid_over(app, FOUND) == laid_over(app, FOUND_NOW) == ""
        await pilot.press("escape")
        assert app.stolen == ["escape"]


async def test_a_needle_that_is_nowhere_is_said(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    app = PaneApp(glass, in_pane(await printed(server, tmp_path, "[red]words")))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "[red]words")
        app.view.focus()
        await pilot.press("slash", "[", "z")
        assert "/[z   not found" in app.bars


def has_its_size(view: PaneView) -> bool:
    return view._seen is not None and view._seen.height == view.body_height


async def test_pages_go_through_the_history(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    app = PaneApp(glass, in_pane(await printed(server, tmp_path, LOG)))
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: has_its_size(app.view), "the pane has its size")
        app.view.focus()
        live = app.rows[0]
        await pilot.press("pageup")
        await until(pilot, lambda: app.rows[-1] == live, "a page further up")
        await pilot.press("shift+up", "pagedown", "shift+down")
        await until(pilot, lambda: app.rows[0] == live, "and back")


async def drag(pilot: Pilot[None], start: tuple[int, int], end: tuple[int, int]) -> None:
    """From and to a column and row below the title."""
    await pilot.mouse_down(PaneView, offset=(start[0], start[1] + 1))
    await pilot.hover(PaneView, offset=(end[0], end[1] + 1))
    await pilot.mouse_up(PaneView, offset=(end[0], end[1] + 1))


async def test_what_the_mouse_drags_over_is_copied(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    text = "alpha \x1b[31mbeta\x1b[0m\r\n日本語 gamma\r\ndelta"
    app = PaneApp(glass, in_pane(await printed(server, tmp_path, text)))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "delta")
        await drag(pilot, (6, 0), (3, 1))
        assert app.clipboard == "beta\n日本"
        assert laid_over(app, SELECTED).strip() == "beta" + " " * 90 + "日本"
        assert "copied 7 characters" in app.bars
        assert not app.view.is_typing


async def test_a_drag_upward_copies_the_same(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    app = PaneApp(glass, in_pane(await printed(server, tmp_path, "one two\r\nthree")))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "three")
        await drag(pilot, (4, 1), (4, 0))
        assert app.clipboard == "two\nthree"


async def test_a_double_click_while_typing_copies_the_word(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    app = PaneApp(glass, in_pane(await printed(server, tmp_path, "see src/cart.py:41 now")))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "cart")
        app.view.focus_typing()
        await pilot.click(PaneView, offset=(8, 1), times=2)
        assert app.clipboard == "src/cart.py:41"


async def test_a_link_is_shown_before_it_is_opened(
    server: TmuxServer, glass: Glass, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    went: list[str] = []

    async def noted(address: str) -> bool:
        went.append(address)
        return True

    monkeypatch.setattr(pane_module, "opened", noted)
    text = "look at https://example.org/a?b=1, please"
    app = PaneApp(glass, in_pane(await printed(server, tmp_path, text)))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "look at")
        await pilot.click(PaneView, offset=(12, 1))
        assert went == []
        assert "click again to open https://example.org/a?b=1" in app.bars
        # The line that tells it has moved the text down.
        await pilot.click(PaneView, offset=(12, 2))
        assert went == ["https://example.org/a?b=1"]
        assert not app.view.is_typing


async def test_without_a_browser_the_address_is_copied(
    server: TmuxServer, glass: Glass, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    app = PaneApp(glass, in_pane(await printed(server, tmp_path, "http://example.org")))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "example")
        await pilot.click(PaneView, offset=(3, 1))
        await pilot.click(PaneView, offset=(3, 2))
        assert app.clipboard == "http://example.org"
