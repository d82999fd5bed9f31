"""Runs in words: what a person reads in tables and on screens, free of control characters."""

from collections.abc import Iterable

from msgspec import Struct

from command_center.domain.runs import Run, RunLife, RunOrder
from command_center.domain.text import one_line


class Limit(Struct, frozen=True):
    value: float
    unit: str

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}"


def title(run: Run) -> str:
    """What it is called, or its command."""
    return one_line(run.order.name or " ".join(run.order.command), 200)


def run_id(name: str) -> str:
    """`R12` of `r12`, `12` and `#12`."""
    return f"R{name.strip().upper().removeprefix('#').removeprefix('R')}"


def number(value: float | None) -> str:
    """A figure as tables have it; empty for none."""
    return "" if value is None else f"{value:.6g}"


def seconds_run(run: Run, now: float) -> float:
    """Wall time of the newest attempt so far; 0 before its start."""
    if not run.started_at:
        return 0.0
    return max(0.0, (run.ended_at or now) - run.started_at)


def took(run: Run, now: float) -> str:
    """Wall time of the newest attempt, in seconds or minutes; empty before its start."""
    return lasting(seconds_run(run, now)) if run.started_at else ""


def lasting(seconds: float) -> str:
    return f"{seconds:.1f}s" if seconds < 100 else f"{seconds / 60:.1f}m"


def limit_of(seconds: float) -> str:
    """Such as `36s`, `10m` or `2.5h`."""
    for size, unit in ((3600, "h"), (60, "m")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g}{unit}"
    return f"{seconds:.3g}s"


def devices(run: Run) -> str:
    """What it asked for, the GPUs that it was given, and where."""
    demand, held = run.order.demand, run.devices
    gpus = f"gpu {','.join(held.gpus)}" if held and held.gpus else ""
    if not gpus and demand.gpus:
        gpus = f"{demand.gpus} gpu"
    where = run.order.executor if run.order.executor != "local" else ""
    node = held.node if held else ""
    return one_line(" ".join(filter(None, (f"{demand.cpus} cpu", gpus, where, node))), 60)


def limits(order: RunOrder) -> list[Limit]:
    """Those that it has, of time first."""
    ration = order.ration
    every = (
        Limit(ration.wall_s, "s"),
        Limit(ration.cpu_s, "CPU s"),
        Limit(ration.gpu_s, "GPU s"),
        Limit(ration.steps, "steps"),
        Limit(order.demand.memory_gib, "GiB"),
    )
    return [limit for limit in every if limit.value]


def rank(run: Run) -> tuple[bool, float, int]:
    """The best first; those without a result last."""
    result = run.result
    sign = -1 if run.order.is_higher_better else 1
    return result is None, sign * result if result is not None else 0.0, run.number


def best_before(runs: Iterable[Run], run: Run) -> float | None:
    """The best result of the same series that had been there when `run` was queued."""
    results = [
        other.result
        for other in runs
        if other.life is RunLife.DONE
        and other.ended_at <= run.queued_at
        and series(other.order) == series(run.order)
        and other.result is not None
    ]
    if not results:
        return None
    return max(results) if run.order.is_higher_better else min(results)


def series(order: RunOrder) -> tuple[str, ...]:
    """What two runs have in common whose results may be compared."""
    return order.metric, order.repo, order.folder, order.template
