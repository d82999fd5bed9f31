"""Runs as a table for people."""

import time
from collections.abc import Sequence

from command_center.cli.out import age, print_table
from command_center.cli.run_names import title
from command_center.domain.runs import Run
from command_center.domain.text import one_line

_HEAD = ("RUN", "LIFE", "RESULT", "TOOK", "SINCE", "DEVICES", "WHY", "WHAT")


def print_runs(runs: Sequence[Run]) -> None:
    print_table(_HEAD, [_row(run) for run in runs])


def _row(run: Run) -> tuple[str, ...]:
    seed = f" · seed {run.order.seed}" if run.order.seed is not None else ""
    return (
        run.id,
        str(run.life),
        shown_result(run),
        took(run),
        age(run.since),
        devices(run),
        one_line(run.reason, 60),
        f"{title(run)}{seed}",
    )


def shown_result(run: Run) -> str:
    return f"{run.result:.6g}" if run.result is not None else ""


def took(run: Run) -> str:
    """Wall time of the newest attempt, in seconds or minutes."""
    if not run.started_at:
        return ""
    seconds = max(0.0, (run.ended_at or time.time()) - run.started_at)
    return f"{seconds:.1f}s" if seconds < 100 else f"{seconds / 60:.1f}m"


def devices(run: Run) -> str:
    demand, held = run.order.demand, run.devices
    gpus = f"gpu {','.join(held.gpus)}" if held and held.gpus else ""
    if not gpus and demand.gpus:
        gpus = f"{demand.gpus} gpu"
    where = run.order.executor if run.order.executor != "local" else ""
    return " ".join(filter(None, (f"{demand.cpus} cpu", gpus, where)))
