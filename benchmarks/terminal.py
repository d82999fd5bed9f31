"""A program in a real pseudo-terminal, timed by the bytes that it paints."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence

COLUMNS, ROWS = 200, 50
DEADLINE = 60.0
_CURSOR_QUERY, _CURSOR_ANSWER = b"\x1b[6n", b"\x1b[1;1R"


class Terminal:
    """Starts `argv` at once. Close it: that ends the program."""

    def __init__(
        self,
        argv: Sequence[str],
        environ: Mapping[str, str],
        size: tuple[int, int] = (COLUMNS, ROWS),
    ) -> None:
        """`size` is columns and rows."""
        self.started = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            _resize(1, *size)
            os.execvpe(argv[0], list(argv), {**environ, "TERM": "xterm-256color"})
        _resize(self._fd, *size)

    def until(self, mark: bytes, seconds: float = DEADLINE) -> float:
        """Milliseconds of waiting until `mark` is painted. Raises TimeoutError."""
        start, seen = time.perf_counter(), b""
        while mark not in seen:
            if time.perf_counter() - start > seconds:
                raise TimeoutError(f"{mark!r} was never painted, but {seen[-2000:]!r}")
            seen = (seen + self._read(0.05))[-200_000:]
        return (time.perf_counter() - start) * 1e3

    def press(self, key: bytes, mark: bytes, seconds: float = DEADLINE) -> float:
        """Milliseconds from `key` until `mark` is painted. Raises TimeoutError."""
        os.write(self._fd, key)
        return self.until(mark, seconds)

    def press_and_settle(self, key: bytes, mark: bytes, still: float = 0.04) -> float:
        """Milliseconds from `key` until the last byte of the painting that `mark` is part of.

        `still` is for how many seconds nothing more may come.
        """
        start = time.perf_counter()
        self.press(key, mark)
        last = time.perf_counter()
        while self._read(still):
            last = time.perf_counter()
        return (last - start) * 1e3

    def drain(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read(left)

    def close(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)

    def _read(self, wait: float) -> bytes:
        if not select.select([self._fd], [], [], wait)[0]:
            return b""
        data = os.read(self._fd, 1 << 16)
        if _CURSOR_QUERY in data:
            os.write(self._fd, _CURSOR_ANSWER)
        return data


def _resize(fd: int, columns: int, rows: int) -> None:
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
