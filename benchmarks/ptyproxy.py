"""What the pty proxy costs: memory, start and CPU, beside the same program without it.

    python -m benchmarks.ptyproxy

The program repaints ten lines ten times a second and turns a spinner in its title. Its CPU, and
that of the proxy, are read from /proc; the reader of the terminal is not counted.
"""

import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.table import Row, finish, row
from command_center.drivers.ptyproxy import proxy_command
from tests.drivers.proxied import make_inbox, write_launch

SECONDS = 4.0
STARTS = 20
ON_A_TERMINAL = "import os, sys; os.login_tty(0); os.execv(sys.argv[1], sys.argv[1:])"
CHATTY = """
import itertools, os, time
paint = b"".join(b"\\x1b[%d;1H\\x1b[3%dm" % (row + 1, row % 8) + b"x" * 80 for row in range(10))
for glyph in itertools.cycle("⠋⠙⠹⠸⠼⠴⠦⠧"):
    os.write(1, b"\\x1b]0;" + glyph.encode() + b" working\\x07" + paint)
    time.sleep(0.1)
"""
BARE = [sys.executable, "-I", "-S", "-c"]


def open_on_terminal(command: list[str]) -> tuple[subprocess.Popen[bytes], int]:
    master, slave = os.openpty()
    argv = [*BARE, ON_A_TERMINAL, str(shutil.which(command[0])), *command[1:]]
    process = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    return process, master


def read_for(master: int, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if select.select([master], [], [], left)[0]:
            os.read(master, 65536)


def cpu(pid: int) -> float:
    """Seconds of CPU the process has used, exact to the nanosecond."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def memory(pid: int) -> dict[str, int]:
    """Of /proc/PID/smaps_rollup, in KiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(rest.split()[0]) for name, rest in (line.split(":", 1) for line in lines)}


def run(folder: Path, code: str) -> tuple[float, float, dict[str, int]]:
    """CPU of the proxy and of the program behind it, as shares of a core, and the memory."""
    launch = write_launch(folder, [*BARE, code])
    process, master = open_on_terminal(proxy_command(str(launch)))
    read_for(master, 0.5)
    child = int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text())
    pids = process.pid, child
    before = [cpu(pid) for pid in pids]
    read_for(master, SECONDS)
    proxy, program = ((cpu(pid) - was) / SECONDS for pid, was in zip(pids, before, strict=True))
    kept = memory(process.pid)
    os.close(master)
    process.wait()
    return proxy, program, kept


def start_seconds(*commands: list[str]) -> list[float]:
    """From fork to the first byte of output: the best of several rounds through the commands."""
    rounds = [[first_byte(command) for command in commands] for _ in range(STARTS)]
    return [min(times) for times in zip(*rounds, strict=True)]


def first_byte(command: list[str]) -> float:
    begun = time.perf_counter()
    process, master = open_on_terminal(command)
    os.read(master, 1)
    took = time.perf_counter() - begun
    os.close(master)
    process.wait()
    return took


def rows(folder: Path) -> Iterator[Row]:
    chatty, program, kept = run(folder, CHATTY)
    idle, _, _ = run(folder, "import time; time.sleep(600)")
    rss, pss = (f"{kept[name] / 1024:.1f} MiB" for name in ("Rss", "Pss"))
    yield row("memory: RSS, PSS", rss, pss, "", "RSS 12 MiB", kept["Rss"] < 12 << 10)
    share, times = f"{chatty:.3%}", f"{chatty / program:.2f}"
    yield row("CPU at 10 Hz, program", share, f"{program:.3%}", times, "1 %", chatty < 0.01)
    yield row("CPU idle", f"{idle:.3%}", "", "", "0.05 %", idle < 0.0005)
    launch = write_launch(folder, ["printf", "x"])
    programs = ["printf", "x"], [*BARE, "print('x')"], proxy_command(str(launch))
    plain, python, proxied = start_seconds(*programs)
    ours, bare, ratio = proxied - plain, python - plain, (proxied - plain) / (python - plain)
    cells = (f"{ours * 1000:.1f} ms", f"{bare * 1000:.1f} ms", f"{ratio:.2f}")
    yield row("start, bare Python", *cells, "8", ratio < 8)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        make_inbox(Path(name))
        table = list(rows(Path(name)))
    finish("The pty proxy, beside the same program without it", table)


if __name__ == "__main__":
    main()
