"""Thirty live sessions in the dashboard, nine of them on the wall, and the same in ccmanager.

    python -m benchmarks.ccmanager [sessions] [seconds]

ccmanager shows a list and no live panes, and holds its sessions in pseudo-terminals of its own. The
bars are for what watching costs; the rows without one tell the whole, with what tmux does for the
panes whether anybody looks or not, and with our pty proxies. The sessions count for neither.
Memory is counted as PSS, where a page that many processes share is counted once.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import msgspec
import psutil

from benchmarks.latency import CHATTER_SPEC
from benchmarks.supervised import generated_repository, ram_folder, run, supervised
from benchmarks.table import Row, finish, row
from benchmarks.terminal import Terminal
from benchmarks.wall import DASHBOARD, launch
from tests.agents.clis import INSTALLED
from tests.center import Center

SESSIONS = 30
SECONDS = 10.0
SIZE = (175, 50)
FLEET = "from command_center.cli.dashboard import open_dashboard; open_dashboard()"
STARTS = 5
SETTLE_SECONDS = 4.0
PACKAGE = "@kodaikabasawa/ccmanager-linux-x64@4.4.3"
PAUSE_SECONDS = 0.15
OPEN_SECONDS = 5.0
MENU = b"Select a worktree"
BACK = b"\x05"
ENTER = b"\r"


class Cost(msgspec.Struct, frozen=True):
    percent: float
    """Of one core."""
    megabytes: float


class Ours(msgspec.Struct, frozen=True):
    whole: Cost
    """Everything, the pty proxies and tmux's own work for the panes included."""
    watching: Cost
    """Dashboard, supervisor and tmux server."""
    unwatched: float
    """Percent of a core that the tmux server takes while no dashboard is there."""
    paint: float


def program() -> Path:
    """ccmanager's binary; npm installs it when it is not there."""
    folder = INSTALLED / "ccmanager"
    found = folder / "node_modules/@kodaikabasawa/ccmanager-linux-x64/bin/ccmanager"
    if not found.exists():
        npm = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--no-save"]
        quiet = ["--loglevel=error", "--ignore-scripts", PACKAGE]
        subprocess.run([*npm, *quiet], check=True, stdin=subprocess.DEVNULL)
    found.chmod(0o755)
    return found


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """Theirs and that of the children they have waited for, such as git."""
    spent = [process.cpu_times() for process in processes]
    return sum(t.user + t.system + t.children_user + t.children_system for t in spent)


def cost(terminal: Terminal, processes: list[psutil.Process], seconds: float) -> Cost:
    terminal.drain(SETTLE_SECONDS)
    before, start = cpu_seconds(processes), time.perf_counter()
    terminal.drain(seconds)
    percent = (cpu_seconds(processes) - before) / (time.perf_counter() - start) * 100
    size = sum(process.memory_full_info().pss for process in processes)
    return Cost(percent, size / 2**20)


@contextmanager
def peer(repo: Path, home: Path) -> Iterator[Terminal]:
    environ = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}
    environ.pop("TMUX", None)
    terminal = Terminal(["env", "-C", str(repo), str(program())], environ, SIZE)
    try:
        yield terminal
    finally:
        for child in psutil.Process(terminal.pid).children(recursive=True):
            child.send_signal(signal.SIGKILL)
        terminal.close()


def peer_home(folder: Path) -> Path:
    config = folder / ".config/ccmanager/config.json"
    config.parent.mkdir(parents=True)
    words = [sys.executable, str(Path("benchmarks/chatter.py").absolute()), "10"]
    preset = {"id": "1", "name": "Main", "command": words[0], "args": words[1:]}
    presets = {"commandPresets": {"presets": [preset], "defaultPresetId": "1"}}
    config.write_bytes(msgspec.json.encode(presets))
    return folder


def peer_cost(repo: Path, home: Path, sessions: int, seconds: float) -> Cost:
    with peer(repo, home) as terminal:
        terminal.until(MENU)
        for number in range(sessions):
            while not opened(terminal, number):
                # It falls back to its menu when it is asked early.
                terminal.press(BACK, b"", OPEN_SECONDS)
            terminal.press(BACK, MENU)
        return cost(terminal, [psutil.Process(terminal.pid)], seconds)


def opened(terminal: Terminal, number: int) -> bool:
    """Find a worktree by its name and open its session."""
    try:
        terminal.drain(PAUSE_SECONDS)
        for key in (b"/", *(bytes([letter]) for letter in name(number).encode()), ENTER):
            # One by one: it drops keys that come at once.
            terminal.press(key, b"\x1b", OPEN_SECONDS)
            terminal.drain(PAUSE_SECONDS)
        terminal.press(ENTER, b"step 0", OPEN_SECONDS)
    except TimeoutError:
        return False
    return True


def name(number: int) -> str:
    return f"t{number:03}"


def first_paints(argv: list[str], environ: dict[str, str], mark: bytes) -> float:
    """Milliseconds, the median of STARTS."""
    took = []
    for _ in range(STARTS):
        terminal = Terminal(argv, environ, SIZE)
        try:
            terminal.until(mark)
            took.append((time.perf_counter() - terminal.started) * 1e3)
        finally:
            terminal.close()
    return median(took)


def peer_paint(repo: Path, home: Path) -> float:
    environ = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}
    return first_paints(["env", "-C", str(repo), str(program())], environ, MENU)


async def ours(repo: Path, home: Path, sessions: int, seconds: float) -> Ours:
    async with supervised(home, repo) as center:
        center.add_spec("chatter", CHATTER_SPEC % Path.cwd())
        await launch(center, "chatter", sessions)
        environ = {**os.environ, "COMMAND_CENTER_HOME": str(home), "PYTHONPATH": str(Path.cwd())}
        environ.pop("TMUX", None)
        paint = first_paints([sys.executable, "-c", FLEET], environ, b"Command Center")
        server = psutil.Process(int(center.tmux("display-message", "-p", "#{pid}")))
        bystander = Terminal(["sleep", "1000"], environ, SIZE)
        unwatched = cost(bystander, [server], seconds)
        bystander.close()
        terminal = Terminal([sys.executable, "-c", DASHBOARD], environ, SIZE)
        try:
            terminal.until(b"step 0")
            watchers = [psutil.Process(pid) for pid in (terminal.pid, center.fleet.supervisor)]
            proxies = [psutil.Process(pid) for pid in proxy_pids(center)]
            whole = cost(terminal, [*watchers, server, *proxies], seconds)
            watching = cost(terminal, [*watchers, server], seconds)
        finally:
            terminal.close()
    return Ours(whole, watching, unwatched.percent, paint)


def proxy_pids(center: Center) -> list[int]:
    listed = center.tmux("list-panes", "-a", "-F", "#{pane_pid} #{pane_current_command}")
    panes = {agent.pane for agent in center.fleet.agents.values()}
    ids = center.tmux("list-panes", "-a", "-F", "#{pane_id}").split()
    return [
        int(line.split()[0])
        for pane, line in zip(ids, listed.splitlines(), strict=True)
        if pane in panes
    ]


def ratio_row(name: str, mine: float, theirs: float, unit: str, bar: float = 0.0) -> Row:
    """Without a bar it only tells."""
    ratio = mine / theirs
    shown = f"{mine:.1f} {unit}", f"{theirs:.1f} {unit}", f"{ratio:.2f}"
    return row(name, *shown, f"<= {bar}" if bar else "-", not bar or ratio <= bar)


def main(sessions: int = SESSIONS, seconds: float = SECONDS) -> None:
    program()
    with ram_folder() as ram:
        repo = generated_repository(ram / "project", 50)
        for number in range(sessions):
            tree = str(ram / "trees" / name(number))
            run("git", "worktree", "add", "-q", tree, "-b", name(number), cwd=repo)
        home = peer_home(ram / "peer")
        # Later it would ask first whether to start its sessions again.
        their_paint, theirs = peer_paint(repo, home), peer_cost(repo, home, sessions, seconds)
        mine_repo = generated_repository(ram / "mine", 50)
        mine = asyncio.run(ours(mine_repo, ram / "home", sessions, seconds))
    added = mine.watching.percent - mine.unwatched
    rows = [
        ratio_row("CPU: dashboard, supervisor, more of tmux", added, theirs.percent, "%", 0.4),
        ratio_row("CPU: with tmux's own and the proxies", mine.whole.percent, theirs.percent, "%"),
        ratio_row("memory: the same", mine.watching.megabytes, theirs.megabytes, "MB", 0.4),
        ratio_row("memory: with the proxies", mine.whole.megabytes, theirs.megabytes, "MB"),
        ratio_row("first paint", mine.paint, their_paint, "ms", 0.5),
    ]
    finish(f"{sessions} live sessions, ours with nine on the wall, against ccmanager", rows)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]), *(float(word) for word in sys.argv[2:3]))
