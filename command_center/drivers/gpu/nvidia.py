"""NVIDIA's GPUs, through the management library (NVML) that comes with their driver.

Protocol: nvml.h, by the bindings that NVIDIA publishes as `nvidia-ml-py`.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from types import ModuleType
from typing import ClassVar, TypeVar

from msgspec.structs import replace

from command_center.domain.errors import MachineError
from command_center.domain.machine import GpuLoad, Process
from command_center.domain.text import one_line

T = TypeVar("T")

_THROTTLE = {
    0x2: "clocks set by hand",
    0x4: "power limit",
    0x8: "hardware slowdown",
    0x10: "sync boost",
    0x20: "heat",
    0x40: "heat, by hardware",
    0x80: "power brake",
    0x100: "display clocks",
}
"""Bits of nvmlClocksEventReasons, but idleness."""
_HOT = 0x20 | 0x40


class NvidiaDriver:
    is_simulated: ClassVar[bool] = False

    def __init__(self, nvml: ModuleType) -> None:
        self._nvml = nvml
        try:
            self._gpus = [_Gpu(nvml, index) for index in range(nvml.nvmlDeviceGetCount())]
        except nvml.NVMLError as error:
            nvml.nvmlShutdown()
            raise MachineError(_said(error)) from error

    @classmethod
    def found(cls) -> "NvidiaDriver | None":
        try:
            # Imported here: 20 ms.
            nvml = import_module("pynvml")
        except ModuleNotFoundError as error:
            raise MachineError("NVIDIA's GPUs need `pip install nvidia-ml-py`") from error
        try:
            nvml.nvmlInit()
        except (nvml.NVMLError_LibraryNotFound, nvml.NVMLError_DriverNotLoaded):
            return None
        except nvml.NVMLError as error:
            raise MachineError(_said(error)) from error
        driver = cls(nvml)
        if driver._gpus:
            return driver
        driver.close()
        return None

    def read(self) -> tuple[GpuLoad, ...]:
        try:
            return tuple(gpu.read() for gpu in self._gpus)
        except self._nvml.NVMLError as error:
            raise MachineError(_said(error)) from error

    def close(self) -> None:
        try:
            self._nvml.nvmlShutdown()
        except self._nvml.NVMLError:
            # It has gone away by itself, as after an update of the driver.
            return


class _Gpu:
    """Raises NVMLError only where nothing more can be asked of the library."""

    def __init__(self, nvml: ModuleType, index: int) -> None:
        self._nvml = nvml
        self._lacks: set[str] = set()
        """Counters that it has said it does not have."""
        self._fatal = (
            nvml.NVMLError_Uninitialized,
            nvml.NVMLError_DriverNotLoaded,
            nvml.NVMLError_LibRmVersionMismatch,
        )
        self._lacking = (nvml.NVMLError_NotSupported, nvml.NVMLError_FunctionNotFound)
        self._handle = nvml.nvmlDeviceGetHandleByIndex(index)
        name = self._told("name", nvml.nvmlDeviceGetName)
        uuid = self._told("uuid", nvml.nvmlDeviceGetUUID) or ""
        clock_most = self._told("most", nvml.nvmlDeviceGetMaxClockInfo, nvml.NVML_CLOCK_GRAPHICS)
        self._known = GpuLoad(
            str(index),
            name=one_line(name or "", 60),
            driver="nvidia",
            clock_most=clock_most,
            uuid=uuid,
        )

    def read(self) -> GpuLoad:
        nvml, told = self._nvml, self._told
        use = told("use", nvml.nvmlDeviceGetUtilizationRates)
        memory = told("memory 2", nvml.nvmlDeviceGetMemoryInfo, nvml.nvmlMemory_v2)
        memory = memory or told("memory", nvml.nvmlDeviceGetMemoryInfo)
        watts = told("watts", nvml.nvmlDeviceGetPowerUsage)
        limit = told("limit", nvml.nvmlDeviceGetEnforcedPowerLimit)
        reasons = told("reasons", nvml.nvmlDeviceGetCurrentClocksThrottleReasons) or 0
        return replace(
            self._known,
            use=use and float(use.gpu),
            memory_use=use and float(use.memory),
            memory_used=memory and memory.used,
            memory_total=memory and memory.total,
            watts=None if watts is None else watts / 1000,
            watts_limit=None if limit is None else limit / 1000,
            celsius=told("celsius", nvml.nvmlDeviceGetTemperature, nvml.NVML_TEMPERATURE_GPU),
            fan=told("fan", nvml.nvmlDeviceGetFanSpeed),
            clock=told("clock", nvml.nvmlDeviceGetClockInfo, nvml.NVML_CLOCK_GRAPHICS),
            memory_clock=told("memory clock", nvml.nvmlDeviceGetClockInfo, nvml.NVML_CLOCK_MEM),
            throttle=tuple(word for bit, word in _THROTTLE.items() if reasons & bit),
            is_hot=bool(reasons & _HOT),
            processes=tuple(self._processes()),
        )

    def _processes(self) -> Iterator[Process]:
        """Each once, though it may compute and draw."""
        nvml, seen = self._nvml, set[int]()
        for function in (
            nvml.nvmlDeviceGetComputeRunningProcesses,
            nvml.nvmlDeviceGetGraphicsRunningProcesses,
        ):
            for process in self._told(function.__name__, function) or ():
                if process.pid not in seen:
                    seen.add(process.pid)
                    yield Process(process.pid, memory=process.usedGpuMemory)

    def _told(self, name: str, function: Callable[..., T], *arguments: object) -> T | None:
        if name in self._lacks:
            return None
        try:
            return function(self._handle, *arguments)
        except self._fatal:
            raise
        except self._lacking:
            self._lacks.add(name)
        except self._nvml.NVMLError:
            # Lost, or not for us to know: the other counters may still be told.
            return None
        return None


def _said(error: Exception) -> str:
    return f"the driver of NVIDIA's GPUs gives no answer: {error}"
