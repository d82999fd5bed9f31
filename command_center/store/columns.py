"""The columns of the fleet list as the user last chose them."""

from pathlib import Path

import msgspec

from command_center.domain.places import Places
from command_center.domain.wire import read_json


def read_columns(places: Places) -> tuple[str, ...]:
    """Their names in order; empty while nothing was chosen, or when it cannot be read."""
    try:
        return read_json(_file(places).read_bytes(), tuple[str, ...])
    except (OSError, msgspec.DecodeError):
        return ()


def write_columns(places: Places, names: tuple[str, ...]) -> None:
    """Raises OSError."""
    file = _file(places)
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_bytes(msgspec.json.encode(names))
    fresh.replace(file)


def _file(places: Places) -> Path:
    return places.state / "columns.json"
