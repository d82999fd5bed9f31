"""What it costs to watch 100 busy panes: our control client against libtmux, pane by pane.

Run: python -m benchmarks.observe [seconds a phase]
"""

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable

from benchmarks.fleet_panes import chatty_panes, cpu_seconds, own_cpu_seconds, server_process
from benchmarks.table import Row, finish, row
from command_center.drivers.glass import Glass
from command_center.drivers.tmux import Panes, TmuxServer

PANES = 100
HERTZ = 10.0
VISIBLE = 9
BAR = 1 / 20

WATCH_ALONE = "--watch"
_ONE_SWEEP = 0.1


async def ours(server: TmuxServer, panes: list[str], seconds: float) -> None:
    """All panes listed twice a second, the visible ones looked at five times."""
    glass = Glass(server.socket)
    await paced(0.2, seconds, lambda sweep: _our_sweep(server, glass, panes, sweep))
    await glass.close()


async def _our_sweep(server: TmuxServer, glass: Glass, panes: list[str], sweep: int) -> None:
    if len(await glass.look(panes[:VISIBLE])) != min(VISIBLE, len(panes)):
        raise RuntimeError("a visible pane was not seen")
    if sweep % 5 in (0, 2):
        seen = await server.panes()
        if not isinstance(seen, Panes) or len(seen.panes) <= len(panes) - 1:
            raise RuntimeError("not every pane was listed")


async def libtmux_way(server: TmuxServer, panes: list[str], seconds: float) -> None:
    """Every pane captured twice a second, as libtmux offers it."""
    import libtmux

    wanted = set(panes)
    found = [p for p in libtmux.Server(socket_name=server.socket).panes if p.pane_id in wanted]

    async def sweep(_: int) -> None:
        for pane in found:
            pane.capture_pane()

    await paced(0.5, seconds, sweep)


async def paced(interval: float, seconds: float, sweep: Callable[[int], Awaitable[None]]) -> None:
    start = due = time.monotonic()
    count = 0
    while time.monotonic() - start < seconds:
        await sweep(count)
        count += 1
        due = max(due + interval, time.monotonic())
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def nobody(_server: TmuxServer, _panes: list[str], seconds: float) -> None:
    await asyncio.sleep(seconds)


Watcher = Callable[[TmuxServer, list[str], float], Awaitable[None]]


async def cost(
    watch: Watcher, server: TmuxServer, panes: list[str], seconds: float
) -> tuple[float, float]:
    """Percent of one core: of this process with its children, and of the tmux server."""
    process = await server_process(server)
    us, them, start = own_cpu_seconds(), cpu_seconds(process), time.monotonic()
    await watch(server, panes, seconds)
    elapsed = time.monotonic() - start
    return (
        100 * (own_cpu_seconds() - us) / elapsed,
        100 * (cpu_seconds(process) - them) / elapsed,
    )


def processes_started(socket: str, seconds: float) -> int | None:
    """How many programs watching for `seconds` starts, by strace, beyond those for connecting."""
    if shutil.which("strace") is None:
        return None
    return _executions(socket, seconds) - _executions(socket, _ONE_SWEEP)


def _executions(socket: str, seconds: float) -> int:
    with tempfile.NamedTemporaryFile("r", suffix=".strace") as trace:
        watch = (sys.executable, "-m", "benchmarks.observe", WATCH_ALONE, socket, str(seconds))
        strace = ("strace", "-f", "-qq", "-e", "trace=execve", "-o", trace.name, *watch)
        subprocess.run(strace, check=True)
        return sum("= 0" in line for line in trace.read().splitlines())


async def watch_alone(socket: str, seconds: float) -> None:
    server = TmuxServer(socket)
    seen = await server.panes()
    if not isinstance(seen, Panes):
        raise RuntimeError(seen.reason)
    await ours(server, [pane.pane_id for pane in seen.panes[1:]], seconds)
    await server.close()


async def measure(seconds: float) -> list[Row]:
    async with chatty_panes(PANES, HERTZ) as (server, panes):
        _, base = await cost(nobody, server, panes, seconds)
        us, our_server = await cost(ours, server, panes, seconds)
        lib, lib_server = await cost(libtmux_way, server, panes, seconds)
        started = await asyncio.to_thread(processes_started, server.socket, min(seconds, 4))
    print(f"tmux server with nobody watching: {base:.1f} % of a core")
    # The server's own work varies by a percent; watching cannot cost less than nothing.
    ours_all = us + max(0.0, our_server - base)
    lib_all = lib + max(0.0, lib_server - base)
    ratio = ours_all / lib_all
    count = "no strace" if started is None else str(started)
    return [
        row(
            f"watch {PANES} panes at {HERTZ:.0f} Hz, % of a core",
            f"{us:.1f} + server {our_server - base:.1f}",
            f"{lib:.1f} + server {lib_server - base:.1f}",
            f"1/{1 / ratio:.0f}" if ratio else "0",
            f"<= 1/{1 / BAR:.0f}",
            ratio <= BAR,
        ),
        row("processes started while watching", count, "-", "-", "0", not started),
    ]


def main() -> None:
    match sys.argv[1:]:
        case [flag, socket, seconds] if flag == WATCH_ALONE:
            asyncio.run(watch_alone(socket, float(seconds)))
        case [seconds]:
            finish("Watching", asyncio.run(measure(float(seconds))))
        case _:
            finish("Watching", asyncio.run(measure(6)))


if __name__ == "__main__":
    main()
