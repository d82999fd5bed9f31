"""Ends what is left of a run whose minder was killed, wherever in the process tree it went."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

MARK = "COMMAND_CENTER_FOLDER"
"""The variable by which every process of a run is known, unless it took pains to drop it."""
ROUNDS = 5


def end_stragglers(folder: str) -> int:
    """Kill every process of the attempt in `folder`; how many there were.

    What one of them starts meanwhile is found in the next round.
    """
    ended = set[int]()
    for _ in range(ROUNDS):
        found = list(_of_run(folder))
        if not found:
            break
        ended.update(found)
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    return len(ended)


def _of_run(folder: str) -> Iterator[int]:
    mark = os.fsencode(f"{MARK}={folder}")
    for entry in Path("/proc").glob("[0-9]*/environ"):
        # Gone, another user's, or a zombie's: none of them is one of ours that still runs.
        with contextlib.suppress(OSError):
            if mark in entry.read_bytes().split(b"\0"):
                yield int(entry.parent.name)
