"""How soon another layout stands after the key for it, with many agents, in a real terminal.

Run: python -m benchmarks.layout_switch [rounds]
"""

import statistics
import sys
from collections.abc import Iterator

from benchmarks.first_paint import AGENTS, CURSOR, OURS, Home, home, p95
from benchmarks.table import Row, finish, row
from benchmarks.terminal import Terminal

BARS = {100: 100, 200: 200}
"""Milliseconds at the 95th percentile, by how many agents there are."""
NAMES = ("Focus", "Grid", "Research", "Tasks", "Wall")
"""In the order in which the key shows them, after the default, which the top line never names."""


def switches(made: Home, rounds: int) -> dict[str, list[float]]:
    """Milliseconds from the key until all is painted, by layout."""
    taken: dict[str, list[float]] = {name: [] for name in NAMES}
    terminal = Terminal([sys.executable, "-c", OURS], made.environ)
    try:
        terminal.until(b"agent00")
        terminal.drain(3)
        for _ in range(rounds):
            for name in NAMES:
                taken[name].append(terminal.press_and_settle(b"v", f"  {name}".encode()))
                terminal.drain(0.7)
            terminal.press(b"v", CURSOR)
            terminal.drain(0.7)
    finally:
        terminal.close()
    return taken


def rows(agents: int, taken: dict[str, list[float]], bar: int) -> list[Row]:
    found = [_row(agents, name, times, "-", True) for name, times in taken.items()]
    every = [time for times in taken.values() for time in times]
    return [*found, _row(agents, "any", every, f"<= {bar} ms", p95(every) <= bar)]


def _row(agents: int, name: str, times: list[float], bar: str, ok: bool) -> Row:
    shown = f"{statistics.median(times):.0f} / {p95(times):.0f} ms"
    return row(f"{agents} agents, to {name}, median / p95", shown, "-", "-", bar, ok)


def measure(made: Home, rounds: int) -> Iterator[Row]:
    there = AGENTS
    for many, bar in BARS.items():
        for number in range(there, many):
            made.launch(f"agent{number:02}")
        there = many
        yield from rows(many, switches(made, rounds), bar)


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    with home() as made:
        found = list(measure(made, rounds))
    finish("Layout switch", found)
