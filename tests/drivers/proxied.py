"""A terminal of the test's own with the pty proxy, and a program behind it, running on it."""

import fcntl
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

from command_center.drivers.ptyproxy import proxy_command

DEADLINE = 30.0
CHUNK = 65_536
_ON_A_TERMINAL = "import os, sys; os.login_tty(0); os.execv(sys.argv[1], sys.argv[1:])"
_RAW = "import os, sys, tty, time; tty.setraw(0)\n"

Signal = dict[str, object]


def python(code: str, *words: str) -> list[str]:
    """A CLI in Python; `say(bytes)` writes them all."""
    say = "def say(b):\n while b: b = b[os.write(1, b):]\n"
    return [sys.executable, "-I", "-S", "-c", _RAW + say + code, *words]


def make_inbox(folder: Path) -> Path:
    for name in ("tmp", "new"):
        (folder / "inbox" / name).mkdir(parents=True)
    return folder / "inbox"


def write_launch(folder: Path, argv: list[str], **more: object) -> Path:
    told = {"v": 1, "agent": "ada", "launch": "ada-1", "argv": argv, "cwd": str(folder), "env": {}}
    file = folder / "launch.json"
    file.write_text(json.dumps({**told, "inbox": str(folder / "inbox"), **more}))
    return file


def signals_in(folder: Path) -> list[Signal]:
    """The signals in the inbox under `folder`, oldest first."""
    order = re.compile(r"(\d+)-\d+-(\d+)\.json")
    files = [(order.fullmatch(file.name), file) for file in (folder / "inbox/new").iterdir()]
    ordered = sorted((int(m[1]), int(m[2]), file) for m, file in files if m)
    return [json.loads(file.read_text()) for *_, file in ordered]


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not is_so():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        select.select([], [], [], 0.01)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


class Terminal:
    def __init__(self, folder: Path, argv: list[str], **more: object) -> None:
        self.folder, self.output = folder, bytearray()
        self.fd, self._slave = os.openpty()
        self.mode = termios.tcgetattr(self._slave)
        self.resize(30, 100)
        os.set_blocking(self.fd, False)
        command = proxy_command(str(write_launch(folder, argv, **more)))
        self.proxy = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _ON_A_TERMINAL, *command],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
        )

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 640, 480))

    def current_mode(self) -> list[object]:
        return termios.tcgetattr(self._slave)

    def see(self, wanted: bytes, typed: bytes = b"") -> bytes:
        """Type, and read until `wanted` is on the screen; all the output since the last time."""
        return self.read_until(
            lambda: wanted in self.output[-2 * CHUNK :], repr(wanted[:80]), typed
        )

    def read_until(self, is_so: Callable[[], bool], what: str, typed: bytes = b"") -> bytes:
        deadline = time.monotonic() + DEADLINE
        while typed or not is_so():
            assert time.monotonic() < deadline, f"no {what} in {self.output[-300:]!r}"
            ready, free, _ = select.select([self.fd], [self.fd] if typed else [], [], 0.1)
            if free:
                typed = typed[self.type_some(typed) :]
            if ready:
                self.output += os.read(self.fd, CHUNK)
        output = bytes(self.output)
        self.output.clear()
        return output

    def type_some(self, typed: bytes) -> int:
        """How much of it the terminal took at once."""
        try:
            return os.write(self.fd, typed[:4096])
        except BlockingIOError:
            return 0

    def type_until_full(self, typed: bytes) -> int:
        """How much of it the terminal took before it took nothing for a second."""
        taken = 0
        while taken < len(typed) and select.select([], [self.fd], [], 1)[1]:
            taken += self.type_some(typed[taken:])
        return taken

    def status(self) -> int:
        """The proxy's exit status, reading what comes on the way."""
        self.read_until(lambda: self.proxy.poll() is not None, "end of the proxy")
        return self.proxy.returncode

    def signals(self, source: str) -> list[Signal]:
        return [told for told in signals_in(self.folder) if told["source"] == source]

    def cli(self) -> int:
        """The CLI's pid, once it is started."""
        wait_until(lambda: bool(self.signals("process")), "the CLI is started")
        pid = self.signals("process")[0]["pid"]
        assert isinstance(pid, int)
        return pid

    def peak_memory(self) -> int:
        """The most memory the proxy ever held, in KiB."""
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{self.proxy.pid}/status").read_text())
        assert found
        return int(found[1])

    def hang_up(self) -> None:
        """What tmux does when the pane is killed."""
        os.close(self._slave)
        os.close(self.fd)
        self.fd = self._slave = -1

    def close(self) -> None:
        if self.fd >= 0:
            self.hang_up()
        try:
            self.proxy.wait(10)
        except subprocess.TimeoutExpired:
            self.proxy.send_signal(signal.SIGKILL)
            self.proxy.wait()
