"""The pty proxy with real programs on real ptys."""

import hashlib
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from command_center.drivers import ptyproxy
from tests.drivers.proxied import Terminal, is_alive, make_inbox, python, wait_until

Open = Callable[..., Terminal]

ECHO = "say(b'ready')\nwhile d := os.read(0, 4096): say(d)"
STUBBORN = """
import signal
for n in (signal.SIGHUP, signal.SIGTERM): signal.signal(n, signal.SIG_IGN)
if os.fork(): open('pid', 'w').write(str(os.getpid()))
else: open('child', 'w').write(str(os.getpid()))
say(b'ready')
while True: time.sleep(60)
"""


@pytest.fixture
def open_terminal(tmp_path: Path) -> Iterator[Open]:
    opened: list[Terminal] = []
    make_inbox(tmp_path)

    def open_one(argv: list[str], **more: object) -> Terminal:
        opened.append(Terminal(tmp_path, argv, **more))
        return opened[-1]

    yield open_one
    for terminal in opened:
        terminal.close()


def test_the_proxy_loads_only_what_it_needs() -> None:
    root = Path(ptyproxy.__file__).parents[2]
    code = f"import sys; sys.path.append({str(root)!r}); import command_center.drivers.proxy.main"
    command = [sys.executable, "-I", "-S", "-c", f"{code}; print(*sys.modules)"]
    loaded = set(subprocess.check_output(command, text=True).split())
    heavy = {"asyncio", "ctypes", "logging", "msgspec", "pathlib", "subprocess", "typing"}
    ours = {name for name in loaded if name.startswith("command_center.")}
    assert not loaded & heavy
    assert all(name.startswith("command_center.drivers") for name in ours)


def written_pid(file: Path) -> int:
    wait_until(lambda: file.exists() and bool(file.read_text()), f"{file.name} is written")
    return int(file.read_text())


def test_every_byte_passes_unchanged_both_ways(open_terminal: Open) -> None:
    sent = random.Random(7501).randbytes(300_000)
    terminal = open_terminal(python(ECHO))
    terminal.see(b"ready")
    assert terminal.see(sent[-16:], typed=sent) == sent


def test_a_query_is_passed_on_and_answered(open_terminal: Open) -> None:
    query = b"\x1b]7501;?\x07"
    terminal = open_terminal(python(f"say({query!r}); say(os.read(0, 99).hex().encode())"))
    assert terminal.see(b"\x1b]7501;?\x1b\\".hex().encode()).startswith(query)


def test_the_cli_starts_in_the_size_of_the_pane_and_follows_it(open_terminal: Open) -> None:
    code = "import fcntl, termios, signal\n"
    code += "show = lambda *_: say(fcntl.ioctl(0, termios.TIOCGWINSZ, bytes(8)).hex().encode())\n"
    code += "signal.signal(signal.SIGWINCH, show); show()\nwhile True: signal.pause()"
    terminal = open_terminal(python(code))
    terminal.see(b"1e006400" + b"8002e001")
    terminal.resize(50, 200)
    terminal.see(b"3200c800")


def test_the_exit_code_is_the_clis(open_terminal: Open) -> None:
    terminal = open_terminal(["sh", "-c", "printf bye; exit 7"])
    terminal.see(b"bye")
    assert terminal.status() == 7
    last = terminal.signals("process")[-1]
    assert (last["event"], last["code"], last["signal"]) == ("exited", 7, None)


def test_a_signal_that_ends_the_cli_is_told(open_terminal: Open) -> None:
    terminal = open_terminal(["sh", "-c", "kill -ABRT $$"])
    assert terminal.status() == 128 + signal.SIGABRT
    last = terminal.signals("process")[-1]
    assert (last["event"], last["code"], last["signal"]) == ("exited", None, signal.SIGABRT)


def test_the_started_signal_names_the_process(open_terminal: Open) -> None:
    terminal = open_terminal(["sleep", "60"])
    pid = terminal.cli()
    started = terminal.signals("process")[0]
    assert (started["v"], started["agent"], started["launch"]) == (1, "ada", "ada-1")
    assert started["start"] == Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def test_a_missing_program_is_told(open_terminal: Open) -> None:
    terminal = open_terminal(["no-such-cli"])
    assert terminal.status() == 127
    [told] = terminal.signals("process")
    assert told["event"] == "failed"
    assert "no-such-cli" in str(told["error"])


def test_a_missing_folder_is_told(open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal(["true"], cwd=str(tmp_path / "gone"))
    assert terminal.status() == 127
    [told] = terminal.signals("process")
    assert "gone" in str(told["error"])


def test_the_environment_is_laid_over_the_panes(
    open_terminal: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("KEPT", "DROPPED", "CHANGED"):
        monkeypatch.setenv(name, "pane")
    words = "echo ${KEPT-none} ${DROPPED-none} ${CHANGED-none} end"
    open_terminal(["sh", "-c", words], env={"DROPPED": None, "CHANGED": "ours"}).see(
        b"pane none ours end"
    )


def test_the_terminal_is_as_it_was_afterwards(open_terminal: Open) -> None:
    terminal = open_terminal(["sh", "-c", "read line"])
    terminal.cli()
    wait_until(lambda: terminal.current_mode() != terminal.mode, "the pane is raw")
    terminal.see(b"", typed=b"\n")
    terminal.status()
    assert terminal.current_mode() == terminal.mode


def test_a_closed_pane_takes_the_whole_group_down(open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal(python(STUBBORN))
    terminal.see(b"ready")
    pids = written_pid(tmp_path / "pid"), written_pid(tmp_path / "child")
    terminal.hang_up()
    assert terminal.proxy.wait(20) == 128 + signal.SIGKILL
    assert not any(is_alive(pid) for pid in pids)
    assert terminal.signals("process")[-1]["signal"] == signal.SIGKILL


def test_a_cli_may_end_in_its_own_way(open_terminal: Open) -> None:
    code = "import signal\nend = lambda *_: (say(b'x' * 100_000), sys.exit(5))\n"
    code += "signal.signal(signal.SIGHUP, end)\n"
    terminal = open_terminal(python(code + "say(b'ready')\nwhile True: signal.pause()"))
    terminal.see(b"ready")
    terminal.proxy.send_signal(signal.SIGTERM)
    assert terminal.status() == 5


def test_a_killed_proxy_takes_a_cli_that_ignores_hang_ups_along(open_terminal: Open) -> None:
    terminal = open_terminal(["sh", "-c", "trap '' HUP; printf ready; exec sleep 60"])
    terminal.see(b"ready")
    terminal.proxy.kill()
    pid = terminal.cli()
    wait_until(lambda: not is_alive(pid), "the CLI is gone")


def test_a_job_left_behind_neither_holds_the_proxy_nor_lives_on(
    open_terminal: Open, tmp_path: Path
) -> None:
    words = "set -m; (trap '' HUP; echo $$ >started; exec sleep 600) & echo $! >pid; printf bye"
    terminal = open_terminal(["bash", "-c", words])
    terminal.see(b"bye")
    assert terminal.status() == 0
    assert not is_alive(written_pid(tmp_path / "pid"))


def test_a_paste_waits_for_a_slow_reader_while_output_flows(
    open_terminal: Open, tmp_path: Path
) -> None:
    paste = random.Random(1).randbytes(1 << 20)
    code = "say(b'ready')\nwhile not os.path.exists('go'): time.sleep(.01)\nsay(b'tick')\n"
    code += "import hashlib\nall = b''\nwhile len(all) < 1 << 20: all += os.read(0, 4096)\n"
    terminal = open_terminal(python(code + "say(hashlib.sha256(all).hexdigest().encode())"))
    terminal.see(b"ready")
    taken = terminal.type_until_full(paste)
    assert taken < len(paste)
    (tmp_path / "go").touch()
    terminal.see(b"tick")
    terminal.see(hashlib.sha256(paste).hexdigest().encode(), typed=paste[taken:])


def test_a_flood_waits_for_the_pane_in_little_memory(open_terminal: Open) -> None:
    code = "say(b'ready')\nsay(b'y' * (8 << 20))\nsay(os.read(0, 9) + b'end')"
    terminal = open_terminal(python(code))
    # The first of the flood may come in one piece with the word before it.
    before = terminal.see(b"ready").removeprefix(b"ready").count(b"y")
    assert before + terminal.see(b"qend", typed=b"q").count(b"y") == 8 << 20
    assert terminal.status() == 0


def test_a_flood_nobody_reads_waits_outside_the_proxy(open_terminal: Open, tmp_path: Path) -> None:
    code = "import select\nos.set_blocking(1, False)\nwhile select.select([], [1], [], 1)[1]:\n"
    code += " try: os.write(1, b'y' * 65536)\n except BlockingIOError: pass\n"
    terminal = open_terminal(python(code + "open('full', 'w'); time.sleep(60)"))
    wait_until((tmp_path / "full").exists, "the CLI is made to wait")
    assert terminal.peak_memory() < 16 << 10


def test_an_endless_string_stays_small_and_unheard(open_terminal: Open) -> None:
    code = "say(b'\\x1b]0;' + b'a' * (8 << 20) + b'\\x07\\x1b]0;after\\x07end'); os.read(0, 1)"
    terminal = open_terminal(python(code))
    assert len(terminal.see(b"end")) == (8 << 20) + 4 + 1 + 10 + 3
    assert terminal.peak_memory() < 16 << 10
    wait_until(lambda: bool(terminal.signals("title")), "a title is told")
    assert [told["text"] for told in terminal.signals("title")] == ["after"]


def test_without_an_inbox_the_cli_runs_all_the_same(open_terminal: Open, tmp_path: Path) -> None:
    terminal = open_terminal(python(ECHO), inbox=str(tmp_path / "no inbox"))
    terminal.see(b"ready")
    terminal.see(b"hello", typed=b"hello")
    terminal.proxy.send_signal(signal.SIGTERM)
    terminal.see(b"signals were lost")
