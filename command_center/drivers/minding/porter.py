"""Carries out one run on another machine, of which nothing is assumed but Python 3.9 and git.

    python -I -S job.pyz FOLDER

It is a part of that file, together with the minder, the code and the job; `bundle.py` packs it,
`channel.py` reads what it says. FOLDER is on the machine of the run, and gone afterwards.

Standard output is the one way back. It has the bytes that the command prints, as they are, and
between them lines of ours:

    @KEY start {...}   on which machine; once more when the cluster has put it back and restarts it
    @KEY now {...}     time and memory so far
    @KEY part BASE64   of a zip archive with what it made
    @KEY end {...}     how it ended; nothing of it runs any more
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import zipfile

from command_center.drivers.minding.looks import put
from command_center.drivers.minding.main import PR_SET_PDEATHSIG, Minder, prctl

BEAT_SECONDS = 0.2
PART = 48 << 10
GIT = ("git", "-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false")
_SOME = 1 << 20
_VISIBLE = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypedDict

    class Load(TypedDict):
        key: str
        id: str
        argv: list[str]
        env: dict[str, str]
        threads: dict[str, str]
        place: str
        commit: str
        has_gpus: bool
        wall_s: float
        cpu_s: float
        memory_bytes: int
        most_bytes: int


def main(archive: str, folder: str) -> int:
    with zipfile.ZipFile(archive) as packed:
        load: Load = json.loads(packed.read("job.json"))
        os.makedirs(folder, exist_ok=True)
        if load["commit"]:
            packed.extract("code.bundle", folder)
    return Porter(load, os.path.abspath(folder)).carry()


class Porter:
    def __init__(self, load: Load, folder: str) -> None:
        self._load = load
        self._folder = folder
        self._work = f"{folder}/work"
        self._outputs = f"{folder}/outputs"
        self._sent = 0
        self._is_in_line = False
        self._now = ""

    def carry(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: put(f"{self._folder}/cancel", "cancel"))
        self._write(b"\n" if os.environ.get("SLURM_RESTART_COUNT", "0") != "0" else b"")
        job = os.environ.get("SLURM_JOB_ID", "")
        self._say("start", {"node": _node(), "at": time.time(), "job": job})
        try:
            place = self._prepare()
        except (OSError, subprocess.CalledProcessError) as error:
            said = getattr(error, "stderr", None) or b""
            self._write(f"{error}\n".encode("utf-8", "replace") + said)
            self._say("end", self._failed())
            shutil.rmtree(self._folder, ignore_errors=True)
            return 0
        end = self._run(place)
        is_kept = self._bring_back()
        self._say("end", end)
        if not is_kept:
            os.chdir("/")
            shutil.rmtree(self._folder, ignore_errors=True)
        return 0

    def _prepare(self) -> str:
        """The folder in which the command starts, checked out."""
        os.makedirs(self._outputs, exist_ok=True)
        if not (commit := self._load["commit"]):
            return self._load["place"] or "."
        shutil.rmtree(self._work, ignore_errors=True)
        kind = "sha256" if len(commit) == 64 else "sha1"
        _git(self._folder, "init", "--quiet", f"--object-format={kind}", self._work)
        # What came before this commit stayed at home.
        put(f"{self._work}/.git/shallow", f"{commit}\n")
        _git(self._work, "bundle", "unbundle", f"{self._folder}/code.bundle")
        _git(self._work, "checkout", "--quiet", "--detach", commit)
        return os.path.join(self._work, self._load["place"])

    def _run(self, place: str) -> dict[str, object]:
        if not os.path.isdir(place):
            self._write(f"{place}: no such folder on {_node()}\n".encode("utf-8", "replace"))
            return self._failed()
        if not (child := os.fork()):
            self._mind(place)
        log = f"{self._folder}/log.txt"
        ended = 0
        while not ended:
            self._relay(log)
            self._tell_now()
            time.sleep(BEAT_SECONDS)
            ended = os.waitpid(child, os.WNOHANG)[0]
        self._relay(log)
        try:
            with open(f"{self._folder}/end.json", encoding="utf-8") as file:
                end: dict[str, object] = json.load(file)
                return end
        except FileNotFoundError:
            return self._failed()

    def _failed(self) -> dict[str, object]:
        """What to say of a command that was never started."""
        zeros = dict.fromkeys(("wall_s", "cpu_s", "peak_bytes", "cpu_pressure", "steal"), 0)
        ended_by = "cancel" if os.path.exists(f"{self._folder}/cancel") else ""
        return {"exit_code": 127, "ended_by": ended_by, "clock": 1.0, **zeros}

    def _mind(self, place: str) -> None:
        """In the child, which never returns: it dies with us, and the command with it."""
        try:
            prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            os.chdir(self._folder)
            load = self._load
            # Nobody reads it; the minder tells there that the command has begun.
            self._told, tell = os.pipe()
            Minder(
                {
                    "id": load["id"],
                    "argv": load["argv"],
                    "env": self._environ(),
                    "cwd": place,
                    "wall_s": load["wall_s"],
                    "cpu_s": load["cpu_s"],
                    "memory_bytes": load["memory_bytes"],
                },
                tell,
            ).mind()
        finally:
            os._exit(0)

    def _environ(self) -> dict[str, str]:
        load = self._load
        ours = {
            **load["threads"],
            "PYTHONUNBUFFERED": "1",
            "COMMAND_CENTER_RUN": load["id"],
            "COMMAND_CENTER_FOLDER": self._folder,
            "COMMAND_CENTER_OUTPUTS": self._outputs,
        }
        hidden = {} if load["has_gpus"] else dict.fromkeys(_VISIBLE, "")
        return {**os.environ, **hidden, **ours, **load["env"]}

    def _relay(self, log: str) -> None:
        try:
            with open(log, "rb") as file:
                file.seek(self._sent)
                while chunk := file.read(_SOME):
                    self._sent += len(chunk)
                    self._write(chunk)
        except FileNotFoundError:
            return

    def _tell_now(self) -> None:
        try:
            with open(f"{self._folder}/now.json", encoding="utf-8") as file:
                now = file.read()
        except FileNotFoundError:
            return
        if now != self._now:
            self._now = now
            self._say("now", json.loads(now))

    def _bring_back(self) -> bool:
        """Whether something had to stay where it is."""
        archive = f"{self._folder}/outputs.zip"
        try:
            with zipfile.ZipFile(
                archive, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False
            ) as packed:
                for name, file in self._made():
                    packed.write(file, name)
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            return self._say_kept(str(error))
        size = os.path.getsize(archive)
        if size > self._load["most_bytes"]:
            return self._say_kept(f"{size >> 20} MiB is more than comes back")
        with open(archive, "rb") as opened:
            while chunk := opened.read(PART):
                self._line(b"part " + base64.b64encode(chunk))
        return False

    def _say_kept(self, why: str) -> bool:
        text = f"what it made is still in {self._folder} on {_node()}: {why}\n"
        self._write(text.encode("utf-8", "replace"))
        return True

    def _made(self) -> list[tuple[str, str]]:
        """Names in the archive and the files; links are left out."""
        found = _files(self._outputs, self._outputs)
        if not (commit := self._load["commit"]) or not os.path.isdir(self._work):
            return found
        listed = _git(self._work, "status", "--porcelain=v1", "-z", "--no-renames", "--ignored")
        for entry in listed.decode("utf-8", "surrogateescape").split("\0"):
            if entry:
                found += _files(f"{self._work}/{entry[3:]}".rstrip("/"), self._work)
        if _git(self._work, "rev-parse", "HEAD").decode().strip() != commit:
            commits = f"{self._folder}/commits.bundle"
            _git(self._work, "bundle", "create", "--quiet", commits, "HEAD", f"^{commit}")
            found.append(("commits.bundle", commits))
        return found

    def _say(self, kind: str, thing: dict[str, object]) -> None:
        self._line(f"{kind} {json.dumps(thing)}".encode())

    def _line(self, body: bytes) -> None:
        start = b"\n" if self._is_in_line else b""
        self._write(start + f"@{self._load['key']} ".encode() + body + b"\n")

    def _write(self, data: bytes) -> None:
        if data:
            self._is_in_line = not data.endswith(b"\n")
        while data:
            data = data[os.write(1, data) :]


def _node() -> str:
    return os.environ.get("SLURMD_NODENAME") or socket.gethostname()


def _files(root: str, base: str) -> list[tuple[str, str]]:
    if os.path.islink(root):
        return []
    if os.path.isfile(root):
        return [(os.path.relpath(root, base), root)]
    files = [
        os.path.join(folder, name) for folder, _, names in os.walk(root) for name in sorted(names)
    ]
    plain = [file for file in files if os.path.isfile(file) and not os.path.islink(file)]
    return [(os.path.relpath(file, base), file) for file in plain]


def _git(folder: str, *words: str) -> bytes:
    return subprocess.run([*GIT, *words], cwd=folder, check=True, capture_output=True).stdout
