"""The terminal while we have it: every key as it comes, pastes told from typing."""

import os
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def raw_mode() -> Iterator[None]:
    """Standard input has to be a terminal."""
    fd = sys.stdin.fileno()
    before = termios.tcgetattr(fd)
    raw = termios.tcgetattr(fd)
    raw[0] &= ~(termios.ICRNL | termios.INLCR | termios.IXON)
    raw[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
    termios.tcsetattr(fd, termios.TCSADRAIN, raw)
    os.write(sys.stdout.fileno(), b"\x1b[?2004h")
    try:
        yield
    finally:
        # Not when the terminal is gone.
        with suppress(OSError, termios.error):
            os.write(sys.stdout.fileno(), b"\x1b[?2004l")
            termios.tcsetattr(fd, termios.TCSADRAIN, before)
