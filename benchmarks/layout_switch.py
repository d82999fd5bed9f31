"""How soon another layout stands after the key for it, with many agents, in a real terminal.

Run: python -m benchmarks.layout_switch [rounds]
"""

import statistics
import sys

from benchmarks.first_paint import AGENTS, CURSOR, OURS, Home, home, p95
from benchmarks.table import Row, finish, row
from benchmarks.terminal import Terminal

MANY = 100
NAMES = ("Focus", "Grid", "Research", "Tasks", "Wall")
"""In the order in which the key shows them, after the default, which the top line never names."""


def switches(made: Home, rounds: int) -> dict[str, list[float]]:
    """Milliseconds from the key until all is painted, by layout."""
    for number in range(AGENTS, MANY):
        made.launch(f"agent{number:02}")
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


def rows(taken: dict[str, list[float]]) -> list[Row]:
    found = [_row(name, times, "-", True) for name, times in taken.items()]
    late = p95([time for times in taken.values() for time in times])
    every = [time for times in taken.values() for time in times]
    return [*found, _row("any", every, "<= 100 ms", late <= 100)]


def _row(name: str, times: list[float], bar: str, ok: bool) -> Row:
    shown = f"{statistics.median(times):.0f} / {p95(times):.0f} ms"
    return row(f"{MANY} agents, to {name}, median / p95", shown, "-", "-", bar, ok)


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    with home() as made:
        taken = switches(made, rounds)
    finish("Layout switch", rows(taken))
