"""Processes of this machine that are neither tmux, git nor an agent."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from command_center.domain.errors import LaunchError
from command_center.domain.text import one_line
from command_center.drivers.waiting import started

_OUTPUT = 16_000
"""Bytes that are read back of a command's output."""


async def run_limited(argv: Sequence[str], cwd: Path, seconds: float) -> None:
    """Run a command to its end without a terminal; nothing of its process group survives it.

    Raises LaunchError with the end of its output when it is missing, fails or takes too long.
    """
    what = one_line(" ".join(argv), 80)
    try:
        process = await started(
            asyncio.create_subprocess_exec(
                *argv,
                cwd=cwd,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        )
    except OSError as error:
        raise LaunchError(f"`{what}`: {error.strerror}; correct it or take it out") from error
    try:
        async with asyncio.timeout(seconds):
            output, _ = await process.communicate()
    except TimeoutError:
        raise LaunchError(f"`{what}` took longer than {seconds:.0f} s; allow it more") from None
    finally:
        end_group(process.pid)
        await process.wait()
    if process.returncode:
        last = one_line(output.decode("utf-8", "replace")[-300:])
        raise LaunchError(f"`{what}` failed with {process.returncode}: {last}")


class Ended(Struct, frozen=True):
    """How a command ended."""

    code: int | None
    """None: it took too long and was killed."""
    output: str
    """The end of what it printed, standard error included; untrusted."""


async def run_to_end(argv: Sequence[str], cwd: Path, seconds: float, log: Path) -> Ended:
    """Run a command, its whole output to `log`; nothing of its process group survives it.

    Raises LaunchError when it cannot be started, OSError when `log` cannot be written.
    """
    with log.open("wb") as file:
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                cwd=cwd,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=file,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            what = one_line(" ".join(argv), 80)
            raise LaunchError(f"`{what}`: {error.strerror}; correct it") from error
    code: int | None = None
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                code = await process.wait()
    finally:
        end_group(process.pid)
        await process.wait()
    return Ended(code, _end_of(log))


def _end_of(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _OUTPUT))
        return file.read().decode("utf-8", "replace")


def end_group(leader: int) -> None:
    """Kill what is left of the process group; that nothing is left is as good."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def first_child(pid: int) -> int:
    """The oldest child of a process, such as the CLI behind a pty proxy; 0 if there is none."""
    # Imported here: 20 ms that only an adoption needs.
    import psutil

    try:
        children = psutil.Process(pid).children()
    except psutil.NoSuchProcess:
        return 0
    return min((child.pid for child in children), default=0)


def start_time(pid: int) -> str:
    """Field 22 of /proc/PID/stat (proc(5)), which tells a process from a later one of its number;
    empty where there is no such file."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]
