"""Which panes a look captures."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from command_center.drivers.control_stream import Reply
from command_center.drivers.glass import Glass, Key
from command_center.drivers.tmux import TmuxServer
from command_center.drivers.tmux_text import Command
from tests.drivers.tmux_panes import python_pane, tmux, until, until_shown

STILL = "print('quiet', flush=True); input()"
ECHO = "[print('heard', input(), flush=True) for _ in range(99)]"

# Whatever it prints, the cursor ends where it was.
IN_PLACE = """
import os, tty
tty.setraw(0)
os.write(1, b"ready\\x1b[H")
while key := os.read(0, 1):
    os.write(1, key + b"\\x1b[H")
"""


class Listening(Glass):
    """Remembers what is captured."""

    def __init__(self, socket: str) -> None:
        super().__init__(socket)
        self.captured: list[str] = []
        run = self._connection.run

        async def noted(*commands: Command) -> list[Reply]:
            self.captured += [words[-1] for words in commands if words[0] == "capture-pane"]
            return await run(*commands)

        self._connection.run = noted  # type: ignore[method-assign]


@pytest_asyncio.fixture
async def glass(server: TmuxServer) -> AsyncIterator[Listening]:
    glass = Listening(server.socket)
    yield glass
    await glass.close()


async def until_still(glass: Glass, pane: str) -> None:
    """Until a look gives the same screen as the one before."""

    async def is_still() -> bool:
        before = (await glass.look([pane]))[pane]
        return (await glass.look([pane]))[pane] is before

    await until(is_still, f"{pane} is still")


async def test_a_pane_in_which_nothing_happens_is_captured_no_more(
    server: TmuxServer, glass: Listening, tmp_path: Path
) -> None:
    pane = await python_pane(server, tmp_path, STILL)
    await until_shown(server, pane, "quiet")
    await until_still(glass, pane)
    glass.captured.clear()
    for _ in range(5):
        assert (await glass.look([pane]))[pane].lines[0].rstrip() == "quiet"
    assert glass.captured == []


async def test_output_in_a_quiet_pane_is_seen_at_the_next_look(
    server: TmuxServer, glass: Listening, tmp_path: Path
) -> None:
    pane = await python_pane(server, tmp_path, ECHO)
    for number in range(4):
        await until_still(glass, pane)
        await glass.type_keys(pane, [Key(str(number), str(number)), Key("enter", "\r")])
        await until_shown(server, pane, f"heard {number}")
        assert f"heard {number}" in "\n".join((await glass.look([pane]))[pane].lines)


async def test_output_in_the_second_of_a_look_is_not_missed(
    server: TmuxServer, glass: Listening, tmp_path: Path
) -> None:
    pane = await python_pane(server, tmp_path, IN_PLACE)
    await until_shown(server, pane, "ready")
    for letter in "abcdefghijklmnopqrst":
        await glass.look([pane])
        await glass.type_keys(pane, [Key(letter, letter)])
        await until_shown(server, pane, f"{letter}eady")
        assert (await glass.look([pane]))[pane].lines[0].startswith(f"{letter}eady")


async def test_another_size_is_seen_though_nothing_was_printed(
    server: TmuxServer, glass: Listening, tmp_path: Path
) -> None:
    pane = await python_pane(server, tmp_path, STILL)
    await until_shown(server, pane, "quiet")
    await until_still(glass, pane)
    await glass.resize(pane, 100, 30)
    screen = (await glass.look([pane]))[pane]
    assert (screen.width, len(screen.lines)) == (100, 30)


async def test_a_pane_that_is_gone_is_forgotten(
    server: TmuxServer, glass: Listening, tmp_path: Path
) -> None:
    pane = await python_pane(server, tmp_path, STILL)
    await until_shown(server, pane, "quiet")
    await until_still(glass, pane)
    assert glass.last(pane) is not None
    tmux(server.socket, "kill-pane", "-t", pane)
    assert await glass.look([pane]) == {}
    assert glass.last(pane) is None


async def test_everything_a_pane_has_shown_can_be_read(
    server: TmuxServer, glass: Listening, tmp_path: Path
) -> None:
    code = "[print(f'row {n}', flush=True) for n in range(200)]; input()"
    pane = await python_pane(server, tmp_path, code)
    await until_shown(server, pane, "row 199")
    lines = await glass.read(pane)
    assert lines[:200] == [f"row {n}" for n in range(200)]
