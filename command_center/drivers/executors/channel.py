"""Hears what `minding/porter.py` says: a run's log, figures and results, out of what it prints."""

import base64
import binascii
import os
import re
import zipfile
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from command_center.domain.runs import Contention
from command_center.drivers.executors import OUTPUTS, End, JobState, JobStatus, log_of

STATE = "heard.json"
ARCHIVE = "outputs.zip"
AGAIN = b"[put back by the cluster and started again]\n"


class Now(Struct, frozen=True):
    wall_s: float = 0.0
    cpu_s: float = 0.0
    memory_bytes: int = 0


class Start(Struct, frozen=True):
    node: str
    job: str = ""


class Heard(Struct, frozen=True):
    """How far it was listened, and what was said; kept beside the log."""

    offset: int = 0
    """Bytes of the output that were taken in."""
    log: int = 0
    """Bytes of the log that come from them."""
    is_in_line: bool = False
    archive: int = 0
    start: Start | None = None
    now: Now = Now()
    end: End | None = None


def heard(folder: Path) -> Heard:
    try:
        return msgspec.json.decode((folder / STATE).read_bytes(), type=Heard)
    except FileNotFoundError:
        return Heard()


def hear(folder: Path, key: str, said: bytes) -> Heard:
    """Take in what was printed from `heard(folder).offset` on. Raises OSError.

    Called again after a crash with the same bytes it writes the same to the same places.
    """
    before = heard(folder)
    after = _Ear(folder, key, before).take_in(said)
    if after != before:
        made = folder / f"{STATE}.new"
        made.write_bytes(msgspec.json.encode(after))
        made.replace(folder / STATE)
    if after.end is not None:
        (folder / ARCHIVE).unlink(missing_ok=True)
    return after


def status_of(told: Heard) -> JobStatus | None:
    """None before it has begun."""
    node = told.start.node if told.start else ""
    if (end := told.end) is not None:
        return JobStatus(
            JobState.ENDED,
            node=node,
            exit_code=end.exit_code,
            ended_by=end.ended_by,
            wall_s=end.wall_s,
            cpu_s=end.cpu_s,
            peak_bytes=end.peak_bytes,
            contention=Contention(0.0, end.cpu_pressure, end.steal, end.clock),
        )
    if told.start is None:
        return None
    now = told.now
    return JobStatus(
        JobState.RUNNING,
        node=node,
        wall_s=now.wall_s,
        cpu_s=now.cpu_s,
        memory_bytes=now.memory_bytes,
    )


class _Ear:
    def __init__(self, folder: Path, key: str, told: Heard) -> None:
        self._folder = folder
        self._mark = f"@{key} ".encode()
        self._line = re.compile(re.escape(self._mark) + rb"(start|now|part|end) (.*)\n")
        self._told = told

    def take_in(self, said: bytes) -> Heard:
        told, at, log = self._told, 0, bytearray()
        while at < len(said):
            end = said.find(b"\n", at) + 1 or len(said)
            line, is_in_line = said[at:end], self._told.is_in_line
            if not is_in_line and _may_become(line, self._mark):
                # A line of ours counts when it is whole.
                if not line.endswith(b"\n"):
                    break
                self._obey(line, log)
            else:
                log += line
                self._told = replace(self._told, is_in_line=not line.endswith(b"\n"))
            at = end
        _write_at(log_of(self._folder), told.log, bytes(log))
        return replace(self._told, offset=told.offset + at, log=told.log + len(log))

    def _obey(self, line: bytes, log: bytearray) -> None:
        told, found = self._told, self._line.fullmatch(line)
        if found is None:
            return
        kind, body = found[1], found[2]
        try:
            if kind == b"start":
                start = msgspec.json.decode(body, type=Start)
                log += AGAIN if told.start else b""
                self._told = replace(told, start=start, archive=0, now=Now(), end=None)
            elif kind == b"now":
                self._told = replace(told, now=msgspec.json.decode(body, type=Now))
            elif kind == b"part":
                part = base64.b64decode(body, validate=True)
                _write_at(self._folder / ARCHIVE, told.archive, part)
                self._told = replace(told, archive=told.archive + len(part))
            else:
                end = msgspec.json.decode(body, type=End)
                log += self._unpack()
                self._told = replace(told, end=end)
        except (msgspec.DecodeError, binascii.Error):
            # Torn by the death of its machine; the next start says everything anew.
            return

    def _unpack(self) -> bytes:
        """What to say in the log about it."""
        archive = self._folder / ARCHIVE
        if not self._told.archive:
            return b""
        os.truncate(archive, self._told.archive)
        try:
            with zipfile.ZipFile(archive) as packed:
                for entry in packed.infolist():
                    made = Path(packed.extract(entry, self._folder / OUTPUTS))
                    if mode := entry.external_attr >> 16 & 0o777:
                        made.chmod(mode | 0o600)
        except (zipfile.BadZipFile, NotImplementedError) as error:
            kept = archive.replace(archive.with_name("outputs-broken.zip"))
            return f"what it made cannot be unpacked from {kept}: {error}\n".encode()
        return b""


def _may_become(line: bytes, mark: bytes) -> bool:
    return line.startswith(mark) or (not line.endswith(b"\n") and mark.startswith(line))


def _write_at(file: Path, offset: int, data: bytes) -> None:
    if not data:
        return
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        written = 0
        while written < len(data):
            written += os.pwrite(descriptor, data[written:], offset + written)
    finally:
        os.close(descriptor)
