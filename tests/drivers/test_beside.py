import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from command_center.domain.errors import NotFound, TmuxError
from command_center.drivers import beside
from command_center.drivers.beside import Opened, Place, Tag, Use
from command_center.drivers.glass import attach_argv
from command_center.drivers.tmux import TmuxServer
from tests.drivers.tmux_panes import python_pane, shown, tmux, until, until_shown

ADA = Tag(Use.SCREEN, "ada")


def run_inside(server: TmuxServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on we run in the first pane of `server`."""
    where = tmux(server.socket, "display-message", "-p", "#{socket_path},#{pid},0")
    monkeypatch.setenv("TMUX", where)
    monkeypatch.setenv("TMUX_PANE", "%0")


@pytest_asyncio.fixture
async def users(
    users_socket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[TmuxServer]:
    """The tmux around us."""
    users = TmuxServer(users_socket)
    await users.ensure(("sleep", "100000"), cwd=tmp_path)
    run_inside(users, monkeypatch)
    yield users
    await users.close()


@pytest.mark.parametrize("how", ["split", "window"])
async def test_a_pane_opens_beside_the_dashboard_and_closes_again(
    server: TmuxServer, users: TmuxServer, tmp_path: Path, how: Place
) -> None:
    pane = await python_pane(server, tmp_path, "print('the agent'); input()")
    await beside.open_beside(attach_argv(server.socket, pane), ADA, how)
    await until_shown(users, "%1", "the agent")
    windows = {shown(users, each, "#{window_id}") for each in ("%0", "%1")}
    assert len(windows) == (1 if how == "split" else 2)
    assert await beside.look() == [Opened(ADA, "%1")]
    await beside.close("%1")
    assert await beside.look() == []

    async def nobody_looks() -> bool:
        return tmux(server.socket, "list-sessions", "-F", "#{session_name}") == server.session

    await until(nobody_looks, "the viewer's session is gone")
    assert shown(server, pane, "#{pane_dead}") == "0"


async def test_a_pane_opens_inside_the_server_that_runs_the_agents(
    server: TmuxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pane = await python_pane(server, tmp_path, "print('the agent'); input()")
    run_inside(server, monkeypatch)
    await beside.open_beside(attach_argv(server.socket, pane), ADA, "split")
    [opened] = await beside.look()
    await until_shown(server, opened.pane, "the agent")
    await beside.close(opened.pane)
    assert shown(server, pane, "#{pane_dead}") == "0"


@pytest.mark.parametrize(("columns", "stands"), [(100, "below"), (200, "beside")])
async def test_a_split_stands_where_both_halves_can_be_read(
    users: TmuxServer, columns: int, stands: str
) -> None:
    await users.resize("%0", columns, 40)
    await beside.open_beside(("sleep", "100000"), ADA, "split")
    assert (shown(users, "%1", "#{pane_left}") == "0") == (stands == "below")


async def test_what_opens_beside_runs_in_its_folder_as_nobodys_agent(
    users: TmuxServer, tmp_path: Path
) -> None:
    tmux(users.socket, "set-environment", "-g", "ACC_AGENT", "somebody")
    tmux(users.socket, "set-environment", "-g", "ACC_INBOX", "/inbox")
    odd = tmp_path / "#{pane_id}; echo $HOME"
    odd.mkdir()
    script = 'echo "$PWD"; echo "agent=$ACC_AGENT inbox=$ACC_INBOX tmux=$TMUX."; sleep 100000'
    await beside.open_beside(("sh", "-c", script), Tag(Use.SHELL, "ada"), "window", str(odd))
    await until_shown(users, "%1", "agent= inbox= tmux=.")
    # Long paths wrap.
    assert odd.name in tmux(users.socket, "capture-pane", "-p", "-J", "-t", "%1")


async def test_an_argument_with_a_semicolon_ends_no_command(users: TmuxServer) -> None:
    argv = ("sh", "-c", 'echo "<$1>"; sleep 100000', "sh", "kill-server;")
    await beside.open_beside(argv, ADA, "window")
    await until_shown(users, "%1", "<kill-server;>")


async def test_a_pane_that_is_open_is_gone_to(users: TmuxServer) -> None:
    await beside.open_beside(("sleep", "100000"), ADA, "window")
    tmux(users.socket, "select-window", "-t", "%0")
    await beside.go_to("%1")
    assert tmux(users.socket, "display-message", "-p", "#{pane_id}") == "%1"


@pytest.mark.usefixtures("users")
async def test_a_pane_that_is_gone_cannot_be_closed() -> None:
    with pytest.raises(TmuxError, match="can't find pane"):
        await beside.close("%99")


async def test_nothing_opens_beside_a_dashboard_outside_tmux(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    with pytest.raises(TmuxError, match="not inside tmux"):
        await beside.open_beside(("true",), ADA, "split")


async def test_a_terminal_gets_the_command_word_for_word(tmp_path: Path) -> None:
    told = tmp_path / "told"
    template = ("sh", "-c", 'printf "%s|" "$@" >"$0"; sleep 2', str(told), "-e", "{command}")
    beside.open_terminal(template, ("tmux", "a b", ";", "$(id)"))

    async def is_told() -> bool:
        return told.exists() and told.read_text() == "-e|tmux|a b|;|$(id)|"

    await until(is_told, "the terminal ran")


def test_a_terminal_has_neither_tmux_nor_an_agent_around_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("TMUX", "TMUX_PANE", "ACC_AGENT", "ACC_HOOK"):
        monkeypatch.setenv(name, "x")
    around = beside.clean_environment(os.environ)
    assert not {"TMUX", "TMUX_PANE", "ACC_AGENT", "ACC_HOOK"} & set(around)
    assert around["PATH"] == os.environ["PATH"]


def test_a_terminal_that_is_not_installed_is_told() -> None:
    with pytest.raises(NotFound, match="'no-such-terminal' cannot be started"):
        beside.open_terminal(("no-such-terminal", "{command}"), ("true",))


def test_a_terminal_that_fails_at_once_is_told() -> None:
    assert shutil.which("false")
    with pytest.raises(TmuxError, match="ended at once with status 1"):
        beside.open_terminal(("false", "{command}"), ("true",))
