"""Stop (SIGSTOP), then kill, all that watches 100 busy panes: every agent must keep its frame rate.

Run: python -m benchmarks.freeze [seconds stopped]
"""

import asyncio
import sys
import time

import psutil

from benchmarks.fleet_panes import chatty_panes, frames
from benchmarks.observe import WATCH_ALONE
from benchmarks.table import Row, finish, row
from command_center.drivers.tmux import TmuxServer

PANES = 100
HERTZ = 10.0
WATCHERS = 3
BAR = 0.9


async def rates(server: TmuxServer, panes: list[str], seconds: float) -> list[float]:
    """Frames a second of each pane, over `seconds`."""
    start, before = time.monotonic(), await frames(server, panes)
    await asyncio.sleep(seconds)
    after, elapsed = await frames(server, panes), time.monotonic() - start
    return [(new - old) / elapsed for old, new in zip(before, after, strict=True)]


async def watcher(server: TmuxServer) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.observe", WATCH_ALONE, server.socket, "1000")
    )


async def measure(seconds: float) -> list[Row]:
    async with chatty_panes(PANES, HERTZ) as (server, panes):
        watchers = [await watcher(server) for _ in range(WATCHERS)]
        await asyncio.sleep(2)
        usual = await rates(server, panes, seconds / 2)
        ours = [each for process in watchers for each in _with_children(process.pid)]
        for each in ours:
            each.suspend()
        stopped = await rates(server, panes, seconds)
        for each in ours:
            each.kill()
        await asyncio.gather(*(process.wait() for process in watchers))
        after = await rates(server, panes, seconds / 2)
    return [
        _row(f"{WATCHERS} watchers stopped for {seconds:.0f} s", stopped, usual),
        _row("watchers killed", after, usual),
    ]


def _with_children(pid: int) -> list[psutil.Process]:
    """A watcher and its tmux clients."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _row(name: str, now: list[float], usual: list[float]) -> Row:
    """The slowest pane decides."""
    ratio = min(new / max(old, 0.1) for new, old in zip(now, usual, strict=True))
    return row(
        f"{name}: frames/s of the slowest of {PANES} panes",
        f"{min(now):.1f}",
        f"{min(usual):.1f} watched",
        f"{ratio:.2f}",
        f">= {BAR}",
        ratio >= BAR,
    )


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    finish("Freezing", asyncio.run(measure(seconds)))


if __name__ == "__main__":
    main()
