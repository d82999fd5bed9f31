"""What Ray is asked for: the settings of a cluster, and the job that carries out one attempt."""

import io
import os
import secrets
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from command_center.domain.errors import SpecError
from command_center.domain.text import one_line
from command_center.drivers.executors import OUTPUTS, Job
from command_center.drivers.executors.bundle import packed

GIB = 1 << 30
STATE = "ray.json"
LOAD = "ray.zip"
STOP_SECONDS = 30
"""That Ray leaves a job for a good end; the minder takes five of them at most."""


class RaySettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[executors.NAME]` with `kind = "ray"`; see docs/cluster.md."""

    address: str
    """Of the head's dashboard, such as `http://head:8265`."""
    python: str = "python3"
    """On the nodes; 3.9 or newer."""
    runtime_env: dict[str, object] = {}
    """As Ray takes it: `pip`, `conda`, `env_vars`, `image_uri`."""
    resources: dict[str, Annotated[float, Meta(gt=0)]] = {}
    """Resources of the user's own that each run takes, to be sent to certain nodes."""
    token_file: str = ""
    """Holds the token of a cluster that wants one; else the variable RAY_AUTH_TOKEN does."""
    most: Annotated[int, Meta(ge=0)] = 0
    """Runs that are handed over at once; 0: two more than the cluster has CPUs."""
    timeout_s: Annotated[float, Meta(gt=0)] = 20.0

    def __post_init__(self) -> None:
        """Raises ValueError, which decoding reports with the file."""
        if not self.address.startswith(("http://", "https://")):
            raise ValueError("`address` is that of the dashboard, as in 'http://head:8265'")


class Submitted(Struct, frozen=True):
    """What is remembered of a job beside its log; written before it is submitted."""

    name: str
    key: str
    request: dict[str, object]
    """All that Ray is asked for; LOAD holds the code as long as the job has not begun."""
    needs: dict[str, float]
    """By Ray's names of resources; memory in bytes."""


def submitted(folder: Path) -> Submitted | None:
    try:
        return msgspec.json.decode((folder / STATE).read_bytes(), type=Submitted)
    except FileNotFoundError:
        return None


async def prepared(job: Job, folder: Path, settings: RaySettings) -> Submitted:
    """Its code packed and its name chosen, once and for all. Raises GitError, OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / OUTPUTS).mkdir(exist_ok=True)
    # Random, for other machines may have a run of this name in the same cluster.
    name, key = f"acc-{job.id}-{secrets.token_hex(5)}", secrets.token_hex(8)
    load = await packed(job, key, has_gpus=job.demand.gpus > 0)
    (folder / LOAD).write_bytes(_package(load))
    known = Submitted(name, key, _request(job, name, settings), _needs(job, settings))
    made = folder / f"{STATE}.new"
    made.write_bytes(msgspec.json.encode(known))
    made.replace(folder / STATE)
    return known


def token(file: str, where: str) -> str:
    if not file:
        return os.environ.get("RAY_AUTH_TOKEN", "")
    try:
        return one_line(Path(file).expanduser().read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"{where}: `token_file`: {error}") from None


def _package(load: bytes) -> bytes:
    """What Ray unpacks into the folder in which a job starts."""
    made = io.BytesIO()
    side = files("command_center.drivers.minding").joinpath("node_side.py").read_bytes()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("node_side.py", side)
        # Compressed as it is.
        archive.writestr("job.pyz", load)
    return made.getvalue()


def package_name(name: str) -> str:
    return f"_ray_pkg_{name}.zip"


def _needs(job: Job, settings: RaySettings) -> dict[str, float]:
    demand = job.demand
    asked = {"CPU": demand.cpus, "GPU": demand.gpus, "memory": demand.memory_gib * GIB}
    return {name: number for name, number in {**asked, **settings.resources}.items() if number}


def _request(job: Job, name: str, settings: RaySettings) -> dict[str, object]:
    demand = job.demand
    theirs = settings.runtime_env.get("env_vars")
    variables = theirs if isinstance(theirs, dict) else {}
    return {
        "submission_id": name,
        # Ray gives this to a shell: nothing in it is anybody's text but the settings'.
        "entrypoint": f"exec {settings.python} -I -S node_side.py {name}",
        "entrypoint_num_cpus": demand.cpus,
        "entrypoint_num_gpus": demand.gpus or None,
        "entrypoint_memory": int(demand.memory_gib * GIB) or None,
        "entrypoint_resources": settings.resources or None,
        "metadata": {"command-center": job.id},
        "runtime_env": {
            **settings.runtime_env,
            "working_dir": f"gcs://{package_name(name)}",
            "env_vars": {**variables, "RAY_JOB_STOP_WAIT_TIME_S": str(STOP_SECONDS)},
        },
    }
