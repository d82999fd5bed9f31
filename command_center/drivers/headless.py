"""Runs an agent CLI that answers one question and ends."""

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from command_center.domain.errors import ModelError
from command_center.domain.text import one_line
from command_center.drivers.host import end_group

MOST_BYTES = 16 * 1024 * 1024
_LOOK = 0.2
_COMPLAINT = 2000


def ask_headless(
    argv: Sequence[str], cwd: Path, environ: Mapping[str, str], text: str, seconds: float
) -> str:
    """What it printed, of any content. Nothing of its process group is left behind.

    Raises ModelError when it fails, takes longer or prints more than MOST_BYTES.
    """
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as printed,
        tempfile.TemporaryFile() as said,
    ):
        given.write(text.encode("utf-8", "replace"))
        given.seek(0)
        try:
            process = subprocess.Popen(
                argv,
                cwd=cwd,
                env=environ,
                stdin=given,
                stdout=printed,
                stderr=said,
                start_new_session=True,
            )
        except OSError as error:
            raise ModelError(f"{argv[0]}: {error.strerror}") from error
        try:
            problem = _watch(process, printed.fileno(), seconds)
        finally:
            end_group(process.pid)
            process.wait()
        if problem:
            said.seek(max(0, os.fstat(said.fileno()).st_size - _COMPLAINT))
            more = one_line(said.read().decode("utf-8", "replace"), 300)
            raise ModelError(f"{Path(argv[0]).name}: {problem}{': ' if more else ''}{more}")
        printed.seek(0)
        return printed.read().decode("utf-8", "replace")


def _watch(process: "subprocess.Popen[bytes]", printed: int, seconds: float) -> str:
    """Why it is not to be used; empty when it ended well."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            code = process.wait(_LOOK)
        except subprocess.TimeoutExpired:
            if os.fstat(printed).st_size > MOST_BYTES:
                return "it printed far too much"
            if time.monotonic() > deadline:
                return f"no answer within {seconds:g} s"
        else:
            is_long = os.fstat(printed).st_size > MOST_BYTES
            return f"exit status {code}" if code else "it printed far too much" if is_long else ""
