"""A plan for the dashboard, made by a process of its own: its loop goes on meanwhile."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import msgspec

from command_center.domain.errors import ModelError
from command_center.domain.plans import Proposal
from command_center.domain.text import one_line
from command_center.drivers.waiting import started

PARTING_SECONDS = 5.0
"""For an interrupted planner to end the CLI that it has started."""


async def proposed(goal: str, root: Path, niche: str) -> Proposal:
    """What `acc plan --json` prints. Cancelled, it ends the process and all that it started.

    Raises ModelError with what it complained of, OSError.
    """
    # -P keeps a folder of the repository that is named like ours from being imported.
    words = (sys.executable, "-P", "-m", "command_center.cli.main", "plan", "--json")
    process = await started(
        asyncio.create_subprocess_exec(
            *words,
            *("--repo", str(root), *(("--niche", niche) if niche else ()), "-"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    )
    try:
        printed, said = await process.communicate(goal.encode("utf-8", "replace"))
    finally:
        await _end(process)
    if process.returncode:
        lines = said.decode("utf-8", "replace").strip().splitlines()
        last = one_line(lines[-1].removeprefix("acc: "), 600) if lines else ""
        raise ModelError(last or f"the planner ended with status {process.returncode}")
    try:
        return msgspec.json.decode(printed, type=Proposal)
    except msgspec.DecodeError as error:
        raise ModelError(f"the planner's answer cannot be read: {error}") from error


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        await asyncio.wait_for(process.wait(), PARTING_SECONDS)
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
