"""Running a program so that it ends when we say, with all that it started, and never fills us."""

import asyncio
import contextlib
import os
import re
import signal
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from command_center.agent.tools.outcome import MOST

GRACE = 1.0
"""Seconds between asking a program to end and ending it."""
_KEPT = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|TZ|TMPDIR|LANG|LC_\w+|XDG_\w+|VIRTUAL_ENV|CONDA_PREFIX"
    r"|CUDA_VISIBLE_DEVICES|JAVA_HOME|GOPATH|GOROOT|CARGO_HOME|RUSTUP_HOME|NVM_DIR"
    r"|GIT_(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL)|GIT_CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM)"
)
"""Of our environment, what a command gets: no key of ours, nor what could speak in our name."""
_FIXED = {"TERM": "dumb", "PAGER": "cat", "GIT_PAGER": "cat", "GIT_TERMINAL_PROMPT": "0"}


class Ended(Struct, frozen=True):
    code: int
    """Negative: the signal that ended it."""
    output: str


def clean(environ: Mapping[str, str], passed: Sequence[str] = ()) -> dict[str, str]:
    """The environment of a command; `passed` names more variables."""
    kept = {n: v for n, v in environ.items() if _KEPT.fullmatch(n) or n in passed}
    return {**kept, **_FIXED}


async def run(
    argv: Sequence[str], folder: Path, seconds: float, passed: Sequence[str] = ()
) -> Ended:
    """What it wrote, its begin and end where it is long. Nothing that it started goes on.

    Raises TimeoutError, and OSError when it cannot be started.
    """
    # A pipe of our own: asyncio holds a process with one of its pipes for alive as long as anybody
    # has the other end.
    ours, its = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            cwd=folder,
            env=clean(os.environ, passed),
            stdin=DEVNULL,
            stdout=its,
            stderr=STDOUT,
            start_new_session=True,
        )
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(its)
    kept, transport = _Kept(), None
    try:
        async with asyncio.timeout(seconds):
            transport, reader = await _opened(ours)
            await _read(process, reader, kept)
    except TimeoutError as error:
        raise TimeoutError(kept.text) from error
    finally:
        await _end(process)
        if transport is not None:
            transport.close()
    return Ended(process.returncode or 0, kept.text)


async def _opened(fd: int) -> tuple[asyncio.ReadTransport, asyncio.StreamReader]:
    """The transport closes `fd`."""
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(fd, "rb", 0)
    )
    return transport, reader


class _Kept:
    """The first and the last of a stream of bytes."""

    def __init__(self) -> None:
        self._head, self._tail, self._size = b"", b"", 0

    def add(self, chunk: bytes) -> None:
        self._size += len(chunk)
        room = MOST // 2 - len(self._head)
        self._head += chunk[:room]
        self._tail = (self._tail + chunk[max(room, 0) :])[-MOST // 2 :]

    @property
    def text(self) -> str:
        left = self._size - len(self._head) - len(self._tail)
        middle = f"\n[... {left} bytes left out ...]\n".encode() if left else b""
        return (self._head + middle + self._tail).decode("utf-8", "replace")


async def _read(process: Process, reader: asyncio.StreamReader, kept: _Kept) -> None:
    """Until the program itself is over: what it left in the background may hold its pipe."""
    over = asyncio.ensure_future(process.wait())
    try:
        while True:
            chunk = asyncio.ensure_future(reader.read(65536))
            await asyncio.wait((over, chunk), return_when=asyncio.FIRST_COMPLETED)
            if over.done() and not chunk.done():
                await asyncio.wait((chunk,), timeout=0.05)
            if not chunk.done():
                chunk.cancel()
                return
            if not chunk.result():
                await over
                return
            kept.add(chunk.result())
    finally:
        over.cancel()


async def _end(process: Process) -> None:
    """Its whole group, also what outlived the program itself."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except (ProcessLookupError, PermissionError):
            break
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                await process.wait()
                if sign is signal.SIGTERM:
                    await _group_gone(process.pid)
    await process.wait()


async def _group_gone(group: int) -> None:
    while True:
        try:
            os.killpg(group, 0)
        except (ProcessLookupError, PermissionError):
            return
        await asyncio.sleep(0.01)
