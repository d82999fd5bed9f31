"""Machines made by hand, and what they did before."""

from collections.abc import Iterator
from math import sin

from msgspec.structs import replace

from command_center.domain.machine import (
    GIB,
    Disk,
    GpuLoad,
    HostLoad,
    Pressure,
    Process,
    Sample,
    StandingAlarm,
    TreeLoad,
)
from tests.tui.world import NOON

DISKS = (
    Disk("~/.local/share/command-center", 111 * GIB, 600 * GIB),
    Disk("/data", 12 * GIB, 2000 * GIB),
)


def host(at: float = NOON, cpus: int = 16) -> HostLoad:
    shares = tuple(round(abs(sin(at / 40 + n * 1.3)) ** 2, 2) for n in range(cpus))
    return HostLoad(
        cpu=sum(shares) / cpus,
        cpus=shares,
        memory_total=32 * GIB,
        memory_available=int((14 + 4 * sin(at / 60)) * GIB),
        swap_total=2 * GIB,
        swap_used=GIB // 5,
        load=(7.1, 5.2, 3.9),
        pressure=Pressure(0.12, 0.0, 0.03),
        steal=0.02,
        disks=DISKS,
    )


def gpu(number: int, at: float = NOON, *, processes: tuple[Process, ...] = ()) -> GpuLoad:
    use = round(50 + 50 * sin(at / 30 + number)) if number % 4 != 3 else 0
    return GpuLoad(
        str(number),
        "NVIDIA H100 80GB HBM3",
        "simulated",
        use=use,
        memory_used=(5 + 9 * number) * GIB,
        memory_total=80 * GIB,
        memory_use=use / 2,
        watts=90 + 6 * use,
        watts_limit=700,
        celsius=34 + 0.5 * use,
        fan=None,
        clock=345 + 16 * use,
        clock_most=1980,
        memory_clock=2619,
        throttle=("heat",) if number == 1 else (),
        is_hot=number == 1,
        processes=processes,
    )


def trees(at: float = NOON) -> tuple[TreeLoad, ...]:
    return (
        TreeLoad("bell", 9, 2.4 + sin(at / 20), 1_900_000_000),
        TreeLoad("ada", 4, 0.31, 640_000_000),
        TreeLoad("finn", 2, 0.0, 88_000_000),
        TreeLoad("kurt", 3, 0.05, 210_000_000),
        TreeLoad("R1", 5, 3.9, 6_200_000_000),
    )


PROCESSES = (
    Process(4312, "python", 12 * GIB, "R1"),
    Process(990, "Xorg", 200 << 20),
)
ALARM = StandingAlarm(
    "idle-gpu gpu.3", "GPU 3 at 0 % for 12 min while 3 runs are queued", NOON - 720
)


def sample(at: float = NOON, *, gpus: int = 2, cpus: int = 16) -> Sample:
    """A simulated machine; without GPUs it says what it looked for."""
    cards = tuple(gpu(n, at, processes=PROCESSES if not n else ()) for n in range(gpus))
    none = ("no GPU driver found: looked for NVIDIA, AMD, Apple",)
    return Sample(
        at,
        host(at, cpus),
        cards,
        trees(at),
        absent=() if gpus else none,
        is_simulated=bool(gpus),
    )


def history(seconds: int, *, gpus: int = 2, step: int = 5) -> Iterator[Sample]:
    """Oldest first, up to noon."""
    for ago in range(seconds, -1, -step):
        yield sample(NOON - ago, gpus=gpus)


def alarmed(one: Sample) -> Sample:
    return replace(one, alarms=(ALARM,))
