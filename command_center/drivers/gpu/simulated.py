"""GPUs that are made up, from a file of data: for tests, the demo and measurements of ourselves.

The file is JSON: an object with `frames`, each a list of GPUs with the fields of `GpuLoad`, and
`step_s`, the seconds that a frame is shown (1 by default); after the last comes the first. The
file is read again when it changes.
"""

import time
from pathlib import Path
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from command_center.domain.errors import MachineError
from command_center.domain.machine import GpuLoad


class _Film(Struct, frozen=True, forbid_unknown_fields=True):
    frames: Annotated[tuple[tuple[GpuLoad, ...], ...], Meta(min_length=1)]
    step_s: Annotated[float, Meta(gt=0)] = 1.0


class SimulatedDriver:
    is_simulated: ClassVar[bool] = True

    def __init__(self, file: str) -> None:
        """Raises MachineError."""
        self._file = Path(file)
        self._seen: tuple[int, int] = (0, 0)
        self._film = _Film(((),))
        self.read()

    @classmethod
    def found(cls) -> "SimulatedDriver | None":
        """None is ever found: one has to be asked for, with its file."""
        return None

    def read(self) -> tuple[GpuLoad, ...]:
        try:
            status = self._file.stat()
            if (seen := (status.st_mtime_ns, status.st_size)) != self._seen:
                self._film = _film(self._file.read_bytes())
                self._seen = seen
        except (OSError, msgspec.DecodeError) as error:
            raise MachineError(f"simulated GPUs: {self._file}: {error}") from error
        frames = self._film.frames
        return frames[int(time.time() / self._film.step_s) % len(frames)]

    def close(self) -> None:
        return


def _film(body: bytes) -> _Film:
    """Raises msgspec.DecodeError."""
    film = msgspec.json.decode(body, type=_Film)
    labelled = tuple(
        tuple(replace(gpu, driver="simulated") for gpu in frame) for frame in film.frames
    )
    return replace(film, frames=labelled)
