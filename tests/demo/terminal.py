"""A pty with the demo agent in it."""

import base64
import os
import pty
import re
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

AGENT = (sys.executable, "-P", "-m", "command_center.demo.agent")
PASTE, PASTE_END = "\x1b[200~", "\x1b[201~"
_REPORT = re.compile(r"\x1b\]7501;([^\x1b]*)\x1b\\")
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\]7501;[^\x1b]*\x1b\\)")


class Terminal:
    """Reads everything the agent writes. Close it."""

    def __init__(self, folder: Path, *words: str, env: dict[str, str] | None = None) -> None:
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execve(AGENT[0], [*AGENT, *words], {**os.environ, **(env or {}), "TERM": "xterm"})
        self._output = b""
        self.code: int | None = None

    @property
    def raw(self) -> str:
        return self._output.decode("utf-8", "replace")

    @property
    def text(self) -> str:
        return _SEQUENCE.sub("", self.raw).replace("\r", "")

    @property
    def reports(self) -> list[dict[str, str]]:
        """What it said by OSC 7501, messages decoded."""
        found = []
        for body in _REPORT.findall(self.raw):
            fields = dict(field.partition("=")[::2] for field in body.split(":"))
            if "msg" in fields:
                fields["msg"] = base64.b64decode(fields["msg"]).decode()
            found.append(fields)
        return found

    @property
    def states(self) -> list[str]:
        return [report["state"] for report in self.reports]

    def type(self, text: str) -> None:
        os.write(self._fd, text.encode())

    def until(self, holds: Callable[[], bool], seconds: float = 60) -> None:
        """Reads on until `holds`, or fails the test with what there is."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"not so after {seconds} s: {self.raw!r}"
            if select.select([self._fd], [], [], 0.05)[0]:
                self._read()

    def until_shown(self, text: str) -> None:
        self.until(lambda: text in self.text)

    def until_states(self, *states: str) -> None:
        self.until(lambda: self.states == list(states))

    def until_over(self) -> int:
        """Its exit code; negative when a signal ended it."""

        def is_over() -> bool:
            if self.code is None and (reaped := os.waitpid(self.pid, os.WNOHANG))[0]:
                self.code = os.waitstatus_to_exitcode(reaped[1])
            return self.code is not None

        self.until(is_over)
        assert self.code is not None
        return self.code

    def close(self) -> None:
        os.close(self._fd)
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)

    def _read(self) -> None:
        try:
            self._output += os.read(self._fd, 65536)
        except OSError:
            # Linux says EIO when the other side is closed.
            time.sleep(0.01)
