"""What our scheduler of runs costs against a bare shell loop over the same commands.

    python -m benchmarks.runs            8 runs of 2 CPU seconds
    python -m benchmarks.runs --short    20 runs of 5 CPU seconds
    python -m benchmarks.runs --full     20 runs of 30 CPU seconds, of which the bar is told
    python -m benchmarks.runs 4 2 3      so many runs, seconds, rounds

Each run burns so many CPU seconds in one thread. The loop runs them one after the other with `sh`;
ours queues all of them for one slot. The runs are split into rounds, in which both go in turns, so
that a busy machine is busy for both. The physical maximum is what the slot could do with nothing
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

SECONDS = 30.0
SIZES = {(): (4, 2.0, 2), ("--short",): (5, 5.0, 4), ("--full",): (10, SECONDS, 2)}
"""By the words of the command line: runs in a round, the CPU seconds of each, and rounds."""
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
    first: float
    """From the intent to the start of the first command."""
    gaps: list[float]
    """From the end of each command to the start of the next."""


async def by_us(center: Center, runs: int, seconds: float) -> Ours:
    # With nothing to do it leaves after a while, as it does while the loop runs.
    supervisor = center.start_supervisor()
    await center.until(lambda f: f.supervisor == supervisor.pid)
    orders = tuple(RunOrder((sys.executable, "burn.py", str(seconds))) for _ in range(runs))
    began, asked_at = time.monotonic(), time.time()
    names = (await center.answer(QueueRuns(orders, str(center.repo)))).text.split()
    fleet = await center.until(lambda f: all(f.runs[n].life.is_over for n in names), 3600)
    wall = time.monotonic() - began
    supervisor.terminate()
    await asyncio.to_thread(supervisor.wait)
    assert all(fleet.runs[name].exit_code == 0 for name in names)
    spans = sorted(_span(center.places.run(name, 1)) for name in names)
    gaps = [start - end for (_, end), (start, _) in itertools.pairwise(spans)]
    busy = sum(end - start for start, end in spans)
    return Ours(wall, busy, spans[0][0] - asked_at, gaps)


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
    return _rows(runs * rounds, seconds, sum(loops), ours)


def _rows(runs: int, seconds: float, loop: float, ours: list[Ours]) -> list[Row]:
    wall, busy = sum(one.wall for one in ours), sum(one.busy for one in ours)
    first = statistics.median(one.first for one in ours)
    gap = statistics.median(gap for one in ours for gap in one.gaps)
    # What is allowed for runs of 30 CPU seconds, whatever the length of these.
    allowed = (BAR - 1) * SECONDS
    bar = 1 + allowed / seconds
    ratio, share = wall / loop, busy / wall
    return [
        row(
            f"{runs} runs of {seconds:g} CPU s, one slot: wall",
            f"{wall:.1f} s",
            f"{loop:.1f} s",
            f"{ratio:.3f}",
            f"<= {bar:.2f}",
            ratio <= bar,
        ),
        _delay("queued to the start of the first command, median", first, allowed),
        _delay("end of a run to the start of the next, median", gap, allowed),
        row(
            "experiments per hour against what the slot could do",
            *(f"{3600 * runs / wall:.0f}", f"{3600 * runs / busy:.0f}", f"{share:.3f}"),
            f">= {1 / bar:.2f}",
            share >= 1 / bar,
        ),
    ]


def _delay(what: str, delay: float, allowed: float) -> Row:
    ours, share = f"{delay * 1000:.0f} ms", f"{delay / SECONDS:.4f}"
    return row(what, ours, "", share, f"<= {allowed * 1000:.0f} ms", delay <= allowed)


def main() -> None:
    words = tuple(sys.argv[1:])
    if words in SIZES:
        runs, seconds, rounds = SIZES[words]
    else:
        runs, seconds, rounds = int(words[0]), float(words[1]), int(words[2])
    finish("Runs", asyncio.run(measure(runs, seconds, rounds)))


if __name__ == "__main__":
    main()
