"""What is cancelled at any moment comes back, and leaves nothing running."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process, create_subprocess_exec
from contextlib import suppress
from pathlib import Path

import pytest

from command_center.drivers.waiting import started
from tests.gitrepo import until

MOMENTS = range(12)
"""Turns of the loop before the cancellation; a start takes about half of them."""


@pytest.mark.parametrize("turns", MOMENTS)
async def test_a_start_that_is_cancelled_comes_back_and_leaves_nothing(
    tmp_path: Path, turns: int
) -> None:
    pids = tmp_path / "pids"
    script = f"echo $$ >>'{pids}'; sleep 600 & echo $! >>'{pids}'; wait"

    async def work() -> None:
        process = await started(_shell(script))
        try:
            await process.wait()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.communicate()

    task = asyncio.create_task(work())
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=40)
    assert done, "still waiting for its pipes"
    assert task.cancelled()
    left = pids.read_text("ascii").split() if pids.exists() else []
    await until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left))


async def test_what_cannot_be_started_says_so() -> None:
    with pytest.raises(FileNotFoundError):
        await started(create_subprocess_exec("no-such-program-anywhere", stdout=PIPE))


async def test_a_process_without_a_group_of_its_own_does_not_take_ours_along() -> None:
    ended: list[int] = []

    async def begun() -> Process:
        process = await create_subprocess_exec("sleep", "600", stdin=DEVNULL, stdout=PIPE)
        ended.append(process.pid)
        await asyncio.sleep(0.05)
        return process

    task = asyncio.create_task(started(begun()))
    await until(lambda: ended)
    task.cancel()
    await asyncio.wait([task], timeout=40)
    assert task.cancelled()
    assert not Path(f"/proc/{ended[0]}").exists()


async def _shell(script: str) -> Process:
    return await create_subprocess_exec(
        *("sh", "-c", script), stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True
    )
