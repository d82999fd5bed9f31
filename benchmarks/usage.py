"""Counting a large history: against ccusage's native binary, and against the clock.

    python -m benchmarks.usage

Both programs count the same 200 MB in 400 files in turns, in processes of their own, from start to
printed total; ours also saves what it counted. Memory is the proportional set size of all
processes of a program, sampled in runs of its own. The page cache is warm. Of the times the least
counts: whatever else runs on the machine can only add to one.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import psutil

from benchmarks.table import Row, finish, row
from benchmarks.transcripts import Transcripts
from command_center.domain.usage import NOTHING, Shape, Source, Tokens
from command_center.engine.meter import Meter, Watched
from command_center.store.usage import UsageStore
from tests.agents import ccusage

ROUNDS = 9
MEMORY_ROUNDS = 3
SAMPLE_SECONDS = 0.004
TICKS = 200
GROWING = 100
SECONDS = 10
TICKS_PER_SECOND = 2
PATTERNS = ("${config}/projects/**/*.jsonl",)
SCAN = f"""
import sys
from pathlib import Path
from command_center.domain.usage import Shape, Source
from command_center.engine.meter import Meter, Watched
from command_center.store.usage import UsageStore
store = UsageStore(Path(sys.argv[2]))
meter = Meter(store)
config = {{"config": sys.argv[1]}}
meter.discover(Watched(Source("bench", ""), Shape.MESSAGE_BLOCKS, {PATTERNS!r}, config))
for progress in meter.scan(has_helper=True):
    pass
print(store.totals("day", "model"))
"""
"""What our measured process does; nothing that the benchmark itself needs is imported."""


def opened(corpus: Path, database: Path) -> tuple[UsageStore, Meter]:
    store = UsageStore(database)
    meter = Meter(store)
    source = Source("bench", "")
    meter.discover(Watched(source, Shape.MESSAGE_BLOCKS, PATTERNS, {"config": str(corpus)}))
    return store, meter


def whole(store: UsageStore) -> Tokens:
    return sum((total.tokens for total in store.totals("session", "model", "day")), NOTHING)


class Program:
    """One way to count the corpus, as a command."""

    def __init__(self, command: list[str], environ: dict[str, str], database: Path) -> None:
        self._command = command
        self._environ = os.environ | environ
        self._database = database

    def seconds(self) -> float:
        begin = time.perf_counter()
        self._start().wait()
        return time.perf_counter() - begin

    def megabytes(self) -> float:
        process, peak = self._start(), 0
        try:
            while process.poll() is None:
                peak = max(peak, sum(_proportional(psutil.Process(process.pid))))
                time.sleep(SAMPLE_SECONDS)
        except psutil.Error:
            pass
        process.wait()
        return peak / 2**20

    def _start(self) -> "subprocess.Popen[bytes]":
        for file in self._database.parent.glob(self._database.name + "*"):
            file.unlink()
        return subprocess.Popen(self._command, env=self._environ, stdout=subprocess.DEVNULL)


def _proportional(process: psutil.Process) -> Iterator[int]:
    for each in (process, *process.children()):
        yield each.memory_full_info().pss


def warm(corpus: Path, database: Path) -> float:
    """Seconds from nothing but imported modules to every total, with nothing read again."""
    begin = time.perf_counter()
    store, meter = opened(corpus, database)
    assert meter.tick() == ()
    store.totals("session")
    spent = time.perf_counter() - begin
    store.close()
    return spent


def tick(meter: Meter) -> float:
    begin = time.perf_counter()
    meter.tick()
    return time.perf_counter() - begin


def growing(history: Transcripts, meter: Meter) -> float:
    """Share of a core that ticking costs while each of the transcripts gets a message a second."""
    spent, now = 0.0, datetime.now(UTC)
    for number in range(SECONDS * TICKS_PER_SECOND):
        for index in range(number % TICKS_PER_SECOND, GROWING, TICKS_PER_SECOND):
            with history.paths[index].open("a", encoding="utf-8") as file:
                file.writelines(history.message(index, now))
        begin = time.process_time()
        meter.tick()
        spent += time.process_time() - begin
    return spent / SECONDS


def compared(corpus: Path, database: Path) -> tuple[float, list[Row]]:
    """ccusage's seconds, and the claims against it."""
    ours = Program([sys.executable, "-c", SCAN, str(corpus), str(database)], {}, database)
    command = [str(ccusage.program()), "claude", "daily", "--offline", "--json"]
    other = Program(command, {"CLAUDE_CONFIG_DIR": str(corpus)}, database)
    times = [(ours.seconds(), other.seconds()) for _ in range(ROUNDS)]
    mine, theirs = (min(column) for column in zip(*times, strict=True))
    sizes = [(other.megabytes(), ours.megabytes()) for _ in range(MEMORY_ROUNDS)]
    their_size, my_size = (max(column) for column in zip(*sizes, strict=True))
    quick, small = mine / theirs, my_size / their_size
    return theirs, [
        row("cold scan", f"{mine:.3f} s", f"{theirs:.3f} s", f"{quick:.2f}", "0.95", quick <= 0.95),
        row(
            "memory",
            f"{my_size:.0f} MB",
            f"{their_size:.0f} MB",
            f"{small:.2f}",
            "0.5",
            small <= 0.5,
        ),
    ]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="cc-usage-") as folder:
        corpus, database = Path(folder, "corpus"), Path(folder, "usage.sqlite")
        history = Transcripts(corpus)
        theirs, rows = compared(corpus, database)
        start = min(warm(corpus, database) for _ in range(ROUNDS))
        ratio = start / theirs
        rows.append(
            row("warm start", f"{start * 1000:.1f} ms", "", f"{ratio:.3f}", "0.03", ratio <= 0.03)
        )
        store, meter = opened(corpus, database)
        is_true = (
            whole(store)
            == history.truth
            == ccusage.totals("claude", {"CLAUDE_CONFIG_DIR": str(corpus)})
        )
        idle = median(tick(meter) for _ in range(TICKS)) * 1000
        share = growing(history, meter) * 100
        is_true = is_true and whole(store) == history.truth
        store.close()
    rows += [
        row("tick, 400 files", f"{idle:.2f} ms", "", "", "2 ms", idle <= 2),
        row("100 growing", f"{share:.2f} % of a core", "", "", "2 %", share < 2),
        row("totals", f"{history.truth.total}", "the same", "", "equal", is_true),
    ]
    finish("usage, ours against ccusage (200 MB, 400 files)", rows)


if __name__ == "__main__":
    main()
