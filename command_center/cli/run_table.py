"""Runs as a table for people."""

import time
from collections.abc import Sequence

from command_center.cli.out import age, print_table
from command_center.domain.run_words import devices, number, title, took
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
        number(run.result),
        took(run, time.time()),
        age(run.since),
        devices(run),
        one_line(run.reason, 60),
        f"{title(run)}{seed}",
    )
