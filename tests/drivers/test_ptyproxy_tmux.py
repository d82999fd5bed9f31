"""The pty proxy as the command of a real tmux window."""

import shlex
import subprocess
from pathlib import Path

from command_center.drivers.ptyproxy import proxy_command
from tests.drivers.proxied import (
    is_alive,
    make_inbox,
    python,
    signals_in,
    wait_until,
    write_launch,
)

ASK = """
say(b'\\x1b]7501;?\\x1b\\\\\\x1b[c')
answer = b''
while not answer.endswith(b'c'): answer += os.read(0, 99)
say(b'\\x1b]7501;state=idle:app=test\\x1b\\\\')
open('part', 'wb').write(answer)
os.rename('part', 'answer')
time.sleep(600)
"""


def open_window(socket: str, folder: Path, argv: list[str]) -> None:
    make_inbox(folder)
    command = proxy_command(str(write_launch(folder, argv)))
    session = ("new-session", "-d", "-x", "90", "-y", "20", shlex.join(command))
    subprocess.run(("tmux", "-L", socket, "-f", "/dev/null", *session), check=True)


def test_the_program_status_answer_comes_before_the_one_of_tmux(
    socket: str, tmp_path: Path
) -> None:
    open_window(socket, tmp_path, python(ASK))
    wait_until((tmp_path / "answer").exists, "both answers have come")
    answer = (tmp_path / "answer").read_bytes()
    assert answer.startswith(b"\x1b]7501;?\x1b\\\x1b[?")
    wait_until(lambda: len(signals_in(tmp_path)) == 2, "the state is told")
    assert signals_in(tmp_path)[-1]["state"] == "idle"


def test_a_killed_server_takes_the_agent_along(socket: str, tmp_path: Path) -> None:
    open_window(socket, tmp_path, ["sh", "-c", "trap '' HUP; sleep 600"])
    wait_until(lambda: bool(signals_in(tmp_path)), "the agent runs")
    pid = signals_in(tmp_path)[0]["pid"]
    assert isinstance(pid, int)
    subprocess.run(("tmux", "-L", socket, "kill-server"), check=True)
    wait_until(lambda: not is_alive(pid), "the agent is gone")
    wait_until(lambda: signals_in(tmp_path)[-1].get("event") == "exited", "its end is told")


def test_text_and_size_are_those_of_the_window(socket: str, tmp_path: Path) -> None:
    open_window(socket, tmp_path, ["sh", "-c", "stty size; printf 'h\\303\\251llo'; sleep 600"])
    look = ("tmux", "-u", "-L", socket, "capture-pane", "-p")
    wait_until(
        lambda: b"20 90\nh\xc3\xa9llo" in subprocess.check_output(look), "the text is on the screen"
    )
