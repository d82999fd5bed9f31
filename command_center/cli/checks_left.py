"""What `acc doctor` finds that no agent owns any more. It only looks; the law forbids more."""

import asyncio
from pathlib import Path

from command_center.cli.checks import note, ok
from command_center.cli.reports import Finding
from command_center.domain.errors import CommandCenterError, TmuxError
from command_center.domain.model import Fleet
from command_center.domain.places import Places
from command_center.drivers.tmux import SESSION
from command_center.drivers.tmux_process import Finished, asked
from command_center.store.settings import Settings, read_settings
from command_center.store.view import View

_FIELDS = "#{pane_id} #{@acc_agent}"


def windows(places: Places) -> list[Finding]:
    known = _fleet(places).agents
    try:
        listed = asyncio.run(_panes(places.socket))
    except TmuxError:
        return []
    left = []
    for line in [] if listed.code else listed.output.splitlines():
        pane, _, agent = line.partition(" ")
        if agent and agent not in known:
            way_out = f"tmux -L {places.socket} kill-window -t {pane}"
            left.append(note("windows", f"{pane} is of {agent}, which nobody knows", way_out))
    return left or [ok("windows", "every window has its agent")]


async def _panes(socket: str) -> Finished:
    return await asked(socket, "list-panes", "-s", "-t", f"={SESSION}", "-F", _FIELDS)


def worktrees(places: Places) -> list[Finding]:
    fleet = _fleet(places)
    known = {Path(agent.order.worktree) for agent in fleet.agents.values()}
    root = _worktree_root(places)
    left = [
        note("worktrees", f"{path} belongs to no agent", f"git -C {path} status")
        for path in sorted(root.glob("*/*"))
        if path.is_dir() and path not in known
    ]
    return left or [ok("worktrees", f"every folder in {root} has its agent")]


def trash(places: Places) -> list[Finding]:
    known = {str(r.trashed.get("folder", "")) for r in _fleet(places).removals.values()}
    found = sorted(places.trash.glob("*"))
    left = [
        note("trash", f"{folder} is of an agent that nobody knows", f"ls -a {folder}")
        for folder in found
        if str(folder) not in known
    ]
    return left or [ok("trash", f"{len(found)} removed agents can be brought back")]


def unread(places: Places) -> list[Finding]:
    """Files that the supervisor could not read and set aside."""
    left = []
    for inbox in (places.inbox, places.signals):
        files = sorted((inbox / "bad").glob("*"))
        if files:
            text = f"{len(files)} files in {inbox / 'bad'} could not be read"
            left.append(note("inbox", text, f"head {files[0]}"))
    return left or [ok("inbox", "everything in it could be read")]


def _fleet(places: Places) -> Fleet:
    view = View(places.log)
    try:
        view.poll()
        return view.fleet
    except CommandCenterError:
        # Another check tells it.
        return Fleet()
    finally:
        view.close()


def _worktree_root(places: Places) -> Path:
    try:
        settings = read_settings(places.settings)
    except CommandCenterError:
        settings = Settings()
    return Path(settings.worktrees).expanduser() if settings.worktrees else places.worktrees
