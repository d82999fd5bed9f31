"""Slurm's own programs, by argv and with a deadline; what their answers mean."""

import asyncio
import contextlib
import os
import re
import signal

from msgspec import Struct

from command_center.domain.errors import ExecutorBusy, ExecutorUnreachable, LaunchError
from command_center.domain.leases import Gpu
from command_center.domain.text import one_line
from command_center.drivers.waiting import started

# What its programs say when the controller gave no answer, whatever they were asked.
_SILENT = re.compile(
    r"Unable to contact slurm controller|Socket timed out|Connection refused|Connection timed out"
    r"|Zero Bytes were transmitted|Communication connection failure|Transport endpoint"
    r"|controller not responding|No route to host|controller .*in standby|Message receive failure"
    r"|Send/recv operation|Resource temporarily unavailable.*contact|munge|Munge",
)
_FULL = re.compile(
    r"temporarily unable to accept|submit ?limit|SubmitJobLimit|SubmitJobPer|MaxSubmit"
    r"|[Mm]ax(?:imum)? job count",
    re.IGNORECASE,
)
_QUEUE = "%A|%T|%N|%M|%j|%r"
_GPU = re.compile(r"\bgpu(?::[^:,(\s]+)?:(\d+)")


class Said(Struct, frozen=True):
    code: int
    stdout: str
    stderr: str
    in_time: bool = True

    @property
    def complaint(self) -> str:
        lines = [re.sub(r"^\w+: (error: )?", "", line) for line in self.stderr.splitlines()]
        return one_line("; ".join(line for line in lines if line), 300) or f"status {self.code}"

    @property
    def is_silence(self) -> bool:
        return not self.in_time or (self.code != 0 and bool(_SILENT.search(self.stderr)))

    @property
    def is_full(self) -> bool:
        return (self.code != 0 or not self.in_time) and bool(_FULL.search(self.stderr))


class Row(Struct, frozen=True):
    """A job as the controller knows it."""

    job: str
    state: str
    node: str
    elapsed_s: float
    name: str
    reason: str


class Commands:
    """What one cluster is asked."""

    def __init__(self, name: str, timeout_s: float) -> None:
        self._name = name
        self._timeout_s = timeout_s

    async def ask(self, *argv: str) -> str:
        """Standard output. Raises ExecutorUnreachable, LaunchError."""
        said = await self.say(*argv)
        if said.is_silence:
            raise self.silence(said)
        if said.code:
            raise LaunchError(f"{self._name}: {argv[0]}: {said.complaint}")
        return said.stdout

    def silence(self, said: Said) -> ExecutorUnreachable:
        why = said.complaint if said.in_time else f"no answer within {self._timeout_s:g} s"
        return ExecutorUnreachable(f"the Slurm of '{self._name}' does not answer: {why}")

    def fullness(self, said: Said) -> ExecutorBusy:
        return ExecutorBusy(f"the queue of '{self._name}' is full: {said.complaint}")

    async def say(self, *argv: str) -> Said:
        """Raises LaunchError when there is no such program."""
        try:
            process = await started(
                asyncio.create_subprocess_exec(
                    *argv,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.PIPE,
                    start_new_session=True,
                )
            )
        except OSError as error:
            raise LaunchError(
                f"{self._name}: {argv[0]}: {error.strerror}; the programs of Slurm have to be "
                "installed here"
            ) from error
        reading = asyncio.create_task(process.communicate())
        done, _ = await asyncio.wait([reading], timeout=self._timeout_s)
        if not done:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        out, err = await reading
        out_text, err_text = (text.decode("utf-8", "replace") for text in (out, err))
        return Said(process.returncode or 0, out_text, err_text, bool(done))

    async def end(self, job: str) -> None:
        """Raises ExecutorUnreachable; no error for one that has ended."""
        said = await self.say("scancel", "--quiet", job)
        if said.is_silence:
            raise self.silence(said)

    async def queue(self, *words: str) -> list[Row]:
        """The jobs that the controller still knows, ended ones too. Raises as `ask` does."""
        asked = ("squeue", "--noheader", "--states=all", f"--format={_QUEUE}", *words)
        lines = (await self.ask(*asked)).splitlines()
        rows = (line.split("|", 5) for line in lines)
        return [
            Row(job, state, node, _seconds(elapsed), name, reason)
            for job, state, node, elapsed, name, reason in (r for r in rows if len(r) == 6)
        ]

    async def exit_code(self, job: str) -> int | None:
        """None where nobody knows it any more. Raises as `ask` does."""
        said = await self.say("scontrol", "show", "job", "--oneliner", job)
        found = re.search(r"\bExitCode=(\d+):(\d+)", said.stdout)
        if found is None:
            return None
        return -int(found[2]) if found[2] != "0" else int(found[1])

    async def past(self, job: str) -> str:
        """Its last state from the accounting, where there is one; else nothing."""
        asked = ("sacct", "--noheader", "--allocations", "--parsable2", "--format=State")
        try:
            said = await self.say(*asked, f"--jobs={job}")
        except LaunchError:
            return ""
        return said.stdout.split()[0] if said.stdout.split() and not said.code else ""

    async def nodes(self, *words: str) -> tuple[int, tuple[Gpu, ...]]:
        """CPUs and GPUs of all nodes that could ever take a job. Raises as `ask` does."""
        listed = await self.ask("sinfo", "--noheader", "--Node", "--format=%N|%c|%G|%T", *words)
        rows = {row[0]: row for line in listed.splitlines() if len(row := line.split("|")) == 4}
        up = [row for row in rows.values() if not row[3].startswith(("down", "fail", "unknown"))]
        gpus = tuple(
            Gpu(f"{name}:{number}")
            for name, _, gres, _ in up
            for number in range(sum(map(int, _GPU.findall(gres))))
        )
        return sum(int(row[1]) for row in up), gpus


def _seconds(elapsed: str) -> float:
    """`1-02:03:04`, `03:04`; 0 for what is no time."""
    days, _, rest = elapsed.rpartition("-")
    parts = [*(days or "0").split(), *["0", "0", *rest.split(":")][-3:]]
    if not all(part.isdigit() for part in parts):
        return 0.0
    day, hours, minutes, seconds = map(int, parts)
    return float(((day * 24 + hours) * 60 + minutes) * 60 + seconds)
