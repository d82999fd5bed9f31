"""Starts runs that have their lease, reads what they tell, and sees to their end."""

import asyncio
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from command_center.domain import events as ev, run_events as rev
from command_center.domain.errors import CommandCenterError, ExecutorBusy, ExecutorError
from command_center.domain.runs import Contention, Run, RunLife, RunOrder
from command_center.domain.verdicts import how_it_ended
from command_center.drivers.executors import LOCAL, WORK, Ending, JobState, JobStatus, log_of
from command_center.engine.core import Engine
from command_center.engine.figures import Figures
from command_center.engine.jobs import job_of, tail_of
from command_center.engine.lessor import Lessor
from command_center.engine.results import told
from command_center.store.doorbell import Doorbell
from command_center.store.runs import write_figures

POLL_SECONDS = 0.1
"""From one look at processes to the next where no end rings: what a lease may lie unused."""
HEARD_SECONDS = 0.25
"""The same where it does; then only what is printed and what was killed has to be looked for."""
TIDY_SECONDS = 0.5
"""After an end: the next run goes first."""
IDLE_SECONDS = 1.0
LEASE_SECONDS = 2.0
AGAIN_SECONDS = 5.0
"""Until a cluster is asked again that did not take a run."""
_RETRIED = (RunLife.CRASHED, RunLife.LOST)


class Runner:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lessor = Lessor(engine)
        self._figures = Figures(engine)
        self._busy: set[str] = set()
        """Runs that are being started or ended just now."""
        self._again_at: dict[str, float] = {}
        """When to turn once more to a cluster that did not take or end them."""
        self._looking: set[str] = set()
        """Clusters that have been asked and have not answered yet."""
        self._news = asyncio.Event()
        self._bell = Doorbell(self._news.set)
        """Rings when a run on this machine has written how it ended."""
        self._is_heard = True

    def take_up(self) -> None:
        """After a restart: the log says what was decided, the executors what became of it."""
        for run in self._engine.fleet.runs.values():
            if run.life.holds_lease:
                self.follow(run.id)
                if run.handle:
                    self._listen(run, run.handle)
            for number in range(1, run.attempt + (not run.life.holds_lease)):
                attempt = replace(run, attempt=number)
                if (self._folder(attempt) / WORK).exists():
                    self._engine.later(self._clear(attempt))

    def tick(self) -> None:
        for run in self._lessor.tick():
            self.follow(run.id)

    def has_room(self, order: RunOrder) -> bool:
        """Whether a run would get its lease if it were queued now."""
        return self._lessor.has_room(order)

    def follow(self, identity: str) -> None:
        """Do for a run what has been decided about it."""
        run = self._engine.fleet.runs[identity]
        if run.id in self._busy or not run.life.holds_lease:
            return
        if time.monotonic() < self._again_at.get(run.id, 0.0):
            return
        self._again_at.pop(run.id, None)
        if not run.handle:
            self._busy.add(run.id)
            self._engine.later(self._start(run))
        elif run.life is RunLife.ENDING:
            self._engine.later(self._cancel(run))

    async def watch(self) -> None:
        """Look when a run has ended, and again and again in any case."""
        loop = asyncio.get_running_loop()
        while True:
            self._news.clear()
            await self.look()
            # On the beat of the other looks.
            pause = self._pause()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause - loop.time() % pause):
                    await self._news.wait()

    def _pause(self) -> float:
        live = [run for run in self._held() if run.handle]
        if not live:
            return IDLE_SECONDS
        is_heard = self._is_heard and all(run.order.executor == LOCAL for run in live)
        return HEARD_SECONDS if is_heard else POLL_SECONDS

    def _listen(self, run: Run, handle: str) -> None:
        if run.order.executor == LOCAL:
            self._is_heard = self._bell.listen(handle) and self._is_heard
            self._news.set()

    async def look(self) -> None:
        """See how each run stands, and take in what it has told."""
        by_executor: defaultdict[str, list[Run]] = defaultdict(list)
        for run in self._held():
            if run.handle and run.id not in self._busy:
                by_executor[run.order.executor].append(run)
        for run in self._held():
            if run.id in self._again_at:
                self.follow(run.id)
        for name, runs in by_executor.items():
            if name == LOCAL:
                await self._look_at(name, runs)
            elif name not in self._looking:
                # A cluster may take its time, and then the others shall not wait.
                self._looking.add(name)
                self._engine.later(self._look_at(name, runs))

    async def _look_at(self, name: str, runs: list[Run]) -> None:
        try:
            statuses = await self._lessor.executor(name).poll([run.handle for run in runs])
            for run in runs:
                now = self._engine.fleet.runs[run.id]
                if now.handle == run.handle and (status := statuses.get(run.handle)) is not None:
                    await self._see(now, status)
        except (CommandCenterError, OSError) as error:
            self._engine.notice_once(f"runs on '{name}' cannot be looked at: {error}")
            for run in runs:
                self._say_waits(run, f"as last seen: {error}")
        finally:
            self._looking.discard(name)

    def _say_waits(self, run: Run, reason: str) -> None:
        run = self._engine.fleet.runs[run.id]
        if run.life in (RunLife.STARTING, RunLife.RUNNING) and run.reason != reason:
            self._engine.record(rev.RunWaits(run.id, reason))

    async def look_at_leases(self) -> None:
        await self._lessor.look()

    def close(self) -> None:
        self._bell.close()
        self._figures.close()

    def _held(self) -> list[Run]:
        return [run for run in self._engine.fleet.runs.values() if run.life.holds_lease]

    async def _start(self, run: Run) -> None:
        engine = self._engine
        try:
            executor = self._lessor.executor(run.order.executor)
            handle = await executor.submit(job_of(self._engine, run))
        except ExecutorError as error:
            self._try_again(run, error)
        except (CommandCenterError, OSError) as error:
            self._end_unstarted(run, error)
        else:
            is_local = run.order.executor == LOCAL
            engine.record((rev.RunStarted if is_local else rev.RunSubmitted)(run.id, handle))
            self._listen(run, handle)
        finally:
            self._busy.discard(run.id)
            engine.changed.set()
        self.follow(run.id)

    def _try_again(self, run: Run, error: ExecutorError) -> None:
        was_cancelled = self._engine.fleet.runs[run.id].life is RunLife.ENDING
        if was_cancelled and isinstance(error, ExecutorBusy):
            self._end_unstarted(run, error)
            return
        # Where nobody answered, it may be there: only the next answer tells.
        self._again_at[run.id] = time.monotonic() + AGAIN_SECONDS
        self._say_waits(run, str(error))

    def _end_unstarted(self, run: Run, error: Exception) -> None:
        was_cancelled = self._engine.fleet.runs[run.id].life is RunLife.ENDING
        life = RunLife.CANCELLED if was_cancelled else RunLife.CRASHED
        ended = rev.RunEnded(run.id, life, str(error))
        self._engine.record(ended, *told(self._engine, run, life, {}))

    async def _cancel(self, run: Run, how: Ending = Ending.CANCEL) -> None:
        try:
            await self._lessor.executor(run.order.executor).cancel(run.handle, how)
        except (CommandCenterError, OSError) as error:
            self._again_at[run.id] = time.monotonic() + AGAIN_SECONDS
            self._engine.notice_once(f"{run.id} cannot be ended yet: {error}")

    async def _see(self, run: Run, status: JobStatus) -> None:
        executor = self._lessor.executor(run.order.executor)
        if status.state in (JobState.ENDED, JobState.LOST):
            await self._figures.read_to_end(run, executor)
            await self._end(run, status)
            return
        if status.state is JobState.RUNNING:
            if not run.started_at:
                self._engine.record(rev.RunStarted(run.id, run.handle, status.node))
            step = await self._figures.read(run, executor, status)
            if run.order.ration.steps and step >= run.order.ration.steps:
                await self._end_for_steps(run)
        self._say_waits(run, status.reason)

    async def _end_for_steps(self, run: Run) -> None:
        if run.life is RunLife.RUNNING:
            reason = f"reached step {run.order.ration.steps}"
            self._engine.record(rev.RunEndIntended(run.id, RunLife.TIMED_OUT, reason))
            await self._cancel(run, Ending.STEPS)

    async def _end(self, run: Run, status: JobStatus) -> None:
        engine = self._engine
        if status.wall_s and not run.started_at:
            engine.record(rev.RunStarted(run.id, run.handle, status.node))
        run = engine.fleet.runs[run.id]
        if status.state is JobState.LOST:
            was_cancelled = run.life is RunLife.ENDING
            life = RunLife.CANCELLED if was_cancelled else RunLife.LOST
            reason = status.reason
        else:
            tail = await asyncio.to_thread(tail_of, log_of(self._folder(run)))
            life, reason = how_it_ended(run.order, status.ended_by, status.exit_code, tail)
        self._bell.forget(run.handle)
        figures = self._figures.last(run)
        ended = rev.RunEnded(
            run.id, life, reason, status.exit_code, figures, self._contention(run, status)
        )
        if life in _RETRIED and run.attempt <= run.order.retries:
            again = f"{reason}; attempt {run.attempt + 1} of {run.order.retries + 1}"
            engine.record(ended, rev.RunRequeued(run.id, again))
        else:
            engine.record(ended, *told(engine, run, life, figures))
        engine.later(self._clear(run))

    def _contention(self, run: Run, status: JobStatus) -> Contention | None:
        found, now = status.contention, self._engine.clock()
        if found is None:
            return None
        length = max(now - run.started_at, 1e-6)
        shared = 0.0
        for other in self._engine.fleet.runs.values():
            if other.id != run.id and other.started_at and _is_here(run) and _is_here(other):
                end = other.ended_at or (now if other.life.holds_lease else 0.0)
                shared += max(0.0, end - max(other.started_at, run.started_at))
        return Contention(shared / length, found.cpu_pressure, found.steal, found.clock)

    async def _clear(self, run: Run) -> None:
        await asyncio.sleep(TIDY_SECONDS)
        try:
            await asyncio.to_thread(
                write_figures, self._engine.places.ledger, run.id, run.attempt, self._folder(run)
            )
            await self._lessor.executor(run.order.executor).clear(job_of(self._engine, run))
        except (CommandCenterError, OSError) as error:
            text = f"{run.id}: what it left could not be put in order: {error}"
            self._engine.record(ev.Noticed(text, is_problem=True))

    def _folder(self, run: Run) -> Path:
        return self._engine.places.run(run.id, run.attempt)


def _is_here(run: Run) -> bool:
    return run.order.executor == LOCAL
