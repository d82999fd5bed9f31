"""Panes full of chatter on a tmux server of our own, and what watching them costs."""

import asyncio
import os
import re
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from command_center.drivers.tmux import TmuxServer
from command_center.drivers.tmux_process import finished, tmux_argv
from command_center.drivers.tmux_turns import turn_file

_CHATTER = Path(__file__).with_name("chatter.py")
_SETTLE_SECONDS = 1.5


@asynccontextmanager
async def chatty_panes(
    count: int, hertz: float, talk: int = 0
) -> AsyncIterator[tuple[TmuxServer, list[str]]]:
    """`count` windows that repaint `hertz` times a second below `talk` lines, and their panes."""
    server = TmuxServer(f"cc-bench-{secrets.token_hex(4)}")
    folder = Path.cwd()
    argv = (sys.executable, "-S", "-E", str(_CHATTER), str(hertz), str(talk))
    try:
        await server.ensure(("sleep", "100000"), cwd=folder)
        made = [
            await server.new_window(f"chatter {n}", argv, cwd=folder, size=(120, 40))
            for n in range(count)
        ]
        await asyncio.sleep(_SETTLE_SECONDS)
        yield server, [window.pane_id for window in made]
    finally:
        await server.close()
        await finished(*tmux_argv(server.socket), "kill-server")
        turn_file(server.socket).unlink(missing_ok=True)
        turn_file(server.socket).with_name(server.socket).unlink(missing_ok=True)


async def server_process(server: TmuxServer) -> psutil.Process:
    [reply] = await server.run(("display-message", "-p", "#{pid}"))
    return psutil.Process(int(reply.lines[0]))


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def own_cpu_seconds() -> float:
    """Of this process and of its children that were waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


async def frames(server: TmuxServer, panes: list[str]) -> list[int]:
    """The newest frame number each pane shows."""
    shown = await server.capture(panes, lines=1)
    found = [re.search(r"frame (\d+)", " ".join(shown.get(pane, []))) for pane in panes]
    return [int(match[1]) if match else 0 for match in found]
