"""The supervisor's window in the private tmux server, where anyone can look at it.

Whoever starts the server gives it, and so every agent, the environment of that moment.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from command_center.domain.errors import TmuxError
from command_center.domain.text import plain
from command_center.drivers.tmux import SESSION
from command_center.drivers.tmux_process import Finished, asked, start_server
from command_center.drivers.tmux_text import argv_word, in_folder

NAME = "supervisor"

RESPAWN = """\
restarts=0
while :; do
    began=$(date +%s)
    "$@" && exit 0
    code=$?
    [ $(($(date +%s) - began)) -lt 600 ] || restarts=0
    restarts=$((restarts + 1))
    if [ $restarts -gt 5 ]; then
        echo "The supervisor ended with status $code; 5 restarts did not help."
        exit $code
    fi
    pause=$((restarts * restarts))
    echo "The supervisor ended with status $code; restart $restarts of 5 in $pause s."
    sleep $pause
done
"""
"""POSIX sh: runs its arguments again when they fail, at most five times in a row."""

_FORWARDED = frozenset({"COMMAND_CENTER_HOME", "COMMAND_CENTER_SOCKET", "HOME", "PATH"})


def supervisor_argv() -> tuple[str, ...]:
    """-P keeps a folder of the caller's that is named like ours from being imported."""
    supervise = (sys.executable, "-P", "-m", "command_center.cli.main", "supervise")
    return ("sh", "-c", RESPAWN, NAME, *supervise)


async def open_supervisor(socket: str) -> None:
    """Run the supervisor in its window, unless something runs there already."""
    home = Path.home()
    if await start_server(socket, SESSION, supervisor_argv(), home):
        await _tmux(socket, "rename-window", "-t", f"={SESSION}:", NAME)
        return
    pane, is_dead = await _supervisor_pane(socket)
    if pane and not is_dead:
        return
    again = ("respawn-window", "-k", "-t", pane)
    new = ("new-window", "-d", "-n", NAME, "-t", f"={SESSION}:")
    argv = in_folder(home, supervisor_argv())
    await _tmux(socket, *(again if pane else new), *_environment(), "--", *argv)


async def supervisor_text(socket: str) -> str:
    """What its window shows, without control sequences; empty when there is none."""
    pane, _ = await _supervisor_pane(socket)
    if not pane:
        return ""
    return plain((await _ask(socket, "capture-pane", "-p", "-t", pane)).output).strip()


def _environment() -> Iterator[str]:
    """What decides where everything lies; the server may have been started with other values."""
    for name, value in sorted(os.environ.items()):
        if name in _FORWARDED or name.startswith("XDG_"):
            yield from ("-e", f"{name}={value}")


async def _supervisor_pane(socket: str) -> tuple[str, bool]:
    """Its id, and whether what ran there has ended; an agent may have the same name."""
    fields = "#{pane_dead} #{pane_id} #{@acc_agent} #{window_name}"
    listed = await _ask(socket, "list-panes", "-s", "-t", f"={SESSION}", "-F", fields)
    # Sorted: one that lives comes first.
    for line in sorted([] if listed.code else listed.output.splitlines()):
        dead, pane, agent, name = line.split(" ", 3)
        if not agent and name == NAME:
            return pane, dead == "1"
    return "", False


async def _ask(socket: str, *command: str) -> Finished:
    return await asked(socket, *map(argv_word, command))


async def _tmux(socket: str, *command: str) -> None:
    if (done := await _ask(socket, *command)).code:
        raise TmuxError(f"tmux refused {command[0]}: {done.output}")
