"""What 100 idle agents cost: CPU of everything of ours, and the processes it starts meanwhile.

    python -m benchmarks.idle_fleet [--quick]

Ours are the supervisor and its tmux client, the whole tmux server (with nobody watching it costs
nothing), its keeper window and the 100 pty proxies; not the agents themselves. CPU is read from
/proc to the nanosecond. Every agent also has a state file and a transcript for the supervisor to
watch, as CLIs keep them. Git is counted by a `git` before the real one on PATH, all programs by
strace in a second phase, because being traced costs CPU.
"""

import asyncio
import os
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks.supervised import generated_repository, launch_many, ram_folder, supervised
from benchmarks.table import Row, finish, row
from command_center.store.lock import supervisor_pid
from tests.center import ECHO_SPEC, Center

AGENTS = 100
SECONDS = 60.0
QUICK_SECONDS = 20.0
BAR = 1.0
"""Percent of one core."""
QUIET_SECONDS = 7.0
"""Without a git process, so that the launches are over: their last looks come within 5 s."""

STATE_FILE = """
[signals.published]
path = "${state}/published.json"
state_key = "status"
[signals.published.states]
idle = "idle"
[[launch.files]]
path = "${state}/published.json"
text = '{"status": "idle"}'
[signals.transcript]
format = "plain-records"
path = "${state}/transcript.jsonl"
[[launch.files]]
path = "${state}/transcript.jsonl"
text = "{}"
"""


def cpu_seconds(pids: Iterable[int]) -> float:
    """Of all threads."""
    stats = (file for pid in pids for file in Path(f"/proc/{pid}/task").glob("*/schedstat"))
    return sum(int(file.read_text().split()[0]) for file in stats) / 1e9


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in found for child in file.read_text().split()]


def counting_git(folder: Path) -> tuple[Path, dict[str, str]]:
    """A file that gets a byte for each git process, and the environment in which it does."""
    counted, real = folder / "counted", shutil.which("git") or "git"
    counted.touch()
    shim = folder / "bin" / "git"
    shim.parent.mkdir()
    count = f"printf x >> {shlex.quote(str(counted))}"
    shim.write_text(f'#!/bin/sh\n{count}\nexec {shlex.quote(real)} "$@"\n')
    shim.chmod(0o755)
    return counted, {"PATH": f"{shim.parent}:{os.environ['PATH']}"}


async def quiet(counted: Path) -> None:
    seen, since = -1, time.monotonic()
    while time.monotonic() - since < QUIET_SECONDS:
        if (size := counted.stat().st_size) != seen:
            seen, since = size, time.monotonic()
        await asyncio.sleep(0.5)


async def programs_started(pids: Iterable[int], seconds: float) -> int | None:
    """How many the processes `pids` and their children execute in `seconds`, by strace."""
    if shutil.which("strace") is None:
        return None
    attach = [word for pid in pids for word in ("-p", str(pid))]
    with tempfile.NamedTemporaryFile("r", suffix=".strace") as trace:
        strace = ("strace", "-f", "-qq", "-e", "trace=execve", "-o", trace.name, *attach)
        tracer = await asyncio.create_subprocess_exec(*strace)
        await asyncio.sleep(seconds)
        if tracer.returncode is not None:
            return None
        tracer.terminate()
        await tracer.wait()
        return sum("execve(" in line for line in trace)


async def measure(seconds: float) -> list[Row]:
    with ram_folder() as ram:
        counted, env = counting_git(ram)
        repo = generated_repository(ram / "project", 20)
        async with supervised(ram / "home", repo, env) as center:
            center.add_spec("echo", ECHO_SPEC + STATE_FILE)
            await launch_many(center, AGENTS)
            await quiet(counted)
            parts, gits = await costs(center, seconds, counted)
            everything = [pid for pids in ours(center).values() for pid in pids]
            started = await programs_started(everything, seconds)
    print("% of a core: " + ", ".join(f"{name} {cost:.2f}" for name, cost in parts.items()))
    whole = sum(parts.values())
    count = "no strace" if started is None else str(started)
    what = f"{AGENTS} idle agents, {seconds:.0f} s"
    return [
        row(f"{what}: % of a core", f"{whole:.2f}", "-", "-", f"<= {BAR:.0f}", whole <= BAR),
        row(f"{what}: git processes", str(gits), "-", "-", "0", gits == 0),
        row(f"{what}: programs started", count, "-", "-", "0", not started),
    ]


async def costs(center: Center, seconds: float, counted: Path) -> tuple[dict[str, float], int]:
    """Percent of a core for each part of ours, and the git processes started meanwhile."""
    parts, gits = ours(center), counted.stat().st_size
    before, begun = {name: cpu_seconds(pids) for name, pids in parts.items()}, time.monotonic()
    await asyncio.sleep(seconds)
    share = 100 / (time.monotonic() - begun)
    used = {name: share * (cpu_seconds(pids) - before[name]) for name, pids in parts.items()}
    return used, counted.stat().st_size - gits


def ours(center: Center) -> dict[str, list[int]]:
    supervisor = supervisor_pid(center.places.lock)
    server = int(center.tmux("display-message", "-p", "#{pid}"))
    windows = children(server)
    if len(windows) != AGENTS + 1:
        raise RuntimeError(f"{len(windows)} windows, not one for each agent and the keeper's")
    return {
        "supervisor": [supervisor, *children(supervisor)],
        "tmux server": [server],
        "proxies": windows,
    }


def main() -> None:
    seconds = QUICK_SECONDS if sys.argv[1:] == ["--quick"] else SECONDS
    finish("An idle fleet", asyncio.run(measure(seconds)))


if __name__ == "__main__":
    main()
