"""A maildir-style inbox: whoever has news writes a file; the supervisor takes it out.

A file is written in `tmp/` and renamed into `new/`, so a reader never sees half of one. It is
deleted only after what it led to is in the log; a file that cannot be read goes to `bad/`.
"""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from command_center.domain.intents import Intent


class Inbox:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._new = folder / "new"
        self._tmp = folder / "tmp"
        self._bad = folder / "bad"

    @property
    def arrivals(self) -> Path:
        """The folder into which whole files are renamed."""
        return self._new

    def create(self) -> None:
        for folder in (self._new, self._tmp, self._bad):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def drop(self, body: bytes) -> Path:
        """Durable when this returns. Names sort by the time of writing."""
        self.create()
        name = f"{time.time_ns():020}-{os.getpid()}-{os.urandom(4).hex()}.json"
        half = self._tmp / name
        with half.open("xb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        whole = half.rename(self._new / name)
        folder = os.open(self._new, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return whole

    def waiting(self) -> list[Path]:
        """What lies there, oldest first."""
        try:
            with os.scandir(self._new) as entries:
                found = sorted((e.stat().st_mtime_ns, e.name) for e in entries)
        except FileNotFoundError:
            return []
        return [self._new / name for _, name in found]

    def take_out(self, file: Path) -> None:
        file.unlink(missing_ok=True)

    def set_aside(self, file: Path) -> Path:
        """Keeps a file that nobody could read, for a person to look at."""
        self.create()
        return file.rename(self._bad / file.name)


def send(inbox: Inbox, intent: "Intent", by: str) -> str:
    """Drops `intent` and returns the id under which its answer will stand in the fleet."""
    # Not at the top: the dashboard knows its inbox long before anybody asks for something.
    from command_center.domain import intents

    envelope = intents.Envelope(os.urandom(8).hex(), time.time(), by, intent)
    inbox.drop(intents.encode(envelope))
    return envelope.id
