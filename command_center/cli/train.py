"""`acc train`: the training tasks that come with the program."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import msgspec

from command_center.cli.options import as_json
from command_center.cli.out import print_json, print_table
from command_center.cli.reports import Report
from command_center.domain.text import one_line
from command_center.training import bundle
from command_center.training.noise import Judge, Noise, Score, measure, shipped_noise

folder_type = click.Path(path_type=Path)
python_option = click.option(
    "--python", default=sys.executable, metavar="PATH", help="Interpreter that has torch."
)
steps_option = click.option(
    "--steps", type=click.IntRange(min=1), metavar="N", help="Budget; the task's own by default."
)


class TrainingReport(Report, frozen=True, tag="training"):
    name: str
    title: str
    needs: str
    """Module that it imports; empty for none."""
    budget: dict[str, dict[str, float]]
    noise: Noise


@click.group()
def train() -> None:
    """Small training tasks, each with a judge that an agent cannot argue with."""


@train.command("list")
@as_json
def list_tasks(as_json: bool) -> None:
    """The tasks, and how far their score moves with the seed alone."""
    reports = [_report(name) for name in bundle.NAMES]
    if as_json:
        for report in reports:
            print_json(report)
        return
    head = ("TASK", "NEEDS", "CPU-S", "VAL BPB", "SEED SD", "SEEDS", "WHAT")
    print_table(head, [_row(report) for report in reports])


@train.command()
@click.argument("name")
@click.argument("folder", metavar="DIR", type=folder_type)
def copy(name: str, folder: Path) -> None:
    """Copy a task into a new folder, to train in and to hand to agents."""
    bundle.copy_task(name, folder)
    click.echo(one_line(f"{folder}/program.md says what to do; only train.py is to be changed"))


@train.command()
@click.argument("folder", metavar="DIR", type=folder_type)
@click.option("--seed", type=int, default=0, show_default=True)
@steps_option
@click.option("--test", is_flag=True, help="Score the text that no copy holds as well.")
@python_option
@click.pass_context
def judge(
    ctx: click.Context, folder: Path, seed: int, steps: int | None, test: bool, python: str
) -> None:
    """Run DIR/train.py and score it by a judge outside DIR."""
    with Judge(folder, python) as own:
        command = own.command(seed, _budget(steps), with_test=test)
        ctx.exit(subprocess.run(command).returncode)


@train.command()
@click.argument("of", metavar="NAME|DIR")
@click.option("--seeds", type=click.IntRange(min=1), default=4, show_default=True)
@click.option(
    "--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Runs at a time."
)
@steps_option
@click.option("--out", type=folder_type, metavar="FILE", help="Write the figures as JSON.")
@python_option
def noise(of: str, seeds: int, jobs: int, steps: int | None, out: Path | None, python: str) -> None:
    """Measure how far a score moves with the seed alone: a task's, or DIR/train.py's."""
    with _copy_or_own(of) as folder, Judge(folder, python) as own:
        found = measure(own, range(seeds), _budget(steps), jobs, _tell)
    if out is not None:
        out.write_bytes(msgspec.json.format(msgspec.json.encode(found)) + b"\n")
    scores = [(str(s.seed), s.val_bpb, s.test_bpb, f"{s.cpu_seconds:.1f}") for s in found.scores]
    scores.append(("mean", found.mean, found.test_mean, ""))
    rows = [(seed, f"{val:.6f}", f"{test:.6f}", cpu) for seed, val, test, cpu in scores]
    rows.append(("sd", _number(found.sd, 6), _number(found.test_sd, 6), ""))
    print_table(("SEED", "VAL BPB", "TEST BPB", "CPU-S"), rows)


@contextmanager
def _copy_or_own(of: str) -> Iterator[Path]:
    if of not in bundle.NAMES or Path(of).exists():
        yield Path(of)
        return
    with TemporaryDirectory() as scratch:
        bundle.copy_task(of, Path(scratch))
        yield Path(scratch)


def _budget(steps: int | None) -> list[str]:
    return [] if steps is None else ["--steps", str(steps)]


def _tell(score: Score) -> None:
    click.echo(f"seed {score.seed}: val_bpb {score.val_bpb:.6f}", err=True)


def _report(name: str) -> TrainingReport:
    task = bundle.training_task(name)
    return TrainingReport(name, task.title, task.needs, task.budget, shipped_noise(name))


def _row(report: TrainingReport) -> tuple[str, ...]:
    noise = report.noise
    seconds = sum(s.cpu_seconds for s in noise.scores) / len(noise.scores)
    figures = (f"{seconds:.0f}", f"{noise.mean:.4f}", _number(noise.sd), str(len(noise.scores)))
    return (report.name, report.needs or "-", *figures, report.title)


def _number(value: float | None, places: int = 4) -> str:
    return "-" if value is None else f"{value:.{places}f}"
