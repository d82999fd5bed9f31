"""What is read of one run while it is looked at: its curves, its output, what it uses."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from command_center.domain.runs import Run
from command_center.store.run_files import Use, log_tail, read_use
from command_center.store.runs import RunLedger
from command_center.tui.curves import Curve
from command_center.tui.run_meters import SYSTEM, plotted

CPUS, MEMORY = f"{SYSTEM}cpus", f"{SYSTEM}memory_gib"
GPUS, GPU_MEMORY = f"{SYSTEM}gpu_percent", f"{SYSTEM}gpu_gib"


class RunNews(Struct, frozen=True):
    metrics: tuple[str, ...] = ()
    """Those that can be plotted, the one that counts first."""
    curves: dict[str, Curve] = {}
    """Of those that were asked for, and of what it uses."""
    uses: tuple[str, ...] = (CPUS, MEMORY)
    """What it uses, with GPUs first where it has any."""
    log: tuple[str, ...] = ()
    """Plain text."""
    use: Use | None = None


def read_news(ledger: Path, run: Run, folder: Path, count: int, first: str = "") -> RunNews:
    """With the curves of so many metrics from `first` on. Raises LogError, OSError."""
    with RunLedger(ledger) as reader:
        told = reader.counts(run.id)
        metrics = tuple(plotted(run, told))
        uses = (*(name for name in (GPUS, GPU_MEMORY) if name in told), CPUS, MEMORY)
        at = metrics.index(first) if first in metrics else 0
        wanted = [*metrics[at : at + count], *uses]
        curves = {name: curve_of(reader, run, name) for name in wanted}
    if not run.attempt:
        return RunNews(metrics, curves, uses=uses)
    return RunNews(metrics, curves, uses, tuple(log_tail(folder)), read_use(folder))


def curve_of(reader: RunLedger, run: Run, metric: str, label: str = "") -> Curve:
    """Raises LogError."""
    points = reader.curve(run.id, metric)
    return Curve(tuple((point.step, point.value) for point in points), label)


def shared_metrics(ledger: Path, runs: Sequence[Run]) -> tuple[str, ...]:
    """What any of them told, the one that counts first where it has a course. Raises LogError."""
    with RunLedger(ledger) as reader:
        found = dict.fromkeys(name for run in runs for name in plotted(run, reader.counts(run.id)))
        most = {name: max(reader.counts(run.id).get(name, 0) for run in runs) for name in found}
    counting = {run.order.metric for run in runs}
    return tuple(sorted(found, key=lambda name: (most[name] < 2, name not in counting)))
