"""Hands a line to a hook that waits at a FIFO (see hook.sh)."""

import os
import stat
from pathlib import Path

LONGEST = 60_000
"""Bytes that a pipe takes at once, whether or not somebody reads already."""


def reply(fifo: Path, line: str) -> bool:
    """False when nobody waits there, and then the FIFO is taken away, or `line` is too long.

    What is no FIFO is left alone.
    """
    body = line.encode() + b"\n"
    if len(body) > LONGEST:
        return False
    try:
        end = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        # ENXIO: it was killed and could not take its FIFO away.
        if _is_fifo(fifo):
            fifo.unlink(missing_ok=True)
        return False
    try:
        if not stat.S_ISFIFO(os.fstat(end).st_mode):
            return False
        is_whole = os.write(end, body) == len(body)
    except (BlockingIOError, BrokenPipeError):
        is_whole = False
    finally:
        os.close(end)
    fifo.unlink(missing_ok=True)
    return is_whole


def _is_fifo(path: Path) -> bool:
    try:
        return stat.S_ISFIFO(path.lstat().st_mode)
    except FileNotFoundError:
        return False
