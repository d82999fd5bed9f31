"""Starts a job on a node of a Ray cluster, and keeps what it says where the head can read it.

    python3 -I -S node_side.py NAME

It lies beside `job.pyz` in the package that the cluster unpacks. Ray's head hands out whole files
of a node's log folder and no parts of them, so the output becomes a row of small files there:
`command-center/NAME/000000` and so on, each SEGMENT bytes long but the last.

The job lives in a session of its own, so that it can end in good order when Ray kills this.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SEGMENT = 1 << 18
"""Bytes; whoever reads them counts on it."""
KEPT_DAYS = 7
PR_SET_PDEATHSIG = 1
F_GETPATH = 50


def main(name: str) -> int:
    here = os.path.dirname(os.path.abspath(__file__))
    told_to_stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told_to_stop.append(number))
    kept = os.path.join(_log_folder(), "command-center", name)
    _forget_old(os.path.dirname(kept))
    os.makedirs(kept, mode=0o700, exist_ok=True)
    os.write(1, f"what it prints is in {kept}\n".encode("utf-8", "surrogateescape"))
    parent = os.getpid()
    porter = subprocess.Popen(
        [sys.executable, "-I", "-S", f"{here}/job.pyz", tempfile.mkdtemp(prefix=f"{name}-")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        cwd=tempfile.gettempdir(),
        env=_environ(here),
        start_new_session=True,
        preexec_fn=lambda: _end_with(parent),
    )
    assert porter.stdout is not None
    # From now on Ray tells the porter, too, which ends the job in good order.
    if told_to_stop:
        porter.terminate()
    _keep(porter.stdout.fileno(), kept)
    return porter.wait()


def _log_folder() -> str:
    """Where Ray has put this job's own output."""
    if sys.platform == "darwin":
        import fcntl

        found = fcntl.fcntl(1, F_GETPATH, bytes(1024)).rstrip(b"\0").decode()
    else:
        found = os.readlink("/proc/self/fd/1")
    return os.path.dirname(found)


def _environ(here: str) -> dict[str, str]:
    """Without what Ray adds for the package, which is none of the command's."""
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    left = os.pathsep.join(path for path in paths if path and os.path.realpath(path) != here)
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "PYTHONBREAKPOINT", "RAY_JOB_STOP_WAIT_TIME_S")
    }
    return {**kept, "PYTHONPATH": left} if left else kept


def _end_with(parent: int) -> None:
    """In the child: ended in good order when its parent is gone, where there is such a call."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform.startswith("linux"):
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def _keep(source: int, folder: str) -> None:
    number, size = 0, 0
    file = os.open(f"{folder}/{number:06d}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    while chunk := os.read(source, SEGMENT - size):
        written = 0
        while written < len(chunk):
            written += os.write(file, chunk[written:])
        size += len(chunk)
        if size == SEGMENT:
            os.close(file)
            number, size = number + 1, 0
            file = os.open(f"{folder}/{number:06d}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.close(file)


def _forget_old(folder: str) -> None:
    """What nobody has come for in a week."""
    if os.path.isdir(folder):
        for entry in os.scandir(folder):
            if time.time() - entry.stat().st_mtime > KEPT_DAYS * 86400:
                shutil.rmtree(entry.path, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
