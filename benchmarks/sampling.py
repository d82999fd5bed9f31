"""What a look at the machine costs: 8 simulated GPUs and 100 process trees, once a second.

    python -m benchmarks.sampling [seconds]

Ours is the whole of it: GPUs, host, every process and its owner, alarms, and the store. The other
way asks psutil for the children, the CPU time and the memory of each tree, as programs do that
know the root of each; it tells neither GPUs nor the host, and keeps nothing. Both are CPU time of
the one process that does it.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil

from benchmarks.table import Row, finish, row
from command_center.domain.alarms import Waiting, conditions, rules, standing
from command_center.domain.machine import StandingAlarm, figures
from command_center.domain.model import Agent, Fleet, Order, Phase
from command_center.domain.places import Places
from command_center.drivers.gpu import SIMULATED
from command_center.drivers.host import start_time
from command_center.engine.machine import Machine
from command_center.store.machine import MachineStore

TREES = 100
CHILDREN = 4
GPUS = 8
SECONDS = 10
BAR = 1.0
"""Percent of one core."""
PSUTIL_BAR = 1 / 50
PSUTIL_LOOKS = 3


@contextmanager
def trees() -> Iterator[list[int]]:
    """Roots of that many trees; nothing of them is left in the end."""
    words = "sleep 600 & " * CHILDREN
    roots = [
        subprocess.Popen(("sh", "-c", f"{words} wait"), start_new_session=True)
        for _ in range(TREES)
    ]
    try:
        deadline = time.monotonic() + 60
        while any(len(psutil.Process(root.pid).children()) < CHILDREN for root in roots):
            assert time.monotonic() < deadline, "the trees did not grow"
            time.sleep(0.1)
        yield [root.pid for root in roots]
    finally:
        for root in roots:
            os.killpg(root.pid, signal.SIGKILL)
            root.wait()


def fleet_of(roots: list[int]) -> Fleet:
    order = Order("demo", "r1", "b", "HEAD", "/w")
    agents = [
        Agent(f"agent-{pid}", f"a{pid}", order, 0.0, Phase.LIVE, pid=pid, pid_start=start_time(pid))
        for pid in roots
    ]
    return Fleet(agents={agent.id: agent for agent in agents})


def simulated(folder: Path, roots: list[int]) -> str:
    """Name of a file of data with GPUs that some of the trees use."""
    gpus = [
        {
            "id": str(number),
            "name": "Simulated GPU",
            "use": 87.0,
            "memory_used": 60 << 30,
            "memory_total": 80 << 30,
            "watts": 512.5,
            "celsius": 71,
            "clock": 1980,
            "processes": [{"pid": roots[number], "memory": 59 << 30}],
        }
        for number in range(GPUS)
    ]
    file = folder / "gpus.json"
    file.write_text(json.dumps({"frames": [gpus]}))
    return str(file)


def our_looks(folder: Path, roots: list[int], seconds: int) -> list[float]:
    """CPU seconds of each look."""
    fleet = fleet_of(roots)
    places = Places.of({"COMMAND_CENTER_HOME": str(folder)}, folder)
    held: dict[str, StandingAlarm] = {}
    costs = []
    machine = Machine(places, {SIMULATED: simulated(folder, roots)})
    with closing(machine), closing(MachineStore(places.machine)) as store:
        for look in range(seconds + 1):
            began = time.process_time()
            sample = machine.look(fleet, time.time())
            held = conditions(rules(()), figures(sample), Waiting(), sample.at, held)
            standing(rules(()), held, sample.at)
            store.save(sample)
            # The first begins to measure, and finds out whose each process is.
            if look:
                costs.append(time.process_time() - began)
            time.sleep(1.0)
        owned = sum(tree.processes for tree in sample.trees)
        assert owned == TREES * (CHILDREN + 1), owned
        assert all(gpu.processes[0].owner for gpu in sample.gpus)
    return costs


def psutil_look(roots: list[int]) -> float:
    """CPU seconds."""
    began = time.process_time()
    for root in roots:
        process = psutil.Process(root)
        for one in (process, *process.children(recursive=True)):
            one.cpu_times()
            one.memory_info()
    return time.process_time() - began


def measure(seconds: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, trees() as roots:
        ours = statistics.median(our_looks(Path(folder), roots, seconds))
        other = statistics.median(psutil_look(roots) for _ in range(PSUTIL_LOOKS))
        processes = len(psutil.pids())
    return [
        row(
            f"{GPUS} GPUs, {TREES} trees, {processes} processes at 1 Hz",
            *(f"{100 * ours:.2f} % of a core", "", "", f"<= {BAR:.0f} %"),
            100 * ours <= BAR,
        ),
        row(
            "the same against psutil, tree by tree",
            *(f"{1000 * ours:.1f} ms", f"{1000 * other:.0f} ms"),
            *(f"1/{other / ours:.0f}", f"<= 1/{1 / PSUTIL_BAR:.0f}"),
            ours <= other * PSUTIL_BAR,
        ),
    ]


def main() -> None:
    finish("Sampling", measure(int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS))


if __name__ == "__main__":
    main()
