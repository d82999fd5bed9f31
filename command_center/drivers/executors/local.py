"""Runs on this machine: each minded by a process of its own, which outlives the supervisor."""

import asyncio
import fcntl
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from command_center.domain.errors import LaunchError
from command_center.domain.runs import Contention
from command_center.domain.text import one_line
from command_center.drivers.executors import (
    OUTPUTS,
    THREADS,
    WORK,
    Capacity,
    End,
    Ending,
    Gpu,
    Job,
    JobState,
    JobStatus,
    log_part,
)
from command_center.drivers.executors.stragglers import end_stragglers
from command_center.drivers.gpu import Gpus
from command_center.drivers.minder import minder_command
from command_center.drivers.workspaces import Workspaces

READY = "ready"
"""Stands in the attempt's folder once its checkout is whole: from then on it may be in use."""
_VISIBLE = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")


class _Started(Struct, frozen=True):
    minder: int


class _Now(Struct, frozen=True):
    """What it writes meanwhile."""

    wall_s: float
    cpu_s: float
    memory_bytes: int


class LocalExecutor:
    def __init__(self) -> None:
        self._workspaces = Workspaces()
        self._gpus = Gpus(os.environ)

    async def submit(self, job: Job) -> str:
        folder = Path(job.folder)
        if not (folder / "started.json").exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            await self._prepare(job, folder)
            await _start(folder)
        return str(folder)

    async def poll(self, handles: Sequence[str]) -> dict[str, JobStatus]:
        return {handle: await self._status(Path(handle)) for handle in handles}

    async def cancel(self, handle: str, how: Ending = Ending.CANCEL) -> None:
        _put(Path(handle) / "cancel", how.encode())

    async def logs(self, handle: str, offset: int = 0) -> bytes:
        return log_part(Path(handle), offset)

    async def clear(self, job: Job) -> None:
        folder = Path(job.folder)
        if job.repo is not None:
            work, outputs = folder / WORK, folder / OUTPUTS
            await self._workspaces.clear(job.repo, work, job.commit, job.id, outputs)

    async def capacity(self) -> Capacity:
        found = await asyncio.to_thread(self._gpus.read)
        gpus = [Gpu(gpu.id, (gpu.memory_total or 0) / (1 << 30)) for gpu in found]
        return Capacity(_cpus(), tuple(gpus))

    async def _prepare(self, job: Job, folder: Path) -> None:
        place, ready = Path(job.place or "."), folder / READY
        if job.repo is not None:
            place = folder / WORK / place
            if not ready.exists():
                await self._workspaces.make(job.repo, folder / WORK, job.commit)
        if not place.is_dir():
            raise LaunchError(f"{place}: no such folder at {job.commit[:10] or 'this machine'}")
        (folder / OUTPUTS).mkdir(exist_ok=True)
        ration = job.ration
        gpu_wall = ration.gpu_s / len(job.devices.gpus) if job.devices.gpus else 0.0
        walls = [wall for wall in (ration.wall_s, gpu_wall) if wall]
        minded = {
            "id": job.id,
            "argv": job.argv,
            "env": {**os.environ, **_lease(job), **job.env},
            "cwd": str(place),
            "wall_s": min(walls, default=0.0),
            "cpu_s": ration.cpu_s,
            "memory_bytes": int(job.demand.memory_gib * (1 << 30)),
        }
        _put(folder / "job.json", msgspec.json.encode(minded))
        ready.touch()

    async def _status(self, folder: Path) -> JobStatus:
        if (end := _end(folder)) is None and not _is_minded(folder):
            # It may have ended between the two looks.
            end = _end(folder)
            if end is None:
                return await self._lost(folder)
        if end is None:
            return _now(folder)
        return JobStatus(
            JobState.ENDED,
            exit_code=end.exit_code,
            ended_by=end.ended_by,
            wall_s=end.wall_s,
            cpu_s=end.cpu_s,
            peak_bytes=end.peak_bytes,
            contention=Contention(0.0, end.cpu_pressure, end.steal, end.clock),
        )

    async def _lost(self, folder: Path) -> JobStatus:
        ended = await asyncio.to_thread(end_stragglers, str(folder))
        more = f"; {ended} processes of it were ended" if ended else ""
        return JobStatus(JobState.LOST, f"what watched over it was killed{more}")


def _put(file: Path, body: bytes) -> None:
    """Whole or not at all, whoever reads or writes it at the same moment."""
    descriptor, made = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}-")
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(body)
    Path(made).replace(file)


async def _start(folder: Path) -> None:
    """Returns when the command has been started. Raises LaunchError."""
    process = await asyncio.create_subprocess_exec(
        *minder_command(str(folder)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=(said := (folder / "minder.txt").open("wb")),
        start_new_session=True,
    )
    said.close()
    if await process.wait():
        text = one_line((folder / "minder.txt").read_text("utf-8", "replace")[-300:])
        raise LaunchError(f"{folder}: the run could not be started: {text}")


def _lease(job: Job) -> dict[str, str]:
    """What keeps a run to what it was given, as far as libraries listen."""
    folder, cpus = Path(job.folder), str(job.devices.cpus)
    return {
        **dict.fromkeys(THREADS, cpus),
        **dict.fromkeys(_VISIBLE, ",".join(job.devices.gpus)),
        # Else CUDA numbers the fastest first, and a lease would name another device.
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "PYTHONUNBUFFERED": "1",
        "COMMAND_CENTER_RUN": job.id,
        "COMMAND_CENTER_FOLDER": str(folder),
        "COMMAND_CENTER_OUTPUTS": str(folder / OUTPUTS),
    }


def _end(folder: Path) -> End | None:
    try:
        return msgspec.json.decode((folder / "end.json").read_bytes(), type=End)
    except FileNotFoundError:
        return None


def _now(folder: Path) -> JobStatus:
    try:
        now = msgspec.json.decode((folder / "now.json").read_bytes(), type=_Now)
    except FileNotFoundError:
        return JobStatus(JobState.RUNNING)
    return JobStatus(
        JobState.RUNNING, wall_s=now.wall_s, cpu_s=now.cpu_s, memory_bytes=now.memory_bytes
    )


def _is_minded(folder: Path) -> bool:
    """Whether a minder holds its claim."""
    try:
        claim = os.open(folder / "claim", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(claim)
    return False


def _cpus() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def minder_of(handle: str) -> int:
    """The process under which everything of that attempt is; 0 before it has started."""
    try:
        told = msgspec.json.decode((Path(handle) / "started.json").read_bytes(), type=_Started)
    except (FileNotFoundError, msgspec.DecodeError):
        return 0
    return told.minder
