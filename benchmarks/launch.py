"""Launch 20 agents from `origin/main` of a clone: until all 20 commands run.

    python -m benchmarks.launch [--quick]

Three ways, in turns, each on a fresh clone and with its tmux server already running:

- ours: 20 intents dropped into the inbox of a running supervisor;
- the limit: `cp -r` of the files 20 times, then one `source-file` that opens 20 windows;
- the obvious way: GitPython's `git worktree add`, one by one, libtmux's `new_window`, and the
  command typed into its shell by `send_keys` (a bare shell: no rc files).

The command is the same everywhere: the tests' echo agent, a Python program far lighter than a real
CLI. It runs when it has written its file. Ours runs it behind our pty proxy, the others do not:
the ratio counts what the proxy costs. The limit makes plain folders: no branch, no index, no log.
"""

import asyncio
import secrets
import shlex
import shutil
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks.supervised import (
    clone,
    generated_repository,
    kill_server,
    launch_intent,
    ram_folder,
    run,
    supervised,
)
from benchmarks.table import Row, finish, row
from command_center.domain import events as ev
from tests.center import ECHO_AGENT, Center

AGENTS = 20
TO_LIMIT = 1.4
TO_OBVIOUS = 1.5
SIZES = {300: 5, 5000: 3}
"""Rounds for each number of files."""
PATIENCE = 120.0

Milestones = dict[str, float]
"""Seconds from the first intent to the last of the 20 events of each kind."""


class Failures(list[str]):
    """What did not start, and why."""


async def ours(folder: Path, repo: Path, failed: Failures, passed: list[Milestones]) -> float:
    async with supervised(folder / "home", repo) as center:
        begun, begun_at = time.perf_counter(), time.time()
        asked = [center.ask(launch_intent(repo, "go", base="origin/main")) for _ in range(AGENTS)]
        took = await all_run(center.places.state / "agents", "*/received.jsonl", begun)
        fleet = await center.until(lambda fleet: all(a in fleet.answers for a in asked), PATIENCE)
        failed += [fleet.answers[a].text for a in asked if fleet.answers[a].is_refused]
        passed.append(milestones(center, begun_at))
    return took


async def all_run(folder: Path, pattern: str, begun: float) -> float:
    """Seconds since `begun` until every agent has written its file below `folder`."""
    while len(list(folder.glob(pattern))) < AGENTS:
        if time.perf_counter() - begun > PATIENCE:
            raise TimeoutError(f"{folder}: not all agents run after {PATIENCE:.0f} s")
        await asyncio.sleep(0.005)
    return time.perf_counter() - begun


def milestones(center: Center, begun: float) -> Milestones:
    kinds = (ev.LaunchIntended, ev.WorktreeAdded, ev.PaneOpened, ev.ProcessStarted)
    records = list(center.view.records())
    return {
        kind.__name__: max(r.at for r in records if isinstance(r.event, kind)) - begun
        for kind in kinds
    }


async def limit(folder: Path, repo: Path) -> float:
    with_files = [folder / f"copy{number}" for number in range(AGENTS)]
    socket = start_server(folder, "sleep 1000")
    try:
        begun = time.perf_counter()
        for copy in with_files:
            run("cp", "-r", str(repo / "src"), str(copy))
        lines = [
            f"new-window -d -c {copy} {shlex.quote(command(folder, copy))}" for copy in with_files
        ]
        batch = folder / "batch"
        batch.write_text("\n".join(lines))
        run("tmux", "-L", socket, "source-file", str(batch))
        return await all_run(folder / "received", "*", begun)
    finally:
        kill_server(socket)


async def obvious(folder: Path, repo: Path) -> float:
    import libtmux
    from git import Repo

    socket = start_server(folder, "bash --norc --noprofile")
    try:
        session = libtmux.Server(socket_name=socket).sessions[0]
        session.set_option("default-command", "bash --norc --noprofile")
        begun = time.perf_counter()
        with Repo(repo) as opened:
            for number in range(AGENTS):
                path = folder / f"tree{number}"
                opened.git.worktree("add", "-b", path.name, str(path), "origin/main")
                window = session.new_window(path.name, start_directory=str(path), attach=False)
                window.panes[0].send_keys(command(folder, path))
        return await all_run(folder / "received", "*", begun)
    finally:
        kill_server(socket)


def start_server(folder: Path, first: str) -> str:
    socket = f"cc-bench-{secrets.token_hex(4)}"
    (folder / "received").mkdir()
    run(
        "tmux", "-L", socket, "-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", first
    )
    return socket


def command(folder: Path, workplace: Path) -> str:
    received = folder / "received" / workplace.name
    return shlex.join(["exec", sys.executable, str(ECHO_AGENT), str(received), "go"])


async def measure(files: int, rounds: int) -> list[Row]:
    failed, passed = Failures(), list[Milestones]()
    ways: dict[str, Callable[[Path, Path], Awaitable[float]]] = {
        "ours": lambda folder, repo: ours(folder, repo, failed, passed),
        "limit": limit,
        "obvious": obvious,
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    with ram_folder() as ram:
        source = generated_repository(ram / "source", files)
        for turn in range(rounds):
            for name in (*list(ways)[turn % 3 :], *list(ways)[: turn % 3]):
                folder = ram / name
                folder.mkdir()
                took[name].append(await ways[name](folder, clone(source, folder / "project")))
                await asyncio.to_thread(shutil.rmtree, folder)
    print(f"{files} files, seconds: " + ", ".join(f"{n} {shown(t)}" for n, t in took.items()))
    print(
        "  ours, last of 20: "
        + ", ".join(
            f"{name} {statistics.median(m[name] for m in passed):.3f}" for name in passed[0]
        )
    )
    return rows(files, rounds, {n: statistics.median(t) for n, t in took.items()}, failed)


def shown(times: list[float]) -> str:
    return "/".join(f"{each:.2f}" for each in times)


def rows(files: int, rounds: int, took: dict[str, float], failed: Failures) -> list[Row]:
    to_limit, to_obvious = took["ours"] / took["limit"], took["obvious"] / took["ours"]
    what = f"{AGENTS} agents, {files} files"
    us = f"{took['ours']:.2f} s"
    return [
        row(
            f"{what}: against cp -r + tmux",
            us,
            f"{took['limit']:.2f} s",
            f"{to_limit:.2f}",
            f"<= {TO_LIMIT}",
            to_limit <= TO_LIMIT,
        ),
        row(
            f"{what}: against GitPython + libtmux",
            us,
            f"{took['obvious']:.2f} s",
            f"{to_obvious:.2f}",
            f">= {TO_OBVIOUS}",
            to_obvious >= TO_OBVIOUS,
        ),
        row(f"{what}: failures", f"{len(failed)} of {AGENTS * rounds}", "-", "-", "0", not failed),
    ]


async def measure_all(sizes: dict[int, int]) -> list[Row]:
    return [each for files, rounds in sizes.items() for each in await measure(files, rounds)]


def main() -> None:
    quick = sys.argv[1:] == ["--quick"]
    finish("Launching", asyncio.run(measure_all({300: 3} if quick else SIZES)))


if __name__ == "__main__":
    main()
