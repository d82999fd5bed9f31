import asyncio
import sys
from pathlib import Path

import pytest

from command_center.domain.errors import TmuxError, TmuxMissing, TmuxTooOld, TmuxUnreachable
from command_center.drivers.tmux import Panes, TmuxServer, Unreachable, check_version
from tests.drivers.tmux_panes import (
    BRACKETED,
    Recorder,
    pane_info,
    python_pane,
    shown,
    tmux,
    until,
    until_dead,
    until_shown,
)

HOSTILE_PROMPT = "fix \"it\"; #(touch gone) #{pid} $HOME `id` 'x' \\ ~ %H\n\n\t- é 🧑‍🚀;"
SLEEP = ("sleep", "100000")


async def test_the_installed_tmux_is_new_enough() -> None:
    assert f"tmux {await check_version()}" == tmux("unused", "-V")


@pytest.mark.parametrize("version", ["tmux 3.1c", "tmux 2.9"])
async def test_an_old_tmux_is_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    old = tmp_path / "tmux"
    old.write_text(f"#!/bin/sh\necho {version}\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(TmuxTooOld, match=r"install 3\.2 or newer"):
        await check_version()


async def test_a_missing_tmux_is_named_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TmuxMissing, match="install"):
        await check_version()


async def test_many_starters_at_once_start_one_server(socket: str, tmp_path: Path) -> None:
    servers = [TmuxServer(socket) for _ in range(6)]
    started = await asyncio.gather(*(each.ensure(SLEEP, cwd=tmp_path) for each in servers))
    seen = await servers[0].panes()
    await asyncio.gather(*(each.close() for each in servers))
    assert started.count(True) == 1
    assert isinstance(seen, Panes)
    assert [pane.is_keeper for pane in seen.panes] == [True]


async def test_a_keeper_that_ended_is_started_again_once(socket: str, tmp_path: Path) -> None:
    servers = [TmuxServer(socket) for _ in range(4)]
    assert await servers[0].ensure(("true", "and gone"), cwd=tmp_path)
    await until_dead(servers[0], "%0")
    started = await asyncio.gather(*(each.ensure(SLEEP, cwd=tmp_path) for each in servers))
    keeper = await pane_info(servers[0], "%0")
    await asyncio.gather(*(each.close() for each in servers))
    assert started.count(True) == 1
    assert not keeper.is_dead


async def test_a_keeper_whose_window_was_closed_gets_a_new_one(
    server: TmuxServer, tmp_path: Path
) -> None:
    await server.new_window("agent", SLEEP, cwd=tmp_path, size=(80, 24), agent="ada")
    await server.kill_window("%0")
    assert await server.ensure(SLEEP, cwd=tmp_path)
    assert not await server.ensure(SLEEP, cwd=tmp_path)
    assert (await pane_info(server, "%2")).is_keeper


async def test_a_dead_server_is_unreachable_not_empty(server: TmuxServer) -> None:
    assert isinstance(await server.panes(), Panes)
    tmux(server.socket, "kill-server")
    assert isinstance(await server.panes(), Unreachable)
    with pytest.raises(TmuxUnreachable):
        await server.capture(["%0"])


async def test_a_server_that_came_back_is_reached_again(server: TmuxServer, tmp_path: Path) -> None:
    assert isinstance(await server.panes(), Panes)
    tmux(server.socket, "kill-server")
    for _ in range(3):
        assert isinstance(await server.panes(), Unreachable)
    assert await server.ensure(SLEEP, cwd=tmp_path)
    assert isinstance(await server.panes(), Panes)


async def test_a_window_runs_exactly_the_words_it_was_given(
    server: TmuxServer, tmp_path: Path
) -> None:
    folder = tmp_path / "we#{pid}ird $HOME #[x] ;"
    folder.mkdir()
    words = ("a b", "it's", '"', "#{pid}", "$HOME", ";", "x;", "-n", "", "two\nlines")
    said = tmp_path / "said"
    code = "import os, sys; open(sys.argv[1], 'w').write(ascii([os.getcwd(), *sys.argv[2:]]))"
    await until_dead(server, await python_pane(server, folder, code, str(said), *words))
    assert said.read_text() == ascii([str(folder), *words])


async def test_a_window_for_a_missing_folder_fails_instead_of_running_elsewhere(
    server: TmuxServer, tmp_path: Path
) -> None:
    pane = await python_pane(server, tmp_path / "missing", "print('running')")
    info = await until_dead(server, pane)
    assert info.dead_status not in (0, None)
    assert "running" not in "\n".join((await server.capture([pane]))[pane])


async def test_windows_made_at_once_carry_their_own_tags_and_sizes(
    server: TmuxServer, tmp_path: Path
) -> None:
    made = await asyncio.gather(
        *(
            server.new_window(
                f"#{{pid}} {n}",
                SLEEP,
                cwd=tmp_path,
                size=(80 + n, 20),
                agent=f"a{n}",
                launch=f"l{n}",
            )
            for n in range(12)
        )
    )
    for n, window in enumerate(made):
        info = await pane_info(server, window.pane_id)
        assert (info.agent, info.launch, info.is_keeper) == (f"a{n}", f"l{n}", False)
        said = shown(server, window.pane_id, "#{window_id} #{pane_width} #{window-size}")
        assert said == f"{window.window_id} {80 + n} manual"
        assert shown(server, window.pane_id, "#{window_name}") == f"#{{pid}} {n}"


async def test_a_program_starts_at_its_size_and_is_not_resized(
    server: TmuxServer, tmp_path: Path
) -> None:
    code = """if 1:
        import os, signal, time
        signal.signal(signal.SIGWINCH, lambda *_: print('resized'))
        print(os.get_terminal_size())
        time.sleep(0.5)
        print('done')
    """
    argv = (sys.executable, "-c", code)
    window = await server.new_window("size", argv, cwd=tmp_path, size=(91, 17))
    await until_shown(server, window.pane_id, "done")
    printed = (await server.capture([window.pane_id]))[window.pane_id]
    assert printed == ["os.terminal_size(columns=91, lines=17)", "done"]


async def test_a_tag_that_could_shift_the_fields_is_refused(
    server: TmuxServer, tmp_path: Path
) -> None:
    with pytest.raises(TmuxError, match="white space"):
        await server.new_window("x", SLEEP, cwd=tmp_path, size=(80, 24), agent="a b")


async def test_a_title_cannot_pose_as_another_field(server: TmuxServer, tmp_path: Path) -> None:
    title = "%9 @9 eve l 1 1 #(touch gone) #{pid} %H"
    code = (
        "import sys, time; print(f'\\x1b]2;{sys.argv[1]}\\x07', end='', flush=True); time.sleep(99)"
    )
    pane = await python_pane(server, tmp_path, code, title)

    async def is_titled() -> bool:
        return shown(server, pane, "#{pane_title}") == title

    await until(is_titled, "the title is there word for word")
    assert (await pane_info(server, pane)).agent == ""


async def test_a_dead_pane_keeps_its_last_screen_and_its_exit_status(
    server: TmuxServer, tmp_path: Path
) -> None:
    pane = await python_pane(server, tmp_path, "print('last words'); raise SystemExit(3)")
    info = await until_dead(server, pane)
    assert (info.dead_status, info.dead_signal) == (3, None)
    assert (await server.capture([pane]))[pane] == ["last words"]


async def test_a_killed_program_is_dead_by_its_signal(server: TmuxServer, tmp_path: Path) -> None:
    pane = await python_pane(server, tmp_path, "import os; os.kill(os.getpid(), 9)")
    info = await until_dead(server, pane)
    assert (info.dead_status, info.dead_signal) == (None, 9)


async def test_a_capture_is_the_tail_of_what_is_there(server: TmuxServer, tmp_path: Path) -> None:
    pane = await python_pane(server, tmp_path, "print('one'); print(); print('three\\n\\n')")
    await until_dead(server, pane)
    assert await server.capture([pane, "%999"], lines=2) == {pane: ["", "three"]}
    assert await server.capture([pane]) == {pane: ["one", "", "three"]}


async def test_a_killed_window_is_gone_and_may_be_killed_again(
    server: TmuxServer, tmp_path: Path
) -> None:
    pane = await python_pane(server, tmp_path, "input()")
    await server.kill_window(pane)
    await server.kill_window(pane)
    seen = await server.panes()
    assert isinstance(seen, Panes)
    assert pane not in {info.pane_id for info in seen.panes}


async def test_a_resized_pane_has_its_new_size(server: TmuxServer, tmp_path: Path) -> None:
    pane = await python_pane(server, tmp_path, "input()")
    await server.resize(pane, 101, 31)
    assert shown(server, pane, "#{pane_width} #{pane_height}") == "101 31"


async def test_a_call_for_a_pane_that_is_gone_says_so(server: TmuxServer) -> None:
    with pytest.raises(TmuxError, match="can't find"):
        await server.resize("%999", 80, 24)
    with pytest.raises(TmuxError, match="can't find"):
        await server.paste("%999", "text")


async def test_keys_reach_the_program_even_when_somebody_scrolls_back(
    server: TmuxServer, tmp_path: Path
) -> None:
    recorder = await Recorder.started(server, tmp_path)
    tmux(server.socket, "copy-mode", "-t", recorder.pane)
    assert shown(server, recorder.pane, "#{pane_in_mode}") == "1"
    await server.send_keys(recorder.pane, "y", "Enter", "Escape", "C-u", "-")
    await recorder.until_typed(b"y\r\x1b\x15-")


@pytest.mark.parametrize("name", ["Entre", "F13", "S-Enter", "kill-server", "", "yes"])
async def test_a_key_that_tmux_would_type_as_letters_is_refused(
    server: TmuxServer, name: str
) -> None:
    with pytest.raises(TmuxError, match="not a key"):
        await server.send_keys("%0", name)


async def test_a_prompt_is_pasted_word_for_word_in_brackets(
    server: TmuxServer, tmp_path: Path
) -> None:
    recorder = await Recorder.started(server, tmp_path, BRACKETED)
    tmux(server.socket, "copy-mode", "-t", recorder.pane)
    await server.paste(recorder.pane, HOSTILE_PROMPT)
    typed = HOSTILE_PROMPT.replace("\n", "\r").encode()
    await recorder.until_typed(b"\x1b[200~" + typed + b"\x1b[201~")
    assert tmux(server.socket, "list-buffers") == ""
    assert not (tmp_path / "gone").exists()


async def test_a_long_prompt_arrives_whole(server: TmuxServer, tmp_path: Path) -> None:
    recorder = await Recorder.started(server, tmp_path, BRACKETED)
    text = "".join(f"line {n} é;\n" for n in range(18_000))
    await server.paste(recorder.pane, text)
    await recorder.until_typed(b"\x1b[200~" + text.replace("\n", "\r").encode() + b"\x1b[201~")


async def test_a_prompt_cannot_end_its_own_brackets(server: TmuxServer, tmp_path: Path) -> None:
    recorder = await Recorder.started(server, tmp_path, BRACKETED)
    await server.paste(recorder.pane, "a\x1b[201~\x9b201~\x03\x00b\r\nc\rd")
    await recorder.until_typed(b"\x1b[200~a[201~201~b\rc\rd\x1b[201~")


async def test_a_paste_over_the_limit_is_refused(server: TmuxServer) -> None:
    with pytest.raises(TmuxError, match="use a file"):
        await server.paste("%0", "x" * (1 << 20) + "x")


async def test_an_agent_cannot_write_the_clipboard(server: TmuxServer, tmp_path: Path) -> None:
    pane = await python_pane(server, tmp_path, "print('\\x1b]52;c;ZXZpbA==\\x07done')")
    await until_shown(server, pane, "done")
    assert tmux(server.socket, "list-buffers") == ""
