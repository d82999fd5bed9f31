"""The GPUs of this machine, whoever made them. One protocol for all drivers."""

import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import ClassVar, Protocol

from command_center.domain.errors import MachineError
from command_center.domain.machine import GpuLoad

DRIVERS = {
    "NVIDIA": "nvidia:NvidiaDriver",
    "AMD": "amd:AmdDriver",
    "Apple": "apple:AppleDriver",
}
"""Maker → module in this package and the class in it; the first that finds a GPU is asked."""
SIMULATED = "COMMAND_CENTER_SIMULATED_GPUS"
"""Environment variable that names a file of data to be shown in place of any GPU."""
PROBE_SECONDS = 60.0


class GpuDriver(Protocol):
    """Made by `found` alone. A counter that a GPU does not have is None, without a word."""

    is_simulated: ClassVar[bool]

    @classmethod
    def found(cls) -> "GpuDriver | None":
        """None: nothing of that kind is here. Raises MachineError: it is, and gives no answer."""
        ...

    def read(self) -> tuple[GpuLoad, ...]:
        """What all its GPUs do now; owners and leases are not its business. Raises MachineError,
        and is of no use afterwards."""
        ...

    def close(self) -> None: ...


class Gpus:
    """Looks for a driver when first asked and then at most once a minute. For one thread."""

    def __init__(
        self, environ: Mapping[str, str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._simulated = environ.get(SIMULATED, "")
        self._clock = clock
        self._driver: GpuDriver | None = None
        self._probed_at = float("-inf")
        self.absent = ""
        """Why there is none, in a sentence; empty where there is one."""
        self.is_broken = False
        """Whether there should be one, and it gives no answer."""

    @property
    def is_simulated(self) -> bool:
        return self._driver is not None and self._driver.is_simulated

    def read(self) -> tuple[GpuLoad, ...]:
        if self._driver is None and self._clock() - self._probed_at >= PROBE_SECONDS:
            self._probed_at = self._clock()
            self._probe()
        if self._driver is None:
            return ()
        try:
            return self._driver.read()
        except MachineError as error:
            self.absent, self.is_broken = str(error), True
            self.close()
            return ()

    def close(self) -> None:
        if self._driver is not None:
            self._driver.close()
            self._driver = None

    def _probe(self) -> None:
        problems: list[str] = []
        try:
            self._driver = self._made_up()
            for maker in () if self._driver or self._simulated else DRIVERS:
                try:
                    self._driver = _driver(DRIVERS[maker]).found()
                except MachineError as error:
                    problems.append(str(error))
                if self._driver is not None:
                    break
        except MachineError as error:
            problems.append(str(error))
        none = f"no GPU driver found: looked for {', '.join(DRIVERS)}"
        self.is_broken = self._driver is None and bool(problems)
        self.absent = "" if self._driver else "; ".join(problems) or none

    def _made_up(self) -> GpuDriver | None:
        """Raises MachineError."""
        if not self._simulated:
            return None
        from command_center.drivers.gpu.simulated import SimulatedDriver

        return SimulatedDriver(self._simulated)


def _driver(place: str) -> type[GpuDriver]:
    module, _, attribute = place.partition(":")
    driver: type[GpuDriver] = getattr(import_module(f"{__name__}.{module}"), attribute)
    return driver
