"""Runs on a Slurm cluster: one job each, whose output file is all that comes back.

A job carries the name of its attempt, which nothing else has, and waits while another of the
same name is there: so what was submitted twice, because the controller took a job without saying
so, can be found and never runs at the same time.
"""

import asyncio
import math
import os
import secrets
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from command_center.domain.errors import ExecutorError, LaunchError
from command_center.domain.strict import decode_toml_table
from command_center.drivers.executors import (
    MOST_BYTES,
    OUTPUTS,
    Capacity,
    Ending,
    Job,
    JobState,
    JobStatus,
    log_part,
)
from command_center.drivers.executors.bundle import commits_kept, packed
from command_center.drivers.executors.channel import Heard, hear, heard, status_of
from command_center.drivers.executors.slurm_commands import Commands, Row
from command_center.drivers.executors.slurm_job import (
    EMBEDDED_BYTES,
    SlurmSettings,
    Submitted,
    name_of,
    remember,
    script_of,
    submitted,
    where,
    words_of,
)
from command_center.drivers.executors.slurm_words import ENDED_BY, LOST, state_of, why_pending

HOW = "asked-to-end"
HEAR_SECONDS = 1.0
"""From one look into output files to the next."""
SILENCE_SECONDS = 2.0
"""In which nobody is asked again on behalf of the next run in line."""
SETTLE_SECONDS = 30.0
"""In which the last of an output file arrives after its job is gone, where disks are shared."""
_UNHEARD = JobStatus(JobState.LOST)


class SlurmExecutor:
    def __init__(self, name: str, table: Mapping[str, object]) -> None:
        """Raises SpecError."""
        place = f"config.toml: [executors.{name}]"
        self._settings = decode_toml_table(dict(table), SlurmSettings, place)
        self._commands = Commands(name, self._settings.timeout_s)
        self._turn = asyncio.Lock()
        self._silence: tuple[float, ExecutorError | None] = -math.inf, None
        """When and how the last submission failed that those behind it need not wait for too."""
        self._asked_at = self._heard_at = -math.inf
        self._rows: dict[str, list[Row]] = {}
        """Of the last look, by the job's name."""
        self._gone_since: dict[str, float] = {}
        """When a job was first missed whose end was not told."""

    async def submit(self, job: Job) -> str:
        folder = Path(job.folder)
        # One after the other, in the order of their leases.
        async with self._turn:
            known = submitted(folder)
            if known is None or not known.job:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                (folder / OUTPUTS).mkdir(exist_ok=True)
                await self._submit_in_turn(job, folder, known)
        return job.folder

    async def poll(self, handles: Sequence[str]) -> dict[str, JobStatus]:
        now = time.monotonic()
        if now - self._heard_at < HEAR_SECONDS:
            return {}
        self._heard_at = now
        known = {handle: submitted(Path(handle)) for handle in handles}
        jobs = {handle: job for handle, job in known.items() if job is not None}
        told = await asyncio.to_thread(self._hear_all, jobs)
        ended = [handle for handle in jobs if self._is_sure(Path(handle), told[handle])]
        found = {h: self._as_asked(Path(h), status_of(told[h]) or _UNHEARD) for h in ended}
        rest = [handle for handle in jobs if handle not in found]
        if not rest or found or not await self._look(now):
            return found
        return {h: await self._status(Path(h), jobs[h], told[h]) for h in rest}

    async def cancel(self, handle: str, how: Ending = Ending.CANCEL) -> None:
        folder = Path(handle)
        if not (folder / HOW).exists():
            (folder / HOW).write_text(how)
        if (known := submitted(folder)) is not None and known.job:
            await self._commands.end(known.job)

    async def logs(self, handle: str, offset: int = 0) -> bytes:
        return log_part(Path(handle), offset)

    async def clear(self, job: Job) -> None:
        folder = Path(job.folder)
        await commits_kept(job)
        if (known := submitted(folder)) is not None:
            for file in (self._said(folder, known), self._load(folder, known)):
                file.unlink(missing_ok=True)

    async def capacity(self) -> Capacity:
        cpus, gpus = await self._commands.nodes(*self._where())
        return Capacity(cpus, gpus, most_runs=self._settings.most, queues_itself=True)

    async def _submit_in_turn(self, job: Job, folder: Path, known: Submitted | None) -> None:
        at, error = self._silence
        if known is None and error is not None and time.monotonic() - at < SILENCE_SECONDS:
            raise error
        try:
            await self._submit(job, folder, known)
        except ExecutorError as silence:
            self._silence = time.monotonic(), silence
            raise

    async def _submit(self, job: Job, folder: Path, known: Submitted | None) -> None:
        if known is not None and (number := await self._find(folder, known)):
            remember(folder, replace(known, job=number))
            return
        if known is None:
            known = Submitted(name_of(job), secrets.token_hex(8))
        script = await self._script(job, folder, known)
        remember(folder, known)
        said = await self._commands.say("sbatch", *self._words(job, folder, known), str(script))
        number = said.stdout.strip().partition(";")[0]
        if said.code or not said.in_time or not number.isdigit():
            number = await self._find(folder, known) if said.is_silence else ""
            if not number and said.is_full:
                raise self._commands.fullness(said)
            if not number and said.is_silence:
                raise self._commands.silence(said)
        if not number:
            raise LaunchError(f"sbatch: {said.complaint}")
        remember(folder, replace(known, job=number))

    async def _find(self, folder: Path, known: Submitted) -> str:
        """The number of the job with this name; of several the first, and the others go."""
        rows = await self._commands.queue(f"--name={known.name}")
        numbers = sorted((row.job for row in rows), key=int)
        for extra in numbers[1:]:
            await self._commands.end(extra)
        if numbers:
            return numbers[0]
        # It may have ended so long ago that the controller has forgotten it.
        told = self._hear(folder, known)
        return told.start.job if told.start else ""

    async def _script(self, job: Job, folder: Path, known: Submitted) -> Path:
        """Raises GitError, OSError."""
        body = await packed(job, known.key, has_gpus=job.demand.gpus > 0)
        load = self._load(folder, known)
        load.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_embedded = len(body) <= EMBEDDED_BYTES
        if not is_embedded:
            load.write_bytes(body)
        script = folder / "job.sh"
        script.write_text(script_of(self._settings, body if is_embedded else load))
        return script

    def _words(self, job: Job, folder: Path, known: Submitted) -> Iterable[str]:
        return words_of(job, self._settings, known.name, self._said(folder, known))

    def _where(self) -> tuple[str, ...]:
        return where(self._settings)

    def _said(self, folder: Path, known: Submitted) -> Path:
        shared = self._settings.folder
        return Path(shared) / f"{known.name}.out" if shared else folder / "job.out"

    def _load(self, folder: Path, known: Submitted) -> Path:
        return self._said(folder, known).with_suffix(".pyz")

    def _hear_all(self, jobs: Mapping[str, Submitted]) -> dict[str, Heard]:
        return {handle: self._hear(Path(handle), known) for handle, known in jobs.items()}

    def _hear(self, folder: Path, known: Submitted) -> Heard:
        told = heard(folder)
        while True:
            try:
                with self._said(folder, known).open("rb") as file:
                    file.seek(told.offset)
                    said = file.read(4 * MOST_BYTES)
            except FileNotFoundError:
                return told
            before, told = told, hear(folder, known.key, said)
            if told.offset == before.offset:
                return told

    def _is_sure(self, folder: Path, told: Heard) -> bool:
        """Whether its own word is enough. The cluster cancels what it puts back or cuts off too."""
        was_cancelled = told.end is not None and told.end.ended_by is Ending.CANCEL
        return told.end is not None and (not was_cancelled or (folder / HOW).exists())

    async def _look(self, now: float) -> bool:
        """Whether the controller was asked just now. Raises ExecutorUnreachable."""
        if now - self._asked_at < self._settings.poll_s:
            return False
        self._asked_at = now
        rows = defaultdict[str, list[Row]](list)
        for row in await self._commands.queue(f"--user={os.getuid()}"):
            rows[row.name].append(row)
        self._rows = rows
        return True

    def _row(self, known: Submitted) -> Row | None:
        return next((r for r in self._rows.get(known.name, ()) if r.job == known.job), None)

    async def _status(self, folder: Path, known: Submitted, told: Heard) -> JobStatus:
        for other in self._rows.get(known.name, ()):
            if other.job != known.job and state_of(other.state) in (
                JobState.PENDING,
                JobState.RUNNING,
            ):
                await self._commands.end(other.job)
        row = self._row(known)
        if row is not None and state_of(row.state) is JobState.PENDING:
            return JobStatus(JobState.PENDING, why_pending(row.reason))
        if row is not None and state_of(row.state) is JobState.RUNNING:
            reason = "" if row.state in ("RUNNING", "COMPLETING") else f"is {row.state.lower()}"
            # What was put back may not have begun anew; its first end is none.
            running = status_of(replace(told, end=None)) or JobStatus(JobState.RUNNING)
            wall = running.wall_s or row.elapsed_s
            return replace(running, node=row.node, reason=reason, wall_s=wall)
        return await self._gone(folder, known, told, row)

    async def _gone(
        self, folder: Path, known: Submitted, told: Heard, row: Row | None
    ) -> JobStatus:
        """How a job stands that is no longer there and has not said for sure how it ended."""
        state = row.state if row else await self._commands.past(known.job)
        since = self._gone_since.setdefault(known.job, time.monotonic())
        node = told.start.node if told.start else ""
        if time.monotonic() - since < self._settle(told, state):
            is_begun = told.start is not None
            waits = JobState.RUNNING if is_begun else JobState.PENDING
            return JobStatus(waits, "waits for its last words", node, wall_s=told.now.wall_s)
        self._gone_since.pop(known.job, None)
        if told.end is not None:
            return _cut_off(told, state)
        ended_by = ENDED_BY.get(state)
        if ended_by is None or (ended_by is Ending.ITSELF and state == "COMPLETED"):
            why = LOST.get(state, "it is gone, and did not say how it ended")
            return JobStatus(JobState.LOST, why, node)
        code = await self._commands.exit_code(known.job) if row else None
        status = JobStatus(JobState.ENDED, node=node, exit_code=code, ended_by=ended_by)
        wall = told.now.wall_s
        return self._as_asked(folder, replace(status, wall_s=wall))

    def _settle(self, told: Heard, state: str) -> float:
        """Seconds to wait for the last words of a job that is gone."""
        # One that says it was cancelled and then completed was put back, and has more to say.
        has_said = told.start is None or told.end is not None
        if state in LOST or (state == "CANCELLED" and has_said):
            return 0.0
        return SETTLE_SECONDS if self._settings.folder else 2 * HEAR_SECONDS

    def _as_asked(self, folder: Path, status: JobStatus) -> JobStatus:
        """The cluster ends a job in one way only; why we asked for it is our own to know."""
        if status.ended_by is Ending.CANCEL and (folder / HOW).exists():
            return replace(status, ended_by=Ending((folder / HOW).read_text()))
        return status


def _cut_off(told: Heard, state: str) -> JobStatus:
    """How a job ended that was told to, though not by us."""
    status, ended_by = status_of(told) or _UNHEARD, ENDED_BY.get(state)
    if ended_by is None:
        why = LOST.get(state, "the cluster ended it, and does not know it any more")
        return replace(status, state=JobState.LOST, reason=why)
    return replace(status, ended_by=Ending.CANCEL if ended_by is Ending.ITSELF else ended_by)
