"""What nine live mini-terminals cost: our wall against a Static with `Text.from_ansi` each.

    python -m benchmarks.minis [seconds]

Both show the same nine real panes, full of text in colours, in which four
lines change five times a second, in a real terminal of 200
by 50, one after the other; the Statics are updated five times a second, the wall's cells looked
at as often as the dashboard does.
"""

import asyncio
import os
import statistics
import sys

import psutil

from benchmarks.fleet_panes import chatty_panes, cpu_seconds
from benchmarks.minis_screen import READY
from benchmarks.table import Row, finish, row
from benchmarks.terminal import Terminal

MINIS = 9
HERTZ = 5.0
TALK = 36
"""Lines above the changing ones, so that the windows are full."""
SECONDS = 6.0
ROUNDS = 3
SETTLE_SECONDS = 2.0
BAR = 0.2


def cpu_percent(way: str, socket: str, panes: list[str], seconds: float) -> float:
    """Of one core, of the program that shows the panes."""
    argv = (sys.executable, "-m", "benchmarks.minis_screen", way, socket, *panes)
    terminal = Terminal(argv, os.environ)
    try:
        terminal.until(READY)
        terminal.drain(SETTLE_SECONDS)
        process = psutil.Process(terminal.pid)
        before = cpu_seconds(process)
        terminal.drain(seconds)
        return (cpu_seconds(process) - before) / seconds * 100
    finally:
        terminal.close()


async def measure(seconds: float) -> list[Row]:
    ours: list[float] = []
    theirs: list[float] = []
    async with chatty_panes(MINIS, HERTZ, TALK) as (server, panes):
        for _ in range(ROUNDS):
            for way, taken in (("wall", ours), ("static", theirs)):
                taken.append(
                    await asyncio.to_thread(cpu_percent, way, server.socket, panes, seconds)
                )
    wall, static = statistics.median(ours), statistics.median(theirs)
    ratio = wall / static
    what = f"{MINIS} minis, {ROUNDS} rounds: CPU of one core, median"
    texts = (f"{wall:.1f} %", f"{static:.1f} %", f"{ratio:.2f}", f"<= {BAR}")
    return [row(what, *texts, ratio <= BAR)]


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    finish("Live mini-terminals", asyncio.run(measure(seconds)))


if __name__ == "__main__":
    main()
