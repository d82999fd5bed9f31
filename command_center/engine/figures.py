"""Reads what runs print as it grows, and takes their figures down in the ledger."""

import asyncio
import time
from pathlib import Path

from command_center.domain.errors import CommandCenterError
from command_center.domain.machine import gpu_use
from command_center.domain.metrics import Point, points
from command_center.domain.runs import KEPT_FIGURES, Run
from command_center.drivers.event_files import event_files, read_events
from command_center.drivers.executors import MOST_BYTES, WORK, Executor, JobStatus
from command_center.engine.core import Engine
from command_center.store.runs import Position, RunLedger

READ_SECONDS = 0.5
SYSTEM_SECONDS = 2.0
SEARCH_SECONDS = 5.0
FRESH_SECONDS = 5.0
"""How old a sample of the machine may be to be a run's figure."""
LOG = "log"
SYSTEM = "system"
GIB = 1 << 30


class Figures:
    """Owns the writing side of the ledger."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ledger = RunLedger(engine.places.ledger, is_writer=True)
        self._read_at: dict[str, float] = {}
        self._searched_at: dict[str, float] = {}
        self._files: dict[str, list[Path]] = {}
        """TensorBoard's event files of each run, as they were last found."""
        self._used: dict[str, tuple[float, float]] = {}
        """When a run's process figures were last taken down, and its CPU seconds then."""

    def close(self) -> None:
        self._ledger.close()

    def last(self, run: Run) -> dict[str, float | None]:
        """The last value of each metric, that which counts for sure."""
        every = self._ledger.figures(run.id, run.attempt)
        kept = dict(list(every.items())[-KEPT_FIGURES:])
        counts = run.order.metric
        return {counts: every[counts], **kept} if counts in every else kept

    async def read(self, run: Run, executor: Executor, status: JobStatus) -> float:
        """Take in what is new, at most twice a second; the last step, where that is limited."""
        now = time.monotonic()
        if now - self._read_at.get(run.id, 0.0) >= READ_SECONDS:
            self._read_at[run.id] = now
            await self._read(run, executor, is_whole=False)
            await self._read_event_files(run, now)
            self._take_down_use(run, status, now)
            if run.order.ration.steps:
                return self._ledger.last_step(run.id, run.attempt)
        return 0.0

    async def read_to_end(self, run: Run, executor: Executor) -> None:
        self._read_at.pop(run.id, None)
        self._used.pop(run.id, None)
        self._searched_at.pop(run.id, None)
        has_more = True
        while has_more:
            has_more = await self._read(run, executor, is_whole=True)
            # What is long is not read at one go: others wait for this loop too.
            await asyncio.sleep(0)
        while await self._read_event_files(run, time.monotonic()):
            continue
        self._files.pop(run.id, None)
        self._searched_at.pop(run.id, None)

    async def _read(self, run: Run, executor: Executor, *, is_whole: bool) -> bool:
        """Whether there was anything new. `is_whole` takes a last line without its end too."""
        position = self._ledger.position(run.id, run.attempt, LOG)
        try:
            chunk = await executor.logs(run.handle, position.offset)
        except (CommandCenterError, OSError) as error:
            self._engine.notice_once(f"{run.id}: its log cannot be read: {error}")
            return False
        # Progress bars end their lines with a return alone.
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r")) + 1
        if not end and (is_whole or len(chunk) >= MOST_BYTES):
            end = len(chunk)
        if not end:
            return False
        lines = chunk[:end].decode("utf-8", "replace").replace("\r", "\n").split("\n")
        found, step = points(lines, position.step, self._engine.clock())
        self._ledger.record(run.id, run.attempt, LOG, found, Position(position.offset + end, step))
        return True

    async def _read_event_files(self, run: Run, now: float) -> bool:
        """Whether there was anything new in them."""
        folder, has_news = self._engine.places.run(run.id, run.attempt), False
        if now - self._searched_at.get(run.id, -SEARCH_SECONDS) >= SEARCH_SECONDS:
            self._searched_at[run.id] = now
            places = (folder / WORK, folder / "outputs")
            self._files[run.id] = await asyncio.to_thread(event_files, *places)
        for file in self._files.get(run.id, []):
            source = str(file.relative_to(folder))
            before = self._ledger.position(run.id, run.attempt, source)
            try:
                found, end = await asyncio.to_thread(read_events, file, before.offset)
            except OSError as error:
                self._engine.notice_once(f"{run.id}: {file.name}: {error.strerror}")
                continue
            if end > before.offset:
                has_news = True
                steps = (point.step for point in found if point.step is not None)
                position = Position(end, max(steps, default=before.step))
                self._ledger.record(run.id, run.attempt, source, found, position)
        return has_news

    def _take_down_use(self, run: Run, status: JobStatus, now: float) -> None:
        at, before = self._used.get(run.id, (0.0, 0.0))
        if now - at < SYSTEM_SECONDS or not status.wall_s:
            return
        self._used[run.id] = now, status.cpu_s
        found = [Point(f"{SYSTEM}.memory_gib", status.wall_s, status.memory_bytes / GIB)]
        if at:
            cores = max(0.0, status.cpu_s - before) / (now - at)
            found.append(Point(f"{SYSTEM}.cpus", status.wall_s, cores))
        clock = self._engine.clock()
        if (sample := self._engine.sample) and clock - sample.at < FRESH_SECONDS:
            gpus = gpu_use(sample, run.id).items()
            found += [Point(f"{SYSTEM}.{name}", status.wall_s, value) for name, value in gpus]
        told = [Point(p.metric, p.step, p.value, clock) for p in found]
        self._ledger.record(run.id, run.attempt, SYSTEM, told, Position(0, None))
