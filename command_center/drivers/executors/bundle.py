"""A run as one file that another machine can carry out: the code, the job and the minder in it.

Nothing is shared with that machine. The code is a git bundle of the run's one commit, without
what came before it; `minding/porter.py` is what runs there, and says what comes back.
"""

import io
import zipfile
from importlib.resources import files
from pathlib import Path

import msgspec

from command_center.domain.model import Repo
from command_center.drivers.executors import OUTPUTS, THREADS, Job
from command_center.drivers.git import git
from command_center.drivers.trash import KEPT

GIT_SECONDS = 600.0
MOST_BYTES_BACK = 64 << 20
"""Of what a run made, zipped, that come back through what it prints."""
KEPT_BYTES = 16 << 20
_newest: dict[tuple[str, str], bytes] = {}
"""The last bundle, unless it is big: a sweep asks for the same one many times."""
_PARTS = (
    *("command_center/__init__.py", "command_center/drivers/__init__.py"),
    *(f"command_center/drivers/minding/{part}.py" for part in ("__init__", "looks", "main")),
    "command_center/drivers/minding/porter.py",
)
_MAIN = """\
import sys

if sys.version_info < (3, 9):
    sys.exit("Python 3.9 is needed here; this is " + sys.version.split()[0])
from command_center.drivers.minding.porter import main

sys.exit(main(sys.path[0], sys.argv[1]))
"""


async def packed(job: Job, key: str, has_gpus: bool, most_bytes: int = MOST_BYTES_BACK) -> bytes:
    """`python -I -S FILE FOLDER` carries the job out. `key` marks its lines among the output.

    Raises GitError.
    """
    ration, gpus = job.ration, job.demand.gpus
    walls = [wall for wall in (ration.wall_s, ration.gpu_s / gpus if gpus else 0.0) if wall]
    load = {
        "key": key,
        "id": job.id,
        "argv": job.argv,
        "env": job.env,
        "threads": dict.fromkeys(THREADS, str(job.demand.cpus)),
        "place": job.place,
        "commit": job.commit if job.repo else "",
        "has_gpus": has_gpus,
        "wall_s": min(walls, default=0.0),
        "cpu_s": ration.cpu_s,
        "memory_bytes": int(job.demand.memory_gib * (1 << 30)),
        "most_bytes": most_bytes,
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("__main__.py", _MAIN)
        for part in _PARTS:
            source = files("command_center").joinpath(*part.split("/")[1:])
            # The parts need nothing of what the packages around them say.
            body = b"" if part.endswith("__init__.py") else source.read_bytes()
            archive.writestr(part, body)
        archive.writestr("job.json", msgspec.json.encode(load))
        if job.repo:
            # Compressed as it is.
            bundle = await code(job.repo, job.commit)
            archive.writestr("code.bundle", bundle, zipfile.ZIP_STORED)
    return made.getvalue()


async def code(repo: Repo, commit: str) -> bytes:
    """A git bundle of one commit. Raises GitError."""
    if (bundle := _newest.get((repo.id, commit))) is None:
        bundle = await _bundled(repo, commit)
        _newest.clear()
        if len(bundle) <= KEPT_BYTES:
            _newest[repo.id, commit] = bundle
    return bundle


async def _bundled(repo: Repo, commit: str) -> bytes:
    """See gitformat-bundle(5). `git bundle create` would take what came before along.

    Whoever unpacks this one puts the commit into `.git/shallow` first.
    """
    listed = await git(repo.root, "rev-list", "--objects", "--no-walk", commit, timeout=GIT_SECONDS)
    asked = ("pack-objects", "--quiet", "--stdout")
    pack = await git(repo.root, *asked, stdin=listed.stdout, timeout=GIT_SECONDS)
    is_long = len(commit) == 64
    head = "# v3 git bundle\n@object-format=sha256\n" if is_long else "# v2 git bundle\n"
    return f"{head}{commit} HEAD\n\n".encode() + pack.stdout


async def commits_kept(job: Job) -> None:
    """Keep by a ref what it committed there, as far as that came back. Raises GitError."""
    bundle = Path(job.folder) / OUTPUTS / "commits.bundle"
    if job.repo is not None and job.commit and bundle.exists():
        ref = f"HEAD:{KEPT}/runs/{job.id}"
        await git(job.repo.root, "fetch", "--quiet", "--no-tags", str(bundle), ref)
