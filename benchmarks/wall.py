"""The dashboard with 100 and 200 agents that repaint ten times a second, nine of them on the wall.

    python -m benchmarks.wall [agents] [seconds]

A supervisor, the dashboard in a real terminal and every agent behind its pty proxy. The list
stands beside the wall. Two agents are a `cat`: what is written into their panes is timed until
the dashboard paints it. With more than 100 agents every bar is twice as high.
"""

import asyncio
import os
import random
import string
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

import psutil

from benchmarks.first_paint import CURSOR, p95
from benchmarks.fleet_panes import cpu_seconds
from benchmarks.latency import CHATTER_SPEC
from benchmarks.supervised import generated_repository, has_answered, ram_folder, supervised
from benchmarks.table import Row, finish, row
from benchmarks.terminal import Terminal
from command_center.domain.intents import Launch
from command_center.drivers.tmux import TmuxServer
from tests.center import Center

USUAL = 100
AGENTS = (USUAL, 200)
SECONDS = 10.0
SAMPLES = 40
SIZE = (175, 31)
"""Leaves the wall room for three rows of three cells."""
BATCH = 20
SETTLE_SECONDS = 5.0
DASHBOARD = "from command_center.cli.dashboard import open_dashboard; open_dashboard(layout='grid')"
CAT_SPEC = """
id = "cat"
name = "Cat"
[binary]
names = ["cat"]
version = []
[launch]
argv = ["${binary}"]
"""


async def launch(center: Center, spec: str, count: int) -> None:
    for done in range(0, count, BATCH):
        some = range(min(BATCH, count - done))
        asked = [center.ask(Launch(spec, str(center.repo))) for _ in some]
        await center.until(lambda fleet, asked=asked: has_answered(asked, fleet), 120)  # type: ignore[misc]


def costs(center: Center, terminal: Terminal, seconds: float, slack: int) -> list[Row]:
    processes = {
        "dashboard": psutil.Process(terminal.pid),
        "supervisor": psutil.Process(center.fleet.supervisor),
    }
    before = {name: cpu_seconds(process) for name, process in processes.items()}
    terminal.drain(seconds)
    rows = []
    for (name, process), bar in zip(processes.items(), (12, 5), strict=True):
        most, room = bar * slack, 80 * slack
        percent = (cpu_seconds(process) - before[name]) / seconds * 100
        megabytes = process.memory_info().rss / 2**20
        what = f"{name}: CPU of one core"
        rows.append(row(what, f"{percent:.1f} %", "-", "-", f"<= {most} %", percent <= most))
        size = f"{megabytes:.0f} MB"
        rows.append(row(f"{name}: RSS", size, "-", "-", f"<= {room} MB", megabytes <= room))
    return rows


async def outputs(terminal: Terminal, write: Callable[[str], Awaitable[object]]) -> list[float]:
    """Milliseconds from what a program prints to its cell."""
    took = []
    for number in range(SAMPLES):
        terminal.drain(random.uniform(0.2, 0.5))
        mark = f"mark{number:03}{random.choice(string.ascii_letters)}"
        start = time.perf_counter()
        await write(mark)
        terminal.until(mark.encode())
        took.append((time.perf_counter() - start) * 1e3)
    return took


def typed(terminal: Terminal) -> list[float]:
    """Milliseconds from a key to its echo, which goes through tmux and the agent."""
    took, text = [], ""
    for _ in range(SAMPLES):
        terminal.drain(random.uniform(0.1, 0.3))
        letter = random.choice(string.ascii_letters)
        text = (text + letter)[-10:]
        took.append(terminal.press(letter.encode(), text.encode()))
    return took


def moved(terminal: Terminal) -> list[float]:
    took = []
    for number in range(SAMPLES):
        terminal.drain(random.uniform(0.1, 0.3))
        took.append(terminal.press(b"jk"[number % 2 :][:1], CURSOR))
    return took


async def measure(agents: int, seconds: float) -> list[Row]:
    with ram_folder() as ram:
        repo = generated_repository(ram / "project", 20)
        async with supervised(ram / "home", repo) as center:
            center.add_spec("chatter", CHATTER_SPEC % Path.cwd())
            center.add_spec("cat", CAT_SPEC)
            await launch(center, "cat", 2)
            await launch(center, "chatter", agents - 2)
            rows = await watched(center, seconds, 1 if agents <= USUAL else 2)
    return [replace(each, name=f"{agents}: {each.name}") for each in rows]


async def watched(center: Center, seconds: float, slack: int) -> list[Row]:
    environ = {**os.environ, "COMMAND_CENTER_HOME": str(center.home), "PYTHONPATH": str(Path.cwd())}
    environ.pop("TMUX", None)
    cats = [a.pane for a in center.fleet.agents.values() if a.order.spec == "cat"]
    server = TmuxServer(center.places.socket)
    terminal = Terminal([sys.executable, "-c", DASHBOARD], environ, SIZE)
    try:
        terminal.until(b"page 1 of")
        terminal.drain(SETTLE_SECONDS)
        rows = costs(center, terminal, seconds, slack)
        keys = moved(terminal)
        beside = await outputs(terminal, lambda text: printed(server, cats[1], text))
        terminal.press(b"\r", b" typing ")
        terminal.drain(1.0)
        inside = await outputs(terminal, lambda text: printed(server, cats[0], text))
        echoes = typed(terminal)
    finally:
        terminal.close()
        await server.close()
    return [
        *rows,
        key_row("key to paint: another agent", keys, slack),
        key_row("key to paint: typed into a cell", echoes, slack),
        output_row("output to visible cell", beside, 200 * slack),
        output_row("output to the cell typed into", inside, 60 * slack),
    ]


async def printed(server: TmuxServer, pane: str, text: str) -> None:
    """`cat` repeats the line, after the terminal has shown it."""
    await server.run(
        ("send-keys", "-l", "-t", pane, "--", text), ("send-keys", "-t", pane, "Enter")
    )


def key_row(name: str, times: list[float], slack: int) -> Row:
    usual, late = median(times), p95(times)
    text, ok = f"{usual:.1f} / {late:.1f} ms", usual <= 10 * slack and late <= 60 * slack
    bar = f"<= {10 * slack} / {60 * slack} ms"
    return row(f"{name}, median / p95", text, "-", "-", bar, ok)


def output_row(name: str, times: list[float], bar: int) -> Row:
    late = p95(times)
    return row(f"{name}, p95", f"{late:.0f} ms", "-", "-", f"<= {bar} ms", late <= bar)


def main() -> None:
    counts = (int(sys.argv[1]),) if len(sys.argv) > 1 else AGENTS
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    rows = [each for agents in counts for each in asyncio.run(measure(agents, seconds))]
    finish("A wall: so many agents at 10 Hz, 9 of them visible", rows)


if __name__ == "__main__":
    main()
