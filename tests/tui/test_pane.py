"""What the live pane shows, over a real tmux."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from textual.strip import Strip

from command_center.domain.model import Agent, Phase, State
from command_center.domain.text import plain
from command_center.drivers.glass import Glass, PaneScreen
from command_center.drivers.tmux import TmuxServer
from command_center.tui.pane_rows import Row
from command_center.tui.terminal import Marks, Terminal
from tests.drivers.tmux_panes import python_pane, tmux
from tests.tui.pane_app import ADA, PaneApp, in_pane, printed, until, until_shown


async def test_the_screen_of_the_agent_is_shown(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    pane = await printed(server, tmp_path, "hello\r\n\x1b[1mworld")
    app = PaneApp(glass, in_pane(pane))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "world")
        assert app.rows[:3] == ["hello", "world", ""]


async def test_the_pane_gets_the_size_of_the_widget(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    pane = await printed(server, tmp_path, "x")
    app = PaneApp(glass, in_pane(pane))
    async with app.run_test(size=(111, 40)) as pilot:
        size = app.view.size
        wanted = f"{size.width}x{size.height - 1}"
        asked = ("display-message", "-p", "-t", pane, "#{pane_width}x#{pane_height}")
        await until(pilot, lambda: tmux(server.socket, *asked) == wanted, f"it is {wanted}")


async def test_a_program_never_gets_less_than_80_by_24(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    pane = await printed(server, tmp_path, "\r\n".join(f"line {n}" for n in range(24)))
    await server.run(("resize-window", "-t", pane, "-x", "90", "-y", "30"))
    app = PaneApp(glass, in_pane(pane))
    async with app.run_test(size=(50, 14)) as pilot:
        asked = ("display-message", "-p", "-t", pane, "#{pane_width}x#{pane_height}")
        await until(pilot, lambda: tmux(server.socket, *asked) == "80x24", "it is 80x24")
        await until(pilot, lambda: app.rows[-1] == "line 23", "its last lines are shown")


async def test_the_view_follows_the_cursor_while_typing(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    pane = await printed(server, tmp_path, "." * 70 + "end")
    app = PaneApp(glass, in_pane(pane))
    async with app.run_test(size=(40, 14)) as pilot:
        await until(pilot, lambda: app.rows[0] == "." * 40, "the left part is shown")
        app.view.focus_typing()
        await until(pilot, lambda: app.rows[0].endswith("...end"), "the cursor is in sight")


async def test_the_wheel_looks_back_and_a_key_returns(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    pane = await printed(server, tmp_path, "\r\n".join(f"line {n}" for n in range(200)))
    app = PaneApp(glass, in_pane(pane))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "line 199")
        top = int(app.rows[0].split()[1])
        app.view.scroll_history(50)
        await until(pilot, lambda: app.rows[0] == f"line {top - 50}", "50 lines further up")
        assert "50 lines back" in app.bars
        app.view.focus()
        await pilot.press("j")
        await until_shown(pilot, app, "line 199")


async def test_history_ends_at_its_first_line(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    pane = await printed(server, tmp_path, "\r\n".join(f"line {n}" for n in range(200)))
    app = PaneApp(glass, in_pane(pane))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "line 199")
        app.view.scroll_history(10_000)
        await until(pilot, lambda: app.rows[0] == "line 0", "the first line is on top")
        app.view.scroll_history(-3)
        await until(pilot, lambda: app.rows[0] == "line 3", "three lines forward again")


async def test_a_small_widget_looks_back_from_the_lines_it_shows(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    pane = await printed(server, tmp_path, "\r\n".join(f"line {n}" for n in range(200)))
    app = PaneApp(glass, in_pane(pane))
    async with app.run_test(size=(50, 14)) as pilot:
        await until(pilot, lambda: app.rows[-1] == "line 199", "the last line is shown")
        app.view.scroll_history(5)
        await until(pilot, lambda: app.rows[-1] == "line 194", "five lines further up")


async def test_the_last_screen_of_an_ended_program_stays(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    pane = await python_pane(server, tmp_path, "print('last words'); raise SystemExit(3)")
    app = PaneApp(glass, in_pane(pane))
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "last screen" in app.bars, "the line above is there")
        assert "last words" in "\n".join(app.rows)
        assert not app.view.focus_typing()


async def test_typing_ends_with_the_pane(server: TmuxServer, glass: Glass, tmp_path: Path) -> None:
    pane = await printed(server, tmp_path, "x")
    app = PaneApp(glass, in_pane(pane))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "x")
        app.view.focus_typing()
        tmux(server.socket, "kill-pane", "-t", pane)
        await until(pilot, lambda: app.said == ["started", "ended"], "typing has ended")
        await until_shown(pilot, app, "ada has no screen")


async def test_an_unreachable_tmux_is_said_and_the_picture_stays(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    pane = await printed(server, tmp_path, "picture")
    app = PaneApp(glass, in_pane(pane))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "picture")
        tmux(server.socket, "kill-server")
        await until(pilot, lambda: "tmux does not answer" in app.bars, "it is said")
        assert app.rows[0] == "picture"
        style = next(iter(app.view.render_line(len(app.view._bars)))).style
        assert style is not None
        assert style.dim


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (None, "n launches one"),
        (msgspec.structs.replace(ADA, phase=Phase.LAUNCHING), "ada is starting"),
        (msgspec.structs.replace(ADA, phase=Phase.PARKED, state=State.PARKED), "r resumes"),
        (msgspec.structs.replace(ADA, phase=Phase.EXITED, state=State.EXITED), "x removes"),
        (msgspec.structs.replace(ADA, phase=Phase.LOST, state=State.LOST), "its pane is gone"),
    ],
)
async def test_without_a_pane_it_says_what_can_be_done(agent: Agent | None, words: str) -> None:
    app = PaneApp(None, agent)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, words)


class Slow(Glass):
    """Counts looks, and answers one pane only when told."""

    held = ""
    looks = 0

    def __init__(self, socket: str) -> None:
        super().__init__(socket)
        self.released = asyncio.Event()

    async def look(self, panes: Sequence[str]) -> dict[str, PaneScreen]:
        self.looks += 1
        seen = await super().look(panes)
        if self.held in panes:
            await self.released.wait()
        return seen


async def test_a_late_answer_about_another_agent_is_dropped(
    server: TmuxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = await printed(server, tmp_path, "old"), await printed(server, tmp_path, "new")
    shown = []
    put = Terminal.put

    def noted(
        terminal: Terminal, rows: Sequence[Row], columns: int, left: int, marks: Marks
    ) -> None:
        shown.append(rows[0].raw.strip())
        put(terminal, rows, columns, left, marks)

    monkeypatch.setattr(Terminal, "put", noted)
    glass = Slow(server.socket)
    glass.held = old
    app = PaneApp(glass, in_pane(old))
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: glass.looks == 1, "the first look is under way")
        app.view.agent = msgspec.structs.replace(in_pane(new), id="2")
        glass.released.set()
        await until_shown(pilot, app, "new")
    assert "old" not in shown
    await glass.close()


async def test_a_hidden_pane_is_not_looked_at(server: TmuxServer, tmp_path: Path) -> None:
    glass = Slow(server.socket)
    app = PaneApp(glass, in_pane(await printed(server, tmp_path, "x")))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "x")
        app.view.display = False
        await pilot.pause(0.3)
        before = glass.looks
        await pilot.pause(0.7)
        assert glass.looks == before
    await glass.close()


async def test_hostile_output_is_shown_as_plain_text(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    hostile = (
        "\x1b]0;\x1b[31mevil\x07\x1b]8;;http://x\x07link\x1b]8;;\x07 \u202ertl #{pane_id} [b]x"
    )
    app = PaneApp(glass, in_pane(await printed(server, tmp_path, hostile)))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "link rtl #{pane_id} [b]x")
        everything = "\n".join([*app.rows, app.bars])
        assert plain(everything) == everything


TICKS = """
import itertools, time
print("above\\n" * 5)
for n in itertools.count():
    print(f"\\rtick {n}", end="", flush=True)
    time.sleep(0.1)
"""


async def test_only_lines_that_differ_are_painted(
    server: TmuxServer, glass: Glass, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = PaneApp(glass, in_pane(await python_pane(server, tmp_path, TICKS)))
    painted: list[int] = []
    line = Terminal._line

    def noted(terminal: Terminal, y: int, width: int) -> Strip:
        painted.append(y)
        return line(terminal, y, width)

    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "tick")
        # Two ticks after the pane got its size, nothing else is left to paint.
        await pilot.pause(1.0)
        monkeypatch.setattr(Terminal, "_line", noted)
        await until(pilot, lambda: len(painted) > 3, "a few ticks were painted")
        assert set(painted) == {7}


ENDLESS = """
import itertools, time
for number in itertools.count():
    print("line", number, flush=True)
    time.sleep(0.02 if number > 150 else 0)
"""


async def test_a_look_back_stays_on_its_lines_while_output_goes_on(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    app = PaneApp(glass, in_pane(await python_pane(server, tmp_path, ENDLESS)))

    def top() -> int:
        return int(app.rows[0].split()[1])

    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, app, "line 152")
        # The pane has got its size by now, so that no line is drawn back from the history.
        await pilot.pause(0.5)
        live = top()
        app.view.scroll_history(60)
        await until(pilot, lambda: top() < live - 30, "it looks back")
        pinned = top()
        await until(pilot, lambda: app.view._lines_back > 150, "much output went on")
        # tmux may print a line between telling how long the history is and showing it.
        assert abs(top() - pinned) <= 3
