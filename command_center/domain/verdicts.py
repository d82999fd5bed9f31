"""What became of a run, from how its process ended and what it said last."""

import re
import signal

from command_center.domain.runs import RunLife, RunOrder

OUT_OF_MEMORY = re.compile(
    r"\bMemoryError\b"
    r"|CUDA(?: error)?: out of memory|CUDA out of memory|OutOfMemoryError"
    r"|HIP out of memory|hipErrorOutOfMemory|MPS backend out of memory"
    r"|RESOURCE_EXHAUSTED: Out of memory"
    r"|DefaultCPUAllocator: (?:can't|not enough) .*memory"
    r"|std::bad_alloc|Cannot allocate memory|JavaScript heap out of memory"
)
"""What programs and their libraries say when there was no memory, on this machine or a device."""
TAIL_BYTES = 4096
"""Of the end of a log, in which such words count."""


def how_it_ended(
    order: RunOrder, ended_by: str, exit_code: int | None, tail: str
) -> tuple[RunLife, str]:
    """`ended_by` names the limit that ended it, `cancel`, or is empty when it ended itself."""
    ration = order.ration
    limits = {
        "wall": _wall(order),
        "cpu": f"used more than {ration.cpu_s:g} CPU seconds",
        "steps": f"reached step {ration.steps}",
    }
    if ended_by == "cancel":
        return RunLife.CANCELLED, "cancelled"
    if ended_by in limits:
        return RunLife.TIMED_OUT, limits[ended_by]
    if ended_by == "memory":
        most = order.demand.memory_gib
        said = f"needed more than {most:g} GiB" if most else "the system ran out of memory"
        return RunLife.OUT_OF_MEMORY, said
    if exit_code == 0:
        return RunLife.DONE, ""
    if found := OUT_OF_MEMORY.search(tail):
        return RunLife.OUT_OF_MEMORY, f"it said: {found[0]}"
    return RunLife.CRASHED, _how(exit_code)


def _wall(order: RunOrder) -> str:
    """Time on GPUs is kept as a limit of wall time too; the shorter one ended it."""
    wall, gpu = order.ration.wall_s, order.ration.gpu_s
    if order.demand.gpus and gpu and (not wall or gpu / order.demand.gpus < wall):
        return f"used more than {gpu:g} GPU seconds"
    return f"took longer than {wall or gpu:g} s"


def _how(exit_code: int | None) -> str:
    if exit_code is None:
        return "nobody knows its exit status"
    if exit_code >= 0:
        return f"exit status {exit_code}"
    try:
        return f"ended by {signal.Signals(-exit_code).name}"
    except ValueError:
        return f"ended by signal {-exit_code}"
