"""What only a machine with GPUs can show; `benchmarks/gpu.sh` says what is missing before.

    python -m benchmarks.gpu [--simulated] [--seconds N]

The panel's figures against those of `nvidia-smi`, whose processes use the GPUs while three runs
are at work, whether leases keep them apart, tokens per second and MFU of the GPU preset of the
training task, and what a look costs. The engine is in this process: no tmux and no git are needed.

--simulated goes the same way with three GPUs that are made up and training on the CPU: it proves
this script and our bookkeeping, and says nothing about any GPU.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.table import Row, row, show
from command_center.domain import run_events as rev
from command_center.domain.machine import GpuLoad, Sample
from command_center.domain.model import Fleet
from command_center.domain.places import Places
from command_center.domain.runs import Demand, Ration, RunLife, RunOrder
from command_center.drivers.gpu import SIMULATED
from command_center.drivers.tmux import TmuxServer
from command_center.engine.core import Engine
from command_center.engine.machine import Machine
from command_center.engine.runner import Runner
from command_center.store.log import EventLog
from command_center.store.settings import RunSettings, Settings
from command_center.training.bundle import copy_task, missing_module

RUNS = 3
SMI = ("nvidia-smi", "--format=csv,noheader,nounits")
QUERY = "index,utilization.gpu,memory.used,power.draw,temperature.gpu,clocks.gr"
FIGURES = ("use", "memory MiB", "watts", "celsius", "clock MHz")
RESOLUTION = (1.0, 1.0, 0.01, 1.0, 1.0)
AT_REST, AT_WORK = 0.0, 0.05
"""How far apart two figures may be beyond their resolution: a busy GPU changes in between."""
ROUNDS = 10
AGREE_BAR = 0.9
LOOKS = 20
PATIENCE = 240.0


class Bench:
    """An engine without a supervisor, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.places = Places.of({"COMMAND_CENTER_HOME": str(folder)}, folder)
        self._log = EventLog(self.places.log)
        settings = Settings(runs=RunSettings(slots=RUNS + 1, share_gpus=True))
        tmux = TmuxServer(self.places.socket)
        self.engine = Engine(self.places, self._log, tmux, settings=settings, environ=os.environ)
        self._runner = Runner(self.engine)
        self.machine = Machine(self.places, os.environ)

    @property
    def fleet(self) -> Fleet:
        return self.engine.fleet

    def queue(self, order: RunOrder) -> str:
        name = f"R{len(self.fleet.runs) + 1}"
        self.engine.record(rev.RunQueued(name, order, "benchmark"))
        return name

    def look(self) -> Sample:
        return self.machine.look(self.fleet, time.time())

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > deadline:
                lives = [f"{r.id} {r.life} {r.reason}" for r in self.fleet.runs.values()]
                raise SystemExit(f"not so after {PATIENCE:.0f} s: {what}; {lives}")
            await self._runner.look_at_leases()
            self._runner.tick()
            await self._runner.look()
            await asyncio.sleep(0.2)

    async def end(self, names: list[str]) -> None:
        await self.until(lambda: all(self.fleet.runs[n].life.is_over for n in names), "all ended")

    async def close(self) -> None:
        self._runner.close()
        self.machine.close()
        await self.engine.close()
        self._log.close()


def agreement(bench: Bench, slack: float) -> tuple[int, int, str]:
    """Figures that `nvidia-smi` told between two of ours, of how many, and the worst of all."""
    agreed, asked, worst, name = 0, 0, 0.0, ""
    for _ in range(ROUNDS):
        before = bench.machine.gpus.read()
        told = subprocess.check_output((*SMI, f"--query-gpu={QUERY}"), text=True)
        after = bench.machine.gpus.read()
        for line, one, other in zip(told.splitlines(), before, after, strict=True):
            theirs = line.split(", ")[1:]
            each = zip(FIGURES, RESOLUTION, theirs, _figures(one), _figures(other), strict=True)
            for figure, step, their, a, b in each:
                if a is None or b is None or not their.replace(".", "").isdigit():
                    continue
                off = max(min(a, b) - float(their), float(their) - max(a, b), 0.0)
                asked += 1
                agreed += off <= step * 1.01 + slack * float(their)
                if off / step > worst:
                    worst, name = off / step, f"{figure} by {off:.2f}"
    return agreed, asked, name or "none"


def _figures(gpu: GpuLoad) -> tuple[float | None, ...]:
    memory = None if gpu.memory_used is None else gpu.memory_used / (1 << 20)
    return gpu.use, memory, gpu.watts, gpu.celsius, gpu.clock


def agreement_row(bench: Bench, when: str, slack: float) -> Row:
    agreed, asked, worst = agreement(bench, slack)
    share = agreed / asked if asked else 0.0
    return row(
        f"panel against nvidia-smi, {when} (worst: {worst})",
        *(f"{agreed}", f"{asked}", f"{share:.2f}", f">= {AGREE_BAR}", share >= AGREE_BAR),
    )


def environ_of(pid: int) -> dict[str, str]:
    """Of a live process of ours; empty for any other."""
    try:
        words = Path(f"/proc/{pid}/environ").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return {}
    return dict(word.split("=", 1) for word in words if "=" in word)


def training(task: Path, seconds: int, gpu_gib: float, *, is_simulated: bool) -> RunOrder:
    size = () if is_simulated else ("--size", "gpu")
    command = (sys.executable, "train.py", *size, "--seconds", str(seconds))
    demand = Demand(gpus=1, gpu_gib=gpu_gib)
    return RunOrder(
        command, folder=str(task), seed=0, demand=demand, ration=Ration(wall_s=PATIENCE)
    )


async def preset(bench: Bench, task: Path, seconds: int, is_simulated: bool) -> list[Row]:
    """One run that has a GPU for itself."""
    name = bench.queue(training(task, seconds, 0.0, is_simulated=is_simulated))
    rows = []
    if not is_simulated:
        busy = lambda: any((gpu.use or 0) > 50 for gpu in bench.look().gpus)  # noqa: E731
        await bench.until(busy, "a GPU is busy")
        rows.append(agreement_row(bench, "at work", AT_WORK))
    await bench.end([name])
    run = bench.fleet.runs[name]
    speed, mfu = run.figures.get("tokens_per_second"), run.figures.get("mfu_percent")
    where = "on the CPU" if is_simulated else "of the GPU preset"
    told = f"{speed:,.0f} tokens/s" if speed else f"{run.life}: {run.reason}"
    share = f"MFU {mfu:.1f} %" if mfu else "MFU unknown"
    rows.append(row(f"training {where}", told, share, "", "", run.life is RunLife.DONE))
    return rows


async def three_runs(bench: Bench, task: Path, seconds: int, data: Path | None) -> list[Row]:
    gpus = bench.look().gpus
    total = min((gpu.memory_total or 0) / (1 << 30) for gpu in gpus)
    gib = 0.0 if len(gpus) >= RUNS else 0.3 * total
    order = training(task, seconds, gib, is_simulated=data is not None)
    names = [bench.queue(order) for _ in range(RUNS)]
    last = bench.queue(RunOrder(("true",), folder=str(task), demand=Demand(gpus=len(gpus))))
    owners: dict[str, set[int]] = {}

    def all_seen() -> bool:
        if data is not None:
            pretend(bench, data)
        owners.clear()
        for gpu in bench.look().gpus:
            for process in gpu.processes:
                owners.setdefault(process.owner, set()).add(process.pid)
        return all(name in owners for name in names)

    await bench.until(all_seen, "each run has a process on a GPU")
    runs = [bench.fleet.runs[name] for name in names]
    waited = bench.fleet.runs[last].life is RunLife.QUEUED
    right = kept = 0
    for run in runs:
        for environ in map(environ_of, owners[run.id]):
            right += environ.get("COMMAND_CENTER_RUN") == f"{run.id}.1"
            held = ",".join(run.devices.gpus) if run.devices else ""
            kept += environ.get("CUDA_VISIBLE_DEVICES") == held
    there = sum(len(owners[run.id]) for run in runs)
    held_by = [gpu for run in runs if run.devices for gpu in run.devices.gpus]
    apart = len({*held_by}) == RUNS if not gib else RUNS * gib <= total
    how = "a GPU each" if not gib else f"{gib:.0f} GiB each of one GPU"
    await bench.end([*names, last])
    return [
        row(f"processes of {RUNS} runs, named after their run", *_of(right, there)),
        row(f"processes that see their lease alone ({how})", *_of(kept, there)),
        row("leases that no two runs share", f"{held_by}", "", "", "", apart),
        row("a run that wants every GPU waited", f"{waited}", "", "", "", waited),
    ]


def _of(right: int, there: int) -> tuple[str, str, str, str, bool]:
    return f"{right}", f"{there}", f"{right / there:.2f}", "1", right == there > 0


async def cost(bench: Bench) -> Row:
    walls, cpus = [], []
    for _ in range(LOOKS):
        began, spent = time.perf_counter(), time.process_time()
        bench.look()
        walls.append(time.perf_counter() - began)
        cpus.append(time.process_time() - spent)
    wall, cpu = statistics.median(walls) * 1000, statistics.median(cpus) * 1000
    name = f"a look at {len(bench.look().gpus)} GPUs and the machine"
    return row(name, f"{cpu:.1f} ms of CPU", f"{wall:.1f} ms in all", "", "<= 10 ms", cpu <= 10)


def pretend(bench: Bench, data: Path) -> None:
    """As if each run's program used the GPUs of its lease."""
    held: dict[str, list[dict[str, int]]] = {}
    for name in (entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit()):
        environ = environ_of(int(name))
        run = bench.fleet.runs.get(environ.get("COMMAND_CENTER_RUN", "").partition(".")[0])
        if (
            run is not None
            and run.devices
            and environ["COMMAND_CENTER_FOLDER"].startswith(str(bench.places.data))
        ):
            for gpu in run.devices.gpus:
                held.setdefault(gpu, []).append({"pid": int(name)})
    total = 80 << 30
    gpus = [
        {"id": f"{n}", "name": "made up", "memory_total": total, "processes": held.get(f"{n}", [])}
        for n in range(RUNS)
    ]
    made = data.with_suffix(".new")
    made.write_text(json.dumps({"frames": [gpus]}))
    made.replace(data)


@contextmanager
def scratch(is_simulated: bool) -> Iterator[tuple[Bench, Path, Path | None]]:
    """A bench, a copy of the training task, and the data of simulated GPUs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "gpus.json" if is_simulated else None
        if data is not None:
            os.environ[SIMULATED] = str(data)
        bench = Bench(folder / "home")
        if data is not None:
            pretend(bench, data)
        needs_torch = bool(missing_module("starter"))
        copy_task("microgpt" if is_simulated and needs_torch else "starter", folder / "task")
        yield bench, folder / "task", data


async def measure(seconds: int, is_simulated: bool) -> list[Row]:
    with scratch(is_simulated) as (bench, task, data):
        bench.look()
        gpus = bench.look().gpus
        if not gpus:
            raise SystemExit(bench.machine.gpus.absent)
        print(*(f"GPU {gpu.id}: {gpu.name} ({gpu.driver})" for gpu in gpus), sep="\n")
        try:
            rows = [] if is_simulated else [agreement_row(bench, "at rest", AT_REST)]
            rows += await preset(bench, task, seconds, is_simulated)
            rows += await three_runs(bench, task, seconds, data)
            rows.append(await cost(bench))
        finally:
            await bench.close()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulated", action="store_true")
    parser.add_argument("--seconds", type=int, default=0, help="of each training")
    words = parser.parse_args()
    seconds = words.seconds or (5 if words.simulated else 45)
    rows = asyncio.run(measure(seconds, words.simulated))
    show("GPUs (simulated: nothing here is about a GPU)" if words.simulated else "GPUs", rows)
    raise SystemExit(0 if all(each.ok for each in rows) else 1)


if __name__ == "__main__":
    main()
