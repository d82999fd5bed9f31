"""The keyboard into the live pane, over a real tmux."""

from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from command_center.drivers.glass import Glass
from command_center.drivers.tmux import TmuxServer
from command_center.tui import pane_sight
from command_center.tui.chord import LEAVE_KEY
from command_center.tui.pane import PaneView
from tests.drivers.tmux_panes import Recorder, python_pane
from tests.tui.pane_app import PaneApp, in_pane, printed, until, until_shown


async def test_every_key_reaches_the_agent_while_typing(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    recorder = await Recorder.started(server, tmp_path)
    app = PaneApp(glass, in_pane(recorder.pane))
    async with app.run_test(size=(100, 30)) as pilot:
        assert app.view.focus_typing()
        await pilot.press("q", "ctrl+q", "ctrl+c", "ctrl+p", "tab", "escape", "f1", "enter", "up")
        await pilot.press("?", "ö", "shift+tab", "ctrl+z", "space", "backspace", ":")
        expected = b"q\x11\x03\x10\t\x1b\x1bOP\r\x1b[A?" + "ö".encode() + b"\x1b[Z\x1a \x7f:"
        await recorder.until_typed(expected)
    assert app.stolen == []


async def test_the_leave_chord_gives_the_keys_back(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    recorder = await Recorder.started(server, tmp_path)
    app = PaneApp(glass, in_pane(recorder.pane))
    async with app.run_test(size=(100, 30)) as pilot:
        app.view.focus_typing()
        await pilot.press("x", LEAVE_KEY, "q")
        await recorder.until_typed(b"x")
        assert app.stolen == ["q"]
        assert app.said == ["started", "ended"]
        assert "typing" not in app.bars


async def test_watching_leaves_every_key_to_the_app(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    recorder = await Recorder.started(server, tmp_path)
    app = PaneApp(glass, in_pane(recorder.pane))
    async with app.run_test(size=(100, 30)) as pilot:
        app.view.focus()
        await pilot.press("q", "f1")
    assert app.stolen == ["q", "f1"]
    assert recorder.file.read_bytes() == b""


async def test_typing_is_said_in_words(server: TmuxServer, glass: Glass, tmp_path: Path) -> None:
    app = PaneApp(glass, in_pane(await printed(server, tmp_path, "x")))
    async with app.run_test(size=(100, 30)) as pilot:
        app.view.focus_typing()
        await pilot.pause()
        assert "typing — ctrl+] leaves" in app.bars


async def test_a_paste_arrives_as_one_bracketed_paste(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    recorder = await Recorder.started(server, tmp_path, b"\x1b[?2004h")
    app = PaneApp(glass, in_pane(recorder.pane))
    async with app.run_test(size=(100, 30)):
        app.view.focus_typing()
        app.post_message(events.Paste("one; #{two}\nthree"))
        await recorder.until_typed(b"\x1b[200~one; #{two}\rthree\x1b[201~")


async def test_a_double_click_types_into_the_agent(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    app = PaneApp(glass, in_pane(await printed(server, tmp_path, "x")))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "x")
        await pilot.click(PaneView)
        assert not app.view.is_typing
        await pilot.click(PaneView, times=2)
        assert app.view.is_typing


async def test_focus_elsewhere_ends_typing(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    app = PaneApp(glass, in_pane(await printed(server, tmp_path, "x")))
    async with app.run_test(size=(100, 30)) as pilot:
        app.view.focus_typing()
        await pilot.click(Input)
        await until(pilot, lambda: app.said == ["started", "ended"], "typing has ended")


async def test_typing_ends_with_the_program(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    pane = await python_pane(server, tmp_path, "input('name? ')")
    app = PaneApp(glass, in_pane(pane))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "name?")
        app.view.focus_typing()
        await pilot.press("a", "enter")
        await until(pilot, lambda: app.said == ["started", "ended"], "typing has ended")


@pytest.mark.parametrize("is_short", [True, False])
async def test_typing_survives_a_look_at_another_window(
    server: TmuxServer, glass: Glass, tmp_path: Path, is_short: bool
) -> None:
    recorder = await Recorder.started(server, tmp_path)
    app = PaneApp(glass, in_pane(recorder.pane))
    async with app.run_test(size=(100, 30)) as pilot:
        app.view.focus_typing()
        await pilot.pause()
        app.post_message(events.AppBlur())
        if not is_short:
            await pilot.pause()
        app.post_message(events.AppFocus())
        await pilot.press("q")
        await recorder.until_typed(b"q")
    assert app.stolen == []


SLOW_ECHO = """
import os, time, tty
tty.setraw(0)
while typed := os.read(0, 100):
    time.sleep(0.01)
    os.write(1, typed)
"""


def has_size_of_widget(view: PaneView) -> bool:
    return view._seen is not None and view._seen.width == view.size.width


async def test_an_echo_is_shown_without_waiting_for_the_next_poll(
    server: TmuxServer, glass: Glass, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pane = await python_pane(server, tmp_path, SLOW_ECHO)
    app = PaneApp(glass, in_pane(pane))
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: has_size_of_widget(app.view), "the pane has its size")
        monkeypatch.setattr(pane_sight, "_TYPING_S", 1000.0)
        app.view.focus_typing()
        await pilot.press("y", "e", "s")
        await until_shown(pilot, app, "yes")
