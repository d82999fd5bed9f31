"""Waiting for what becomes of a job of any cluster."""

import asyncio
import time

from command_center.drivers.executors import Executor, JobState, JobStatus

PATIENCE = 120.0
"""Seconds; a cluster on a loaded machine takes its time."""


async def seen(lab: Executor, handle: str, *states: JobState) -> JobStatus:
    """What it is as soon as it is in one of `states`."""
    deadline = time.monotonic() + PATIENCE
    status: JobStatus | None = None
    while status is None or status.state not in states:
        assert time.monotonic() < deadline, status
        await asyncio.sleep(0.1)
        status = (await lab.poll([handle])).get(handle, status)
    return status


async def over(lab: Executor, handle: str) -> JobStatus:
    return await seen(lab, handle, JobState.ENDED, JobState.LOST)
