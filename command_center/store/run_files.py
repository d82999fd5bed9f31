"""What the folder of an attempt tells of it: its output, and what it has used."""

from pathlib import Path

import msgspec
from msgspec import Struct

from command_center.domain.text import plain

LOG = "log.txt"
TAIL_BYTES = 64 << 10


class Use(Struct, frozen=True):
    """As the process beside a run writes it down; what is missing is 0."""

    cpu_s: float = 0.0
    memory_bytes: int = 0
    """What it has now."""
    peak_bytes: int = 0
    """What it had at most, told at its end."""


def read_use(folder: Path) -> Use | None:
    """None where nobody wrote it down: before the start, or on another machine."""
    for name in ("end.json", "now.json"):
        try:
            return msgspec.json.decode((folder / name).read_bytes(), type=Use)
        except (OSError, msgspec.DecodeError):
            continue
    return None


def log_tail(folder: Path, most: int = TAIL_BYTES) -> list[str]:
    """The last lines of its output, plain; of a progress bar only what it shows last.

    Nothing where there is none yet. Raises OSError.
    """
    try:
        with (folder / LOG).open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - most))
            text = file.read(most).decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    lines = text.replace("\r\n", "\n").split("\n")
    if size > most:
        # Its beginning is missing.
        lines = lines[1:]
    if lines and not lines[-1]:
        lines.pop()
    return [plain(line.rstrip("\r").rpartition("\r")[2]).expandtabs(4) for line in lines]
