"""What Slurm is told of a run: the words for sbatch, and the script that it carries to a node."""

import base64
import getpass
import hashlib
import math
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from command_center.drivers.executors import Job

STATE = "slurm.json"
"""In an attempt's folder: what is remembered of its job."""
EMBEDDED_BYTES = 2 << 20
"""Of what is written into a job script; slurm.conf(5), max_script_size is 4 MiB by default."""
SPARE_SECONDS = 120.0
"""That the cluster gives more than a run's own limit, to begin and to bring back what it made."""


class SlurmSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[executors.NAME]` with `kind = "slurm"`; see docs/cluster.md."""

    folder: str = ""
    """That this machine and every node see; empty: the runs' own folders are seen there."""
    partition: str = ""
    gres: str = "gpu"
    """What a GPU is called there, such as `gpu:a100`."""
    options: tuple[str, ...] = ()
    """More words for sbatch, such as `--account=lab`."""
    python: str = "python3"
    """On the nodes; 3.9 or newer."""
    setup: str = ""
    """Shell script on the nodes, read before the run begins."""
    scratch: str = ""
    """Folder on the nodes to work in; empty: $TMPDIR or /tmp."""
    most: Annotated[int, Meta(ge=0)] = 100
    """Runs that are handed over at once; the others wait here, where priorities count."""
    requeue: bool = False
    """Whether the cluster may put a run back and start it again, as after the loss of a node."""
    poll_s: Annotated[float, Meta(gt=0)] = 5.0
    timeout_s: Annotated[float, Meta(gt=0)] = 20.0


class Submitted(Struct, frozen=True):
    """What is remembered of a job beside its log; written before it is submitted."""

    name: str
    key: str
    job: str = ""
    """Empty as long as nobody has told its number."""


def words_of(job: Job, settings: SlurmSettings, name: str, said: Path) -> Iterator[str]:
    """Options of sbatch. `said` is the file that gets the output."""
    demand = job.demand
    yield from ("--parsable", f"--job-name={name}", "--dependency=singleton")
    yield f"--comment=Command Center {job.id}"
    # A percent sign stands for something of the job's there.
    yield from (f"--output={str(said).replace('%', '%%')}", "--open-mode=append", "--chdir=/")
    yield "--requeue" if settings.requeue else "--no-requeue"
    # What the user has there after a login, and nothing of ours.
    yield "--export=NONE"
    yield from ("--nodes=1", "--ntasks=1", f"--cpus-per-task={demand.cpus}")
    if demand.memory_gib:
        yield f"--mem={math.ceil(demand.memory_gib * 1024)}"
    if demand.gpus:
        yield f"--gres={settings.gres}:{demand.gpus}"
    if wall := _wall(job):
        yield f"--time={math.ceil((wall + SPARE_SECONDS) / 60)}"
    yield from (*where(settings), *settings.options)


def where(settings: SlurmSettings) -> tuple[str, ...]:
    return (f"--partition={settings.partition}",) if settings.partition else ()


def script_of(settings: SlurmSettings, load: bytes | Path) -> str:
    """`load` is what `bundle.packed` made, or a file with it that the nodes see."""
    scratch = shlex.quote(settings.scratch) if settings.scratch else '"${TMPDIR:-/tmp}"'
    lines = ["#!/bin/sh", "umask 077"]
    if settings.setup:
        lines.append(f". {shlex.quote(settings.setup)}")
    lines.append(f"folder=$(mktemp -d {scratch}/command-center.XXXXXXXX) || exit 1")
    if isinstance(load, Path):
        lines.append(f"load={shlex.quote(str(load))}")
    else:
        lines.append("base64 -d >\"$folder/job.pyz\" <<'END'")
        lines += [base64.encodebytes(load).decode().rstrip(), "END", 'load="$folder/job.pyz"']
    # In place of the shell: the cluster's signals reach whoever carries the run out.
    lines.append(f'exec {shlex.quote(settings.python)} -I -S "$load" "$folder"')
    return "\n".join([*lines, ""])


def _wall(job: Job) -> float:
    ration, gpus = job.ration, job.demand.gpus
    walls = (ration.wall_s, ration.gpu_s / gpus if gpus else 0.0)
    return min((wall for wall in walls if wall), default=0.0)


def name_of(job: Job) -> str:
    """Of this attempt, and of no other of this user, whichever machine he submits from."""
    digest = hashlib.sha256(f"{getpass.getuser()} {job.folder}".encode()).hexdigest()
    return f"acc-{job.id}-{digest[:12]}"


def submitted(folder: Path) -> Submitted | None:
    try:
        return msgspec.json.decode((folder / STATE).read_bytes(), type=Submitted)
    except FileNotFoundError:
        return None


def remember(folder: Path, known: Submitted) -> None:
    made = folder / f"{STATE}.new"
    made.write_bytes(msgspec.json.encode(known))
    made.replace(folder / STATE)
