"""What a person last chose for their screen; it is found again at the next start."""

import os
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from command_center.domain.wire import read_json


class Habits(Struct, frozen=True):
    layouts: dict[str, str] = {}
    """Root of a repository, empty outside of one → id of the layout."""
    theme: str = ""
    columns: tuple[str, ...] = ()
    """Of the list, in order; empty while nothing was chosen."""

    def layout(self, root: Path | None) -> str:
        """Id of the layout last chosen in this repository, else anywhere; empty for none."""
        return self.layouts.get(str(root or "")) or self.layouts.get("", "")

    def having_layout(self, root: Path | None, layout: str) -> "Habits":
        """Where nothing was chosen yet, the newest choice counts."""
        return replace(self, layouts={**self.layouts, "": layout, str(root or ""): layout})


def read_habits(file: Path) -> Habits:
    """None are known when the file is missing or broken: they are a convenience."""
    try:
        return read_json(file.read_bytes(), Habits)
    except (OSError, msgspec.DecodeError):
        return Habits()


def write_habits(file: Path, habits: Habits) -> None:
    """Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f".{file.name}.{os.getpid()}")
    half.write_bytes(msgspec.json.encode(habits))
    half.replace(file)
