"""Launch 20 agents from `origin/main` of a clone: until all 20 commands run.

    python -m benchmarks.launch [--quick]

In turns, each on a fresh clone and with its tmux server already running:

- ours: 20 intents dropped into the inbox of a running supervisor;
- the limit: `cp -r` of the files 20 times, then one `source-file` that opens the same 20 windows;
- the bare limit: the same, without the pty proxy in its windows;
- the obvious way: GitPython's `git worktree add`, one by one, libtmux's `new_window`, and the
  command typed into its shell by `send_keys` (a bare shell: no rc files), without a proxy.

The agent is a shell that writes a file, by which it is seen to run, and waits: anything heavier
would hide what launching costs. The bar is against the limit that runs what our windows run.
What the proxy's start costs, some 20 ms of CPU an agent, shows in the ratio to the bare limit,
which is printed above the table. Both limits make plain folders: no branch, no index, no log.
"""

import asyncio
import json
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
    ram_folder,
    run,
    supervised,
)
from benchmarks.table import Row, finish, row
from command_center.domain import events as ev
from command_center.domain.intents import Launch
from command_center.drivers.ptyproxy import proxy_command
from tests.center import Center
from tests.drivers.proxied import make_inbox

AGENTS = 20
TO_LIMIT = 1.4
TO_OBVIOUS = 1.5
SIZES = {300: 5, 5000: 3}
"""Rounds for each number of files."""
PATIENCE = 60.0

START = 'echo runs > "$0"; exec sleep 1000'
STARTER_SPEC = f"""
id = "starter"
name = "Starter"
[binary]
names = ["sh"]
version = []
[launch]
argv = ["${{binary}}", "-c", '''{START.replace("$", "$$")}''', "${{state}}/started"]
"""

Milestones = dict[str, float]
"""Seconds from the first intent to the last of the 20 events of each kind."""


class Failures(list[str]):
    """What did not start, and why."""


async def ours(folder: Path, repo: Path, failed: Failures, passed: list[Milestones]) -> float:
    async with supervised(folder / "home", repo) as center:
        center.add_spec("starter", STARTER_SPEC)
        begun, begun_at = time.perf_counter(), time.time()
        asked = [
            center.ask(Launch("starter", str(repo), base="origin/main")) for _ in range(AGENTS)
        ]
        took = await all_run(center.places.state / "agents", "*/started", begun)
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
    make_inbox(folder)
    return await copied(folder, repo, proxied_command)


async def bare_limit(folder: Path, repo: Path) -> float:
    return await copied(folder, repo, command)


async def copied(folder: Path, repo: Path, run_by: Callable[[Path, Path], list[str]]) -> float:
    copies = [folder / f"copy{number}" for number in range(AGENTS)]
    socket = start_server(folder, "sleep 1000")
    try:
        begun = time.perf_counter()
        for copy in copies:
            run("cp", "-r", str(repo / "src"), str(copy))
        words = {copy: shlex.join(run_by(folder, copy)) for copy in copies}
        lines = [f"new-window -d -c {copy} {shlex.quote(words[copy])}" for copy in copies]
        batch = folder / "batch"
        batch.write_text("\n".join(lines))
        run("tmux", "-L", socket, "source-file", str(batch))
        return await all_run(folder / "started", "*", begun)
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
                window.panes[0].send_keys(shlex.join(command(folder, path)))
        return await all_run(folder / "started", "*", begun)
    finally:
        kill_server(socket)


def start_server(folder: Path, first: str) -> str:
    socket = f"cc-bench-{secrets.token_hex(4)}"
    (folder / "started").mkdir()
    run(
        "tmux", "-L", socket, "-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", first
    )
    return socket


def command(folder: Path, workplace: Path) -> list[str]:
    return ["sh", "-c", START, str(folder / "started" / workplace.name)]


def proxied_command(folder: Path, workplace: Path) -> list[str]:
    launch = {
        "v": 1,
        "agent": workplace.name,
        "launch": "once",
        "argv": command(folder, workplace),
        "cwd": str(workplace),
        "env": {},
        "inbox": str(folder / "inbox"),
    }
    file = folder / f"{workplace.name}.json"
    file.write_text(json.dumps(launch))
    return proxy_command(str(file))


async def measure(files: int, rounds: int) -> list[Row]:
    failed, passed = Failures(), list[Milestones]()
    ways: dict[str, Callable[[Path, Path], Awaitable[float]]] = {
        "ours": lambda folder, repo: ours(folder, repo, failed, passed),
        "limit": limit,
        "bare": bare_limit,
        "obvious": obvious,
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    with ram_folder() as ram:
        source = generated_repository(ram / "source", files)
        for turn in range(rounds):
            for name in (*list(ways)[turn % 4 :], *list(ways)[: turn % 4]):
                folder = ram / f"{name}-{turn}"
                folder.mkdir()
                took[name].append(await ways[name](folder, clone(source, folder / "project")))
                # Proxies of a killed server may still write their last words.
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    print(f"{files} files, seconds: " + ", ".join(f"{n} {shown(t)}" for n, t in took.items()))
    print(
        "  ours, last of 20: "
        + ", ".join(
            f"{name} {statistics.median(m[name] for m in passed):.3f}" for name in passed[0]
        )
    )
    medians = {name: statistics.median(times) for name, times in took.items()}
    print(f"  to the bare limit, which has no proxies: {medians['ours'] / medians['bare']:.2f}")
    return rows(files, rounds, medians, failed)


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
