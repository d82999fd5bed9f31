"""Runs on a Ray cluster: one job each, submitted over HTTP, whose output is all that comes back.

A job is named by its attempt, which nothing else is, and Ray takes a name once only: so what was
submitted without an answer can be found, and never runs twice. What it prints lies on its node as
`minding/node_side.py` leaves it, and is read through the head.
"""

import asyncio
import math
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from command_center.domain.errors import ExecutorError, ExecutorUnreachable, LaunchError
from command_center.domain.leases import Gpu
from command_center.domain.strict import decode_toml_table
from command_center.drivers.executors import (
    Capacity,
    Ending,
    Job,
    JobState,
    JobStatus,
    log_of,
    log_part,
)
from command_center.drivers.executors.bundle import commits_kept
from command_center.drivers.executors.channel import Heard, hear, heard, status_of
from command_center.drivers.executors.ray_api import AT_ONCE, RayApi, RayJob, RayNode
from command_center.drivers.executors.ray_jobs import (
    LOAD,
    RaySettings,
    Submitted,
    package_name,
    prepared,
    submitted,
    token,
)
from command_center.drivers.executors.ray_words import (
    is_start_timeout,
    node_is_gone,
    why_lost,
    why_pending,
)
from command_center.drivers.minding.node_side import SEGMENT

HOW = "asked-to-end"
STOPPED = "told-to-stop"
"""Stands in an attempt's folder once Ray has heard it."""
LOOKS_PER_SECOND = 10
"""At all jobs together."""
AGAIN_SECONDS = 3.0
"""Until a head is asked again that did not answer."""
SETTLE_SECONDS = 15.0
"""In which the last of a job's output can be had after Ray says that it is over."""
UNBEGUN_SECONDS = 2.0
"""The same for one that was told to stop and has not said that it began."""
MOST_AT_A_TIME = 8 << 20


class RayExecutor:
    def __init__(self, name: str, table: Mapping[str, object]) -> None:
        """Raises SpecError."""
        where = f"config.toml: [executors.{name}]"
        self._settings = decode_toml_table(dict(table), RaySettings, where)
        secret = token(self._settings.token_file, where)
        self._api = RayApi(self._settings.address, secret, self._settings.timeout_s)
        self._locks = defaultdict[str, asyncio.Lock](asyncio.Lock)
        self._few = asyncio.Semaphore(AT_ONCE)
        self._next_look = -math.inf
        self._nodes: list[RayNode] = []
        self._over_since: dict[str, float] = {}
        """When Ray first called a job over whose end was not told."""

    async def submit(self, job: Job) -> str:
        folder = Path(job.folder)
        async with self._locks[job.folder]:
            if (known := submitted(folder)) is None:
                known = await prepared(job, folder, self._settings)
            if (folder / LOAD).exists() and await self._api.job(known.name) is None:
                await self._hand_over(folder, known)
        self._locks.pop(job.folder, None)
        return job.folder

    async def poll(self, handles: Sequence[str]) -> dict[str, JobStatus]:
        if (now := time.monotonic()) < self._next_look:
            return {}
        self._next_look = now + max(1.0, len(handles) / LOOKS_PER_SECOND)
        found: dict[str, JobStatus] = {}
        refusals: list[ExecutorError] = []
        silence: list[Exception] = []
        try:
            async with asyncio.TaskGroup() as looks:
                for handle in handles:
                    looks.create_task(self._take_down(handle, found, refusals))
        except* ExecutorUnreachable as errors:
            silence = list(errors.exceptions)
        for error in (*silence, *(refusals if not found else ())):
            self._next_look = time.monotonic() + AGAIN_SECONDS
            raise error
        return found

    async def cancel(self, handle: str, how: Ending = Ending.CANCEL) -> None:
        folder = Path(handle)
        if not (folder / HOW).exists():
            (folder / HOW).write_text(how)
        if (known := submitted(folder)) is not None:
            await self._api.stop(known.name)
        (folder / STOPPED).touch()

    async def logs(self, handle: str, offset: int = 0) -> bytes:
        return log_part(Path(handle), offset)

    async def clear(self, job: Job) -> None:
        folder = Path(job.folder)
        await commits_kept(job)
        (folder / LOAD).unlink(missing_ok=True)

    async def capacity(self) -> Capacity:
        self._nodes = nodes = await self._api.nodes()
        cpus = int(sum(node.resources_total.get("CPU", 0.0) for node in nodes))
        gpus = tuple(
            Gpu(f"{node.node_name or node.node_id[:8]}:{number}")
            for node in nodes
            for number in range(int(node.resources_total.get("GPU", 0.0)))
        )
        most = self._settings.most or cpus + 2
        return Capacity(cpus, gpus, most_runs=most, queues_itself=True)

    async def _hand_over(self, folder: Path, known: Submitted) -> None:
        body = await asyncio.to_thread((folder / LOAD).read_bytes)
        await self._api.upload(package_name(known.name), body)
        await self._api.submit(known.request)

    async def _take_down(
        self, handle: str, found: dict[str, JobStatus], refusals: list[ExecutorError]
    ) -> None:
        """Raises ExecutorUnreachable; then the looks at the others end, too."""
        try:
            async with self._few:
                if (status := await self._look(handle)) is not None:
                    found[handle] = status
        except LaunchError as error:
            found[handle] = JobStatus(JobState.LOST, str(error))
        except ExecutorUnreachable:
            raise
        except ExecutorError as error:
            refusals.append(error)
        except OSError as error:
            refusals.append(ExecutorError(f"{handle}: {error.strerror}"))

    async def _look(self, handle: str) -> JobStatus | None:
        folder = Path(handle)
        if (known := submitted(folder)) is None:
            return None
        if (told := heard(folder)).end is not None:
            return await self._ended(folder, known, told)
        if (job := await self._api.job(known.name)) is None:
            return await self._unknown(folder, known)
        if job.status == "PENDING":
            return self._pending(folder, known)
        told = await self._listen(folder, known, job)
        if told.start is not None:
            (folder / LOAD).unlink(missing_ok=True)
        if told.end is not None:
            return await self._ended(folder, known, told)
        return await self._unended(folder, known, told, job)

    async def _unknown(self, folder: Path, known: Submitted) -> JobStatus:
        """How a job stands of which the cluster knows nothing: its head was started anew."""
        if not (folder / LOAD).exists():
            return JobStatus(JobState.LOST, "the cluster does not know it any more")
        if not (folder / HOW).exists():
            # It had not begun, and so it may.
            await self._hand_over(folder, known)
        return self._pending(folder, known)

    def _pending(self, folder: Path, known: Submitted) -> JobStatus:
        if (folder / STOPPED).exists():
            # When its turn comes, it stops before it does anything else.
            return JobStatus(JobState.ENDED, ended_by=_how(folder))
        return JobStatus(JobState.PENDING, why_pending(known.needs, self._nodes))

    async def _listen(self, folder: Path, known: Submitted, job: RayJob) -> Heard:
        """Take in what it has printed since the last time."""
        told = heard(folder)
        while told.end is None and job.driver_node_id:
            number, start = divmod(told.offset, SEGMENT)
            said, is_full = bytearray(), True
            while is_full and len(said) < MOST_AT_A_TIME:
                name = f"command-center/{known.name}/{number:06d}"
                part = await self._api.file(job.driver_node_id, name) or b""
                said += part[start:]
                number, start, is_full = number + 1, 0, len(part) == SEGMENT
            before = told
            told = await asyncio.to_thread(hear, folder, known.key, bytes(said))
            if not is_full or told.offset == before.offset:
                break
        return told

    async def _ended(self, folder: Path, known: Submitted, told: Heard) -> JobStatus:
        status = status_of(told) or JobStatus(JobState.LOST)
        was_signalled = status.exit_code is not None and status.exit_code < 0
        if (folder / HOW).exists():
            # Ray has one way to end a job; why we asked for it is our own to know. It may have
            # reached the command before whoever minds it.
            is_ours = status.ended_by is Ending.CANCEL or (
                status.ended_by is Ending.ITSELF and was_signalled
            )
            return replace(status, ended_by=_how(folder)) if is_ours else status
        if status.ended_by is Ending.CANCEL:
            job = await self._api.job(known.name)
            if job is not None and node_is_gone(job):
                return replace(status, state=JobState.LOST, reason=why_lost(job))
        return status

    async def _unended(self, folder: Path, known: Submitted, told: Heard, job: RayJob) -> JobStatus:
        """How a job stands whose end was not told."""
        now = status_of(told) or JobStatus(JobState.PENDING, "is being set up on its node")
        if job.status == "RUNNING":
            return now
        if is_start_timeout(job) and not (folder / HOW).exists():
            # Ray gives up on what has waited for a quarter of an hour; we do not.
            await self._api.delete(known.name)
            return await self._unknown(folder, known)
        since = self._over_since.setdefault(known.name, time.monotonic())
        was_there = job.driver_node_id is not None and not node_is_gone(job)
        is_unbegun = told.start is None and (folder / HOW).exists()
        settle = UNBEGUN_SECONDS if is_unbegun else SETTLE_SECONDS
        if was_there and time.monotonic() - since < settle:
            return now
        self._over_since.pop(known.name, None)
        if is_unbegun:
            return JobStatus(JobState.ENDED, ended_by=_how(folder))
        if told.start is None:
            # What kept it from beginning, in full.
            log_of(folder).write_text(f"{job.message or ''}\n", "utf-8", "replace")
        return JobStatus(JobState.LOST, why_lost(job), now.node)


def _how(folder: Path) -> Ending:
    return Ending((folder / HOW).read_text())
