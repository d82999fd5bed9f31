"""What our scheduler of runs costs against a bare shell loop over the same commands.

    python -m benchmarks.runs [runs] [seconds]

Each run burns so many CPU seconds in one thread. The loop runs them one after the other by hand
with `sh`; ours queues all of them for one slot. Both go round by round in turns, so that a busy
machine is busy for both; the best round of each counts. With two slots and more the physical
maximum is what those slots could do with nothing between two runs.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.table import Row, finish, row
from command_center.domain.run_intents import QueueRuns
from command_center.domain.runs import RunOrder
from tests.center import Center
from tests.gitrepo import IDENTITY, commit, make_repository, write

RUNS = 20
SECONDS = 30.0
SHORT = (4, 2.0)
"""Runs and seconds where nothing is asked for: what every `make bench` can bear."""
ROUNDS = 2
BAR = 1.02
BURN = """
import sys, time
while time.process_time() < float(sys.argv[1]):
    sum(range(1000))
print("val_bpb: 1.0")
"""


def by_hand(repo: Path, runs: int, seconds: float) -> float:
    """Wall seconds of the loop."""
    words = f"for i in $(seq {runs}); do {sys.executable} burn.py {seconds}; done"
    began = time.monotonic()
    subprocess.run(["sh", "-c", words], cwd=repo, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


async def by_us(center: Center, runs: int, seconds: float) -> tuple[float, float]:
    """Wall seconds from the first intent to the last end, and those in which runs had the slot."""
    # With nothing to do it leaves after a while, as it does while the loop runs.
    supervisor = center.start_supervisor()
    await center.until(lambda f: f.supervisor == supervisor.pid)
    orders = tuple(RunOrder((sys.executable, "burn.py", str(seconds))) for _ in range(runs))
    began = time.monotonic()
    names = (await center.answer(QueueRuns(orders, str(center.repo)))).text.split()
    fleet = await center.until(lambda f: all(f.runs[n].life.is_over for n in names), 3600)
    wall = time.monotonic() - began
    supervisor.terminate()
    await asyncio.to_thread(supervisor.wait)
    assert all(fleet.runs[name].exit_code == 0 for name in names)
    return wall, sum(fleet.runs[name].ended_at - fleet.runs[name].started_at for name in names)


async def measure(runs: int, seconds: float) -> list[Row]:
    os.environ.update(IDENTITY)
    with tempfile.TemporaryDirectory(prefix="cc-bench-runs-") as folder:
        center = Center(Path(folder) / "home", make_repository(Path(folder), files=50))
        try:
            write(center.repo / "burn.py", BURN)
            commit(center.repo, "burn")
            write(center.places.settings, "[runs]\nslots = 1\n")
            loops, ours = [], []
            for _ in range(ROUNDS):
                loops.append(await asyncio.to_thread(by_hand, center.repo, runs, seconds))
                ours.append(await by_us(center, runs, seconds))
        finally:
            center.close()
    loop, (wall, busy) = min(loops), min(ours)
    ratio, share = wall / loop, busy / wall
    what = f"{runs} runs of {seconds:g} CPU s, one slot: wall, best of {ROUNDS}"
    bar = max(BAR, 1 + 0.6 / seconds)
    return [
        row(what, f"{wall:.1f} s", f"{loop:.1f} s", f"{ratio:.3f}", f"<= {bar:.2f}", ratio <= bar),
        row(
            "experiments per hour, share of what the slot could do",
            f"{3600 * runs / wall:.0f}",
            f"{3600 * runs / busy:.0f}",
            f"{share:.3f}",
            f">= {1 - 0.05 * max(1.0, 12 / seconds):.2f}",
            share >= 1 - 0.05 * max(1.0, 12 / seconds),
        ),
    ]


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else SHORT[0]
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else SHORT[1]
    finish("Runs", asyncio.run(measure(runs, seconds)))


if __name__ == "__main__":
    main()
