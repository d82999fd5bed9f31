"""What our scheduler of runs costs against a bare shell loop over the same commands.

    python -m benchmarks.runs [runs] [seconds] [rounds]

Each run burns so many CPU seconds in one thread. The loop runs them one after the other with
`sh`; ours queues all of them for one slot. Both go in turns, so that a busy machine is busy for
both; the best round of each counts. The physical maximum is what the slot could do with nothing
between two runs.
"""

import asyncio
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

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


class Ours(NamedTuple):
    wall: float
    """Seconds from the first intent to the last end."""
    busy: float
    """Those of them in which a command ran."""
    gaps: list[float]
    """From the end of each command to the start of the next."""


async def by_us(center: Center, runs: int, seconds: float) -> Ours:
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
    spans = sorted(_span(center.places.run(name, 1)) for name in names)
    gaps = [start - end for (_, end), (start, _) in itertools.pairwise(spans)]
    return Ours(wall, sum(end - start for start, end in spans), gaps)


def _span(folder: Path) -> tuple[float, float]:
    started, ended = (
        json.loads((folder / name).read_text())["at"] for name in ("started.json", "end.json")
    )
    return started, ended


async def measure(runs: int, seconds: float, rounds: int) -> list[Row]:
    os.environ.update(IDENTITY)
    with tempfile.TemporaryDirectory(prefix="cc-bench-runs-") as folder:
        center = Center(Path(folder) / "home", make_repository(Path(folder), files=50))
        try:
            write(center.repo / "burn.py", BURN)
            commit(center.repo, "burn")
            write(center.places.settings, "[runs]\nslots = 1\n")
            loops: list[float] = []
            ours: list[Ours] = []
            for _ in range(rounds):
                loops.append(await asyncio.to_thread(by_hand, center.repo, runs, seconds))
                ours.append(await by_us(center, runs, seconds))
        finally:
            center.close()
    return _rows(runs, seconds, min(loops), min(ours))


def _rows(runs: int, seconds: float, loop: float, ours: Ours) -> list[Row]:
    gap = statistics.median(ours.gaps)
    # What is allowed for runs of 30 CPU seconds, whatever the length of these.
    bar, gap_bar = 1 + (BAR - 1) * max(1.0, SECONDS / seconds), (BAR - 1) * SECONDS
    ratio, share = ours.wall / loop, ours.busy / ours.wall
    what = f"{runs} runs of {seconds:g} CPU s, one slot: wall"
    most = f"{3600 * runs / ours.busy:.0f}"
    return [
        row(
            what,
            f"{ours.wall:.1f} s",
            f"{loop:.1f} s",
            f"{ratio:.3f}",
            f"<= {bar:.2f}",
            ratio <= bar,
        ),
        row(
            "end of a run to the start of the next, median",
            *(f"{gap * 1000:.0f} ms", "", f"{gap / SECONDS:.4f}", f"<= {gap_bar * 1000:.0f} ms"),
            gap <= gap_bar,
        ),
        row(
            "experiments per hour against what the slot could do",
            *(f"{3600 * runs / ours.wall:.0f}", most, f"{share:.3f}", f">= {2 - bar:.2f}"),
            share >= 2 - bar,
        ),
    ]


def main() -> None:
    words = sys.argv[1:]
    runs = int(words[0]) if words else SHORT[0]
    seconds = float(words[1]) if len(words) > 1 else SHORT[1]
    rounds = int(words[2]) if len(words) > 2 else ROUNDS
    finish("Runs", asyncio.run(measure(runs, seconds, rounds)))


if __name__ == "__main__":
    main()
