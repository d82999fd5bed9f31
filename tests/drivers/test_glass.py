import asyncio
import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from command_center.domain.errors import TmuxError, TmuxUnreachable
from command_center.drivers.glass import Glass, Key, attach_argv, tmux_key
from command_center.drivers.tmux import TmuxServer
from command_center.drivers.tmux_keys import is_key_name
from tests.drivers.tmux_panes import (
    BRACKETED,
    Recorder,
    python_pane,
    tmux,
    until,
    until_dead,
    until_shown,
)

TYPED = {
    "enter": b"\r",
    "escape": b"\x1b",
    "tab": b"\t",
    "shift+tab": b"\x1b[Z",
    "backspace": b"\x7f",
    "alt+backspace": b"\x1b\x7f",
    "ctrl+backspace": b"\x08",
    "delete": b"\x1b[3~",
    "insert": b"\x1b[2~",
    "home": b"\x1b[1~",
    "end": b"\x1b[4~",
    "pageup": b"\x1b[5~",
    "pagedown": b"\x1b[6~",
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "left": b"\x1b[D",
    "right": b"\x1b[C",
    "ctrl+left": b"\x1b[1;5D",
    "shift+up": b"\x1b[1;2A",
    "alt+right": b"\x1b[1;3C",
    "ctrl+shift+right": b"\x1b[1;6C",
    "ctrl+home": b"\x1b[1;5H",
    "shift+enter": b"\x1b\r",
    "alt+enter": b"\x1b\r",
    "ctrl+enter": b"\n",
    "ctrl+j": b"\n",
    "newline": b"\n",
    "space": b" ",
    "shift+space": b" ",
    "ctrl+space": b"\x00",
    "ctrl+at": b"\x00",
    "ctrl+a": b"\x01",
    "ctrl+c": b"\x03",
    "ctrl+z": b"\x1a",
    "alt+ctrl+b": b"\x1b\x02",
    "ctrl+shift+d": b"\x04",
    "ctrl+backslash": b"\x1c",
    "ctrl+right_square_bracket": b"\x1d",
    "ctrl+circumflex_accent": b"\x1e",
    "ctrl+underscore": b"\x1f",
    "f1": b"\x1bOP",
    "f12": b"\x1b[24~",
    "shift+f5": b"\x1b[15;2~",
    "f13": b"\x1b[1;2P",
    "f24": b"\x1b[24;2~",
}

CHARACTERS = "".join(map(chr, range(33, 127))) + "é漢🙂"


@pytest_asyncio.fixture
async def glass(server: TmuxServer) -> AsyncIterator[Glass]:
    glass = Glass(server.socket)
    yield glass
    await glass.close()


async def test_a_look_shows_colours_cursor_and_size(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    text = "\x1b[31mred\x1b[0m  \x1b[44m  \x1b[0m\r\nab"
    code = "import sys; print(sys.argv[1], end='', flush=True); sys.stdin.read()"
    pane = await python_pane(server, tmp_path, code, text)
    await until_shown(server, pane, "ab")
    screen = (await glass.look([pane]))[pane]
    assert screen.lines[0].startswith("\x1b[31mred\x1b[39m  \x1b[44m  ")
    assert (screen.lines[1].rstrip(), screen.cursor) == ("\x1b[49mab", (2, 1))
    assert (screen.width, screen.height, len(screen.lines)) == (80, 24, 24)
    assert not any((screen.is_dead, screen.is_alternate, screen.in_mode, screen.viewers))


async def test_a_hidden_cursor_and_the_alternate_screen_are_told(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    code = "print('\\x1b[?1049h\\x1b[?25lfull', flush=True); input()"
    pane = await python_pane(server, tmp_path, code)
    await until_shown(server, pane, "full")
    screen = (await glass.look([pane]))[pane]
    assert (screen.cursor, screen.is_alternate) == (None, True)


async def test_one_look_sees_many_panes_and_leaves_out_what_is_gone(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    panes = [await python_pane(server, tmp_path, f"print('I am {n}')") for n in range(5)]
    for pane in panes:
        await until_dead(server, pane)
    seen = await glass.look([*panes[:3], "%999", *panes[3:]])
    assert list(seen) == panes
    assert [screen.lines[0].rstrip() for screen in seen.values()] == [f"I am {n}" for n in range(5)]
    assert all(screen.is_dead for screen in seen.values())


async def test_a_look_at_nothing_is_nothing(glass: Glass) -> None:
    assert await glass.look([]) == {}


async def test_a_look_without_a_server_is_an_error_not_an_empty_screen(
    server: TmuxServer, glass: Glass
) -> None:
    assert await glass.look(["%0"])
    tmux(server.socket, "kill-server")
    with pytest.raises(TmuxUnreachable):
        await glass.look(["%0"])


async def test_what_scrolled_away_can_be_looked_back_at(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    pane = await python_pane(server, tmp_path, "[print(f'row {n}') for n in range(200)]")
    await until_dead(server, pane)
    screen = (await glass.look([pane]))[pane]
    first = int(screen.lines[0].split()[1])
    assert first == screen.history
    back = await glass.look_back(pane, 50, 24)
    assert [line.rstrip() for line in back.lines] == [
        f"row {n}" for n in range(first - 50, first - 26)
    ]
    top = await glass.look_back(pane, 10_000, 3)
    assert [line.rstrip() for line in top.lines] == ["row 0", "row 1", "row 2"]


async def test_every_key_sends_what_a_terminal_would(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    recorder = await Recorder.started(server, tmp_path)
    keys = [key for name in TYPED for key in (Key(name, None), Key("vertical_line", "|"))]
    await glass.type_keys(recorder.pane, keys)
    await recorder.until_typed(b"".join(sent + b"|" for sent in TYPED.values()))


async def test_every_character_is_typed_as_it_is(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    recorder = await Recorder.started(server, tmp_path)
    for character in CHARACTERS:
        await glass.type_keys(recorder.pane, [Key("whatever", character)])
    await glass.type_keys(recorder.pane, [Key("whatever", character) for character in CHARACTERS])
    await recorder.until_typed((CHARACTERS * 2).encode())


async def test_alt_with_a_character_is_escape_and_the_character(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    recorder = await Recorder.started(server, tmp_path)
    plain = [character for character in CHARACTERS if character.isascii()]
    await glass.type_keys(recorder.pane, [Key("alt+x", character) for character in plain])
    await recorder.until_typed("".join("\x1b" + character for character in plain).encode())


@pytest.mark.parametrize("name", ["super+c", "meta+x", "<ignore>", "hyper+enter", "f25"])
def test_a_key_no_terminal_sends_types_nothing(name: str) -> None:
    assert tmux_key(name, None) is None


@pytest.mark.parametrize("name", [*TYPED, "alt+f4", "ctrl+alt+delete", "ctrl+tab", "shift+escape"])
def test_a_named_key_is_one_that_tmux_knows(name: str) -> None:
    key = tmux_key(name, None)
    assert key is not None
    assert key.kind == "name"
    assert is_key_name(key.text)


async def test_typing_ends_scrolling_back(server: TmuxServer, glass: Glass, tmp_path: Path) -> None:
    recorder = await Recorder.started(server, tmp_path)
    tmux(server.socket, "copy-mode", "-t", recorder.pane)
    await glass.type_keys(recorder.pane, [Key("q", "q")])
    await recorder.until_typed(b"q")


async def test_a_paste_by_hand_is_bracketed(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    recorder = await Recorder.started(server, tmp_path, BRACKETED)
    await glass.paste(recorder.pane, "one\ntwo; #(x)")
    await recorder.until_typed(b"\x1b[200~one\rtwo; #(x)\x1b[201~")


async def test_typing_into_a_pane_that_is_gone_says_so(glass: Glass) -> None:
    with pytest.raises(TmuxError, match="can't find pane"):
        await glass.type_keys("%999", [Key("a", "a")])


@contextmanager
def terminal(argv: tuple[str, ...], columns: int, rows: int) -> Iterator[int]:
    """A program in a terminal of its own; the file descriptor its keys are written to."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k != "TMUX"} | {"TERM": "xterm-256color"}
    with subprocess.Popen(
        argv, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    ) as program:
        os.close(theirs)
        try:
            yield ours
        finally:
            program.kill()
            os.close(ours)


async def test_viewers_see_their_own_window_at_their_size_and_leave_nothing(
    server: TmuxServer, glass: Glass, tmp_path: Path
) -> None:
    one, two = [await python_pane(server, tmp_path, "input()") for _ in range(2)]

    async def sizes_are(*sizes: tuple[int, int, int]) -> None:
        async def is_so() -> bool:
            seen = await glass.look([one, two])
            return tuple((s.width, s.height, s.viewers) for s in seen.values()) == sizes

        await until(is_so, f"the windows are {sizes}")

    # A control client that comes at the very moment a viewer does can end the server.
    await sizes_are((80, 24, 0), (80, 24, 0))
    with terminal(attach_argv(server.socket, one), 100, 30) as first:
        await sizes_are((100, 30, 1), (80, 24, 0))
        with terminal(attach_argv(server.socket, two), 90, 20):
            await sizes_are((100, 30, 1), (90, 20, 1))
        os.write(first, b"\x02d")
        await sizes_are((100, 30, 0), (90, 20, 0))
    assert tmux(server.socket, "list-sessions", "-F", "#{session_name}") == server.session
    await glass.resize(one, 70, 22)
    await sizes_are((70, 22, 0), (90, 20, 0))


async def test_two_glasses_look_at_the_same_pane(server: TmuxServer) -> None:
    glasses = [Glass(server.socket) for _ in range(2)]
    looks = await asyncio.gather(*(each.look(["%0"]) for each in glasses))
    await asyncio.gather(*(each.close() for each in glasses))
    assert looks[0]["%0"].lines == looks[1]["%0"].lines
