"""Awaiting what must not stop half-way."""

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Callable, Coroutine
from typing import TypeVar

T = TypeVar("T")
Ending = Callable[[Process], Coroutine[object, object, object]]


async def uninterrupted(work: Coroutine[object, object, T]) -> T:
    """Await `work` to its end even when cancelled meanwhile; the cancellation comes after."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        if not task.cancelled():
            task.exception()
        raise


async def killed(process: Process) -> None:
    """End it at once, with its process group where it leads one."""
    with contextlib.suppress(ProcessLookupError):
        if os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    await process.communicate()


async def started(start: Coroutine[object, object, Process], end: Ending = killed) -> Process:
    """What `start` starts; cancelled meanwhile, it is ended before the cancellation comes.

    A start of asyncio's own that is cancelled before it has its pipes waits for them for ever.
    """
    begun: list[Process] = []

    async def begin() -> None:
        begun.append(await start)

    try:
        await uninterrupted(begin())
    except asyncio.CancelledError:
        for process in begun:
            await uninterrupted(end(process))
        raise
    return begun[0]
