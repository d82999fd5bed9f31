"""Hands runs to the library of a tracker, in a process beside ours: it may be another Python's."""

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from command_center.domain.errors import IntentError
from command_center.domain.text import one_line

SCRIPT = Path(__file__).with_name("exporting.py")
TRACKERS = {"tensorboard": "tensorboardX", "trackio": "trackio", "wandb": "wandb"}
"""What may be written, and the module that writes it; the extras have the names of the former."""


def write_tracked(
    to: str, lines: Iterable[bytes], out: Path, project: str, python: str = ""
) -> None:
    """Write below `out` what the lines say, as `exporting.py` reads them. Raises IntentError.

    `python` has the library; empty: ours.
    """
    command = [python or sys.executable, "-I", str(SCRIPT), to, str(out), project]
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
            )
        except OSError as error:
            raise IntentError(f"{one_line(python)}: {error.strerror}") from error
        # One that ends early says why at the end.
        with process, contextlib.suppress(BrokenPipeError):
            assert process.stdin is not None
            process.stdin.writelines(lines)
            process.stdin.close()
        if process.returncode:
            said.seek(0)
            raise IntentError(_problem(to, said.read().decode("utf-8", "replace")))


def _problem(to: str, said: str) -> str:
    last = one_line((said.strip() or "no word of it").splitlines()[-1], 300)
    if f"No module named '{TRACKERS[to]}'" in last:
        return (
            f"{to} needs {TRACKERS[to]}: pip install 'command-center[{to}]',"
            " or name another interpreter with --python"
        )
    return f"{to}: {last}"
