"""The GPU of a Mac, as its own I/O Registry tells it without root: use and memory, no more.

Untested on a real one. Source: `ioreg`, class IOAccelerator, `PerformanceStatistics`; Apple
documents the program, not the names of the statistics.
"""

import platform
import plistlib
import subprocess
from typing import ClassVar
from xml.parsers.expat import ExpatError

import msgspec
from msgspec import Struct, field

from command_center.domain.errors import MachineError
from command_center.domain.machine import GpuLoad
from command_center.domain.text import one_line

COMMAND = ("/usr/sbin/ioreg", "-r", "-d", "1", "-w", "0", "-c", "IOAccelerator", "-a")
SECONDS = 5.0


class _Statistics(Struct, frozen=True):
    use: float | None = field(name="Device Utilization %", default=None)
    memory: int | None = field(name="In use system memory", default=None)


class _Accelerator(Struct, frozen=True):
    statistics: _Statistics = field(name="PerformanceStatistics", default=_Statistics())
    model: str = ""
    kind: str = field(name="IOClass", default="")


class AppleDriver:
    is_simulated: ClassVar[bool] = False

    @classmethod
    def found(cls) -> "AppleDriver | None":
        if platform.system() != "Darwin":
            return None
        driver = cls()
        return driver if driver.read() else None

    def read(self) -> tuple[GpuLoad, ...]:
        try:
            told = subprocess.run(COMMAND, capture_output=True, timeout=SECONDS, check=True).stdout
        except (OSError, subprocess.SubprocessError) as error:
            raise MachineError(f"the Mac's GPU gives no answer: {error}") from error
        return told_by(told)

    def close(self) -> None:
        return


def told_by(plist: bytes) -> tuple[GpuLoad, ...]:
    """Raises MachineError."""
    try:
        found = msgspec.convert(plistlib.loads(plist) if plist else [], list[_Accelerator])
    except (ExpatError, ValueError, msgspec.ValidationError) as error:
        raise MachineError(f"ioreg speaks another language: {error}") from error
    return tuple(
        GpuLoad(
            str(index),
            name=one_line(gpu.model or gpu.kind, 60),
            driver="apple",
            use=gpu.statistics.use,
            memory_used=gpu.statistics.memory,
        )
        for index, gpu in enumerate(found)
    )
