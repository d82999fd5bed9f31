"""Writes runs as TensorBoard, W&B or trackio keep them, in a process of its own.

    python -I exporting.py tensorboard|wandb|trackio DIR PROJECT

One JSON object per line on standard input: a run, and behind it its rows, in the order of their
steps. Nothing leaves this machine.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

Value = str | int | float | bool


class Row(TypedDict):
    step: float
    at: float
    values: dict[str, float]


class Run(TypedDict):
    id: str
    title: str
    group: str
    tags: list[str]
    config: dict[str, Value]
    summary: dict[str, Value]
    """How it ended, and the last value of each figure."""
    rows: int
    """Lines that follow."""


Rows = Iterator[Row]


def to_tensorboard(run: Run, rows: Rows, out: Path, project: str) -> None:
    del project
    from tensorboardX import SummaryWriter

    folder = out / run["id"]
    # What an earlier export wrote would be shown with it.
    for old in folder.glob("**/events.out.tfevents.*"):
        old.unlink()
    with SummaryWriter(logdir=str(folder), write_to_disk=True) as writer:
        writer.add_text("run", json.dumps({**run["config"], **run["summary"]}))
        for row in rows:
            for name, value in row["values"].items():
                writer.add_scalar(name, value, round(row["step"]), walltime=row["at"])
        told = {k: v for k, v in run["summary"].items() if isinstance(v, float)}
        if run["config"] and told:
            writer.add_hparams(run["config"], told, name="hparams")


def to_wandb(run: Run, rows: Rows, out: Path, project: str) -> None:
    import wandb

    quiet = wandb.Settings(
        console="off",
        disable_code=True,
        disable_git=True,
        save_code=False,
        silent=True,
        x_disable_machine_info=True,
        x_disable_meta=True,
        x_disable_stats=True,
        x_save_requirements=False,
    )
    made = wandb.init(
        project=project,
        id=run["id"],
        name=f"{run['id']} {run['title']}",
        group=run["group"] or None,
        tags=run["tags"],
        config=run["config"],
        dir=str(out),
        mode="offline",
        settings=quiet,
    )
    made.define_metric("*", step_metric="step")
    for row in rows:
        made.log({"step": row["step"], "_timestamp": row["at"], **row["values"]})
    made.summary.update(run["summary"])
    made.finish()


def to_trackio(run: Run, rows: Rows, out: Path, project: str) -> None:
    del out
    from trackio.sqlite_storage import SQLiteStorage

    kept = [*rows]
    SQLiteStorage.bulk_log(
        project,
        run["id"],
        [row["values"] for row in kept],
        [round(row["step"]) for row in kept],
        [datetime.fromtimestamp(row["at"], UTC).isoformat() for row in kept],
        config={"title": run["title"], "group": run["group"], **run["config"], **run["summary"]},
        # By these the same row is known when it comes again.
        log_ids=[f"{run['id']}.{number}" for number in range(len(kept))],
    )


WRITERS: dict[str, Callable[[Run, Rows, Path, str], None]] = {
    "tensorboard": to_tensorboard,
    "wandb": to_wandb,
    "trackio": to_trackio,
}


def main(to: str, out: Path, project: str) -> None:
    out.mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "HF_HUB_OFFLINE": "1",
        "TRACKIO_DIR": str(out),
        "WANDB_DIR": str(out),
        "WANDB_MODE": "offline",
    }
    for line in sys.stdin:
        run: Run = json.loads(line)
        WRITERS[to](run, (json.loads(next(sys.stdin)) for _ in range(run["rows"])), out, project)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).absolute(), sys.argv[3])
