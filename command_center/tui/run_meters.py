"""What runs tell while they run, read from their ledger in a thread."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from command_center.domain.metrics import STEP
from command_center.domain.runs import Run, RunLife

if TYPE_CHECKING:
    from command_center.store.runs import RunLedger

SYSTEM = "system."
SPARK = 8
"""Bars of the course of a metric."""
_POINTS = 48
DUTY = 0.05
"""Share of the time that is spent on reading at most: long curves are read less often."""
_AT_ONCE = 64
"""Runs that are read at one go, so that what runs now does not wait for all that ever did."""


class Reading(Struct, frozen=True):
    """The figure that stands for a run: the one that counts, or the first it tells until then."""

    metric: str = ""
    value: float | None = None
    step: float | None = None
    trend: tuple[float, ...] = ()
    """Means of up to SPARK stretches, oldest first; of the first metric that has a course, where
    it has none."""


class RunMeters:
    """Reads again only what may have changed. Owns a connection; close it."""

    def __init__(self, ledger: Path) -> None:
        self._path = ledger
        self._ledger: RunLedger | None = None
        self._is_busy = False
        self._next_at = 0.0
        self._final: dict[str, tuple[int, float]] = {}
        """Attempts of which everything is known, by the run, and when each ended."""
        self.readings: dict[str, Reading] = {}

    async def read(self, runs: Iterable[Run]) -> bool:
        """Whether anything is new. Raises LogError."""
        due = sorted(filter(self._is_due, runs), key=_place)[:_AT_ONCE]
        began = time.monotonic()
        if not due or self._is_busy or began < self._next_at:
            return False
        self._is_busy = True
        try:
            found = await asyncio.to_thread(self._read, due)
        finally:
            ended = time.monotonic()
            self._is_busy, self._next_at = False, ended + (ended - began) / DUTY
        news = {name: each for name, each in found.items() if self.readings.get(name) != each}
        self._final |= {run.id: (run.attempt, run.ended_at) for run in due if run.life.is_over}
        # A new object: whoever compares must see that it differs.
        self.readings = {**self.readings, **news} if news else self.readings
        return bool(news)

    def close(self) -> None:
        if self._ledger is not None and not self._is_busy:
            self._ledger.close()
            self._ledger = None

    def _is_due(self, run: Run) -> bool:
        if run.life in (RunLife.QUEUED, RunLife.STARTING) or not run.attempt:
            return False
        return not run.life.is_over or self._final.get(run.id) != (run.attempt, run.ended_at)

    def _read(self, runs: list[Run]) -> dict[str, Reading]:
        from command_center.store.runs import RunLedger

        ledger = self._ledger = self._ledger or RunLedger(self._path)
        return {run.id: _reading(ledger, run) for run in runs}


def _place(run: Run) -> tuple[bool, int]:
    return run.life.is_over, -run.number


def _reading(ledger: "RunLedger", run: Run) -> Reading:
    """Raises LogError."""
    counts = ledger.counts(run.id)
    metric, *others = plotted(run, counts) or [""]
    if run.order.metric in counts:
        metric, others = run.order.metric, [metric, *others]
    points = ledger.curve(run.id, metric, _POINTS) if metric else []
    if not points:
        return Reading()
    course = points
    if len(points) == 1 and others and counts[others[0]] > 1:
        course = ledger.curve(run.id, others[0], _POINTS)
    trend = [point.value for point in course if point.value is not None]
    return Reading(metric, points[-1].value, course[-1].step, means(trend, SPARK))


def means(values: Sequence[float], count: int) -> tuple[float, ...]:
    """Those of `count` stretches of equal length, or the values where they are no more."""
    count = min(count, len(values))
    ends = [round(stretch * len(values) / count) for stretch in range(count + 1)] if count else []
    return tuple(sum(values[a:b]) / (b - a) for a, b in pairwise(ends))


def plotted(run: Run, counts: Mapping[str, int]) -> list[str]:
    """The metrics that say how the work goes: those with a course before those told once, and of
    them the one that counts first."""
    told = [name for name in counts if name != STEP and not name.startswith(SYSTEM)]
    return sorted(told, key=lambda name: (counts[name] < 2, name != run.order.metric))
