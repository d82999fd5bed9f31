"""AMD's GPUs, as the kernel tells them in files that need neither root nor a library.

Untested on a real one. Source: the kernel's documentation of amdgpu ("GPU sysfs interfaces",
"GPU power, thermal controls and monitoring") and of amdkfd for the processes.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from command_center.domain.machine import GpuLoad, Process
from command_center.domain.text import one_line

SYSFS = Path("/sys")
VENDOR = "0x1002"


class AmdDriver:
    is_simulated: ClassVar[bool] = False

    def __init__(self, sysfs: Path = SYSFS) -> None:
        self._kfd = sysfs / "class" / "kfd" / "kfd"
        self._cards = sorted(_cards(sysfs), key=lambda card: card.name)
        """By PCI address, which is the order in which programs number them too."""
        self._known = [
            (card, next(card.glob("hwmon/hwmon*"), card), _name(card)) for card in self._cards
        ]

    @classmethod
    def found(cls, sysfs: Path = SYSFS) -> "AmdDriver | None":
        driver = cls(sysfs)
        return driver if driver._cards else None

    def read(self) -> tuple[GpuLoad, ...]:
        processes = dict(self._processes())
        return tuple(
            _load(str(index), card, monitor, name, processes.get(card.name, ()))
            for index, (card, monitor, name) in enumerate(self._known)
        )

    def close(self) -> None:
        return

    def _processes(self) -> Iterator[tuple[str, tuple[Process, ...]]]:
        """By PCI address; only of programs that compute."""
        pids = [entry for entry in _entries(self._kfd / "proc") if entry.name.isdigit()]
        for node in _entries(self._kfd / "topology" / "nodes") if pids else ():
            told = dict(line.split() for line in _text(node / "properties").splitlines())
            place, domain = int(told.get("location_id", "0")), int(told.get("domain", "0"))
            address = f"{domain:04x}:{place >> 8 & 0xFF:02x}:{place >> 3 & 0x1F:02x}.{place & 7}"
            name = f"vram_{_text(node / 'gpu_id')}"
            used = ((int(pid.name), _number(pid / name)) for pid in pids)
            yield address, tuple(Process(pid, memory=int(vram)) for pid, vram in used if vram)


def _cards(sysfs: Path) -> Iterator[Path]:
    """Folders of the devices; their names are PCI addresses."""
    for card in _entries(sysfs / "class" / "drm"):
        device = (card / "device").resolve()
        if card.name.removeprefix("card").isdigit() and _text(device / "vendor") == VENDOR:
            yield device


def _load(
    index: str, card: Path, monitor: Path, name: str, processes: tuple[Process, ...]
) -> GpuLoad:
    return GpuLoad(
        index,
        name=name,
        driver="amd",
        use=_number(card / "gpu_busy_percent"),
        memory_used=_whole(card / "mem_info_vram_used"),
        memory_total=_whole(card / "mem_info_vram_total"),
        memory_use=_number(card / "mem_busy_percent"),
        watts=_number(monitor / "power1_average", 1e6) or _number(monitor / "power1_input", 1e6),
        watts_limit=_number(monitor / "power1_cap", 1e6),
        celsius=_number(monitor / "temp1_input", 1e3),
        fan=_share(monitor / "pwm1", monitor / "pwm1_max"),
        clock=_whole(monitor / "freq1_input", 1e6),
        memory_clock=_whole(monitor / "freq2_input", 1e6),
        processes=processes,
    )


def _name(card: Path) -> str:
    return one_line(_text(card / "product_name") or f"AMD GPU {_text(card / 'device')}", 60)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _number(file: Path, unit: float = 1.0) -> float | None:
    try:
        return float(_text(file)) / unit
    except ValueError:
        return None


def _whole(file: Path, unit: float = 1.0) -> int | None:
    value = _number(file, unit)
    return None if value is None else int(value)


def _share(file: Path, most: Path) -> float | None:
    value, whole = _number(file), _number(most)
    return None if value is None or not whole else round(100 * value / whole, 1)
