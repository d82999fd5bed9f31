"""Our private tmux server: one session, one window per agent."""

import os
import signal
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from command_center.domain.errors import TmuxError, TmuxUnreachable
from command_center.drivers.control import Connection, OnNotice
from command_center.drivers.control_stream import Reply
from command_center.drivers.tmux_keys import is_key_name
from command_center.drivers.tmux_process import check_version, start_server
from command_center.drivers.tmux_text import Command, in_folder, literal_format, paste_commands

__all__ = [
    "NewWindow",
    "PaneInfo",
    "Panes",
    "TmuxServer",
    "Unreachable",
    "check_version",
]

SESSION = "command-center"

# Each field costs the server 50 us for 100 panes. None is a program's to choose.
_FIELDS = (
    "#{pane_id} #{@acc_agent} #{@acc_launch} #{pane_pid} #{pane_dead} #{pane_dead_status}"
    " #{pane_dead_signal} #{window_activity} #{@acc_keeper}"
)


class NewWindow(NamedTuple):
    pane_id: str
    window_id: str


class PaneInfo(msgspec.Struct, frozen=True):
    pane_id: str
    agent: str
    """Empty for a window that is not an agent's, such as the supervisor's."""
    launch: str
    pid: int
    is_dead: bool
    dead_status: int | None
    dead_signal: int | None
    """Status and signal are both None until tmux has reaped the program, mostly by the next look,
    and for good after a signal before tmux 3.3. A dead pane is dead all the same."""
    last_activity: int
    """Of the window, in Unix seconds."""
    is_keeper: bool
    """True for the window whose program `ensure` keeps running."""

    @property
    def is_reaped(self) -> bool:
        return (self.dead_status, self.dead_signal) != (None, None)


class Panes(msgspec.Struct, frozen=True):
    panes: tuple[PaneInfo, ...]


class Unreachable(msgspec.Struct, frozen=True):
    """The server did not answer, which says nothing about panes."""

    reason: str


class TmuxServer:
    """The one server that runs our agents; every call goes through one control-mode client.

    Calls raise TmuxUnreachable when the server does not answer and TmuxError when it refuses.
    """

    def __init__(
        self, socket: str, session: str = SESSION, *, on_notice: OnNotice | None = None
    ) -> None:
        self.socket = socket
        self.session = session
        self._connection = Connection(socket, session, on_notice)
        self._known: dict[str, PaneInfo] = {}
        """What the last look saw, by the line that said it: most lines stay as they are."""

    async def ensure(self, argv: Sequence[str], *, cwd: Path) -> bool:
        """Have server, session and a window that runs `argv`; False when all were there.

        The server lives as long as that window, so its program may end but is not killed.
        """
        started = await start_server(self.socket, self.session, argv, cwd)
        self._connection.retry_now()
        return started or await self._keeper_started(argv, cwd)

    async def connect(self) -> None:
        """Raises TmuxUnreachable. Every other call connects, and reconnects, by itself."""
        await self._connection.connect()

    async def close(self) -> None:
        await self._connection.close()

    async def run(self, *commands: Command) -> list[Reply]:
        return await self._connection.run(*commands)

    async def new_window(
        self,
        name: str,
        argv: Sequence[str],
        *,
        cwd: Path,
        size: tuple[int, int],
        agent: str = "",
        launch: str = "",
    ) -> NewWindow:
        """Run `argv` without a shell in a window of `size` (columns, rows), tagged in one batch."""
        if any(char.isspace() for char in agent + launch):
            raise TmuxError(f"agent {agent!r} and launch {launch!r} may hold no white space")
        width, height = map(str, size)
        # Windows are added at the end, so the end is the window just made.
        end = f"={self.session}:{{end}}"
        new = ("new-window", "-d", "-a", "-t", end, "-n", literal_format(name))
        made, *rest = await self.run(
            ("set-option", "-t", f"={self.session}:", "default-size", f"{width}x{height}"),
            (*new, "-P", "-F", "#{pane_id} #{window_id}", "--", *in_folder(cwd, argv)),
            # tmux would show the machine's name until the program gives a title.
            ("select-pane", "-t", end, "-T", ""),
            ("set-option", "-w", "-t", end, "@acc_agent", agent),
            ("set-option", "-w", "-t", end, "@acc_launch", launch),
            ("resize-window", "-t", end, "-x", width, "-y", height),
        )
        demand((made, *rest))
        pane_id, window_id = rest[0].lines[0].split()
        return NewWindow(pane_id, window_id)

    async def _keeper_started(self, argv: Sequence[str], cwd: Path) -> bool:
        seen = await self.panes()
        if isinstance(seen, Unreachable):
            raise TmuxUnreachable(seen.reason)
        keepers = [pane for pane in seen.panes if pane.is_keeper]
        if not keepers:
            made = await self.new_window("keeper", argv, cwd=cwd, size=(120, 40))
            demand(await self.run(("set-option", "-w", "-t", made.pane_id, "@acc_keeper", "1")))
            return True
        if any(not keeper.is_dead for keeper in keepers):
            return False
        respawn = ("respawn-pane", "-t", keepers[0].pane_id, "--", *in_folder(cwd, argv))
        [reply] = await self.run(respawn)
        if not reply.ok and "still active" in reply.lines[0]:
            # Another starter was faster.
            return False
        demand((reply,))
        return True

    async def panes(self) -> Panes | Unreachable:
        """Every pane of the session, the dead ones too."""
        try:
            [reply] = await self.run(("list-panes", "-s", "-t", f"={self.session}", "-F", _FIELDS))
        except TmuxUnreachable as error:
            return Unreachable(str(error))
        if not reply.ok:
            return Unreachable(" ".join(reply.lines))
        known = self._known
        self._known = {line: known.get(line) or _pane_info(line) for line in reply.lines}
        seen = Panes(tuple(self._known.values()))
        if any(pane.is_dead and not pane.is_reaped for pane in seen.panes):
            await self._remind_of_children()
        return seen

    async def _remind_of_children(self) -> None:
        """Have tmux reap what has ended.

        A tmux built with utempter does not hear SIGCHLD while it removes a closed pane's record,
        and that is when the pane's program ends.
        """
        with suppress(TmuxUnreachable, ProcessLookupError):
            [reply] = await self.run(("display-message", "-p", "#{pid}"))
            os.kill(int(reply.lines[0]), signal.SIGCHLD)

    async def kill_window(self, pane: str) -> None:
        """End the pane and what runs in it; a pane that is gone already is as good."""
        [reply] = await self.run(("kill-window", "-t", pane))
        if not _is_gone(reply):
            demand((reply,))

    async def resize(self, pane: str, width: int, height: int) -> None:
        demand(await self.run(resize_command(pane, width, height)))

    async def capture(
        self, pane_ids: Sequence[str], *, lines: int | None = None
    ) -> dict[str, list[str]]:
        """The visible text of each pane down to its last line that is not blank; of that the
        last `lines`. Panes that are gone are left out.
        """
        replies = await self.run(*(("capture-pane", "-p", "-t", pane) for pane in pane_ids))
        return {
            pane: _tail(reply.lines, lines)
            for pane, reply in zip(pane_ids, replies, strict=True)
            if reply.ok
        }

    async def send_keys(self, pane: str, *keys: str) -> None:
        """Press keys by tmux's names (`Enter`, `Escape`, `C-u`, `y`), outside copy-mode."""
        for key in keys:
            if not is_key_name(key):
                raise TmuxError(f"{key!r} is not a key of tmux, which would type it as text")
        demand(
            await self.run(("copy-mode", "-q", "-t", pane), ("send-keys", "-t", pane, "--", *keys))
        )

    async def paste(self, pane: str, text: str) -> None:
        """Paste `text` bracketed, outside copy-mode, without Enter. See `paste_commands`."""
        demand(await self.run(*paste_commands(pane, text)))


def resize_command(pane: str, width: int, height: int) -> Command:
    """Also makes the window's size manual, so that no attached terminal changes it."""
    return ("resize-window", "-t", pane, "-x", str(width), "-y", str(height))


def demand(replies: Iterable[Reply]) -> None:
    """Raises TmuxError with what tmux said for the first reply that is not ok."""
    for reply in replies:
        if not reply.ok:
            raise TmuxError(f"tmux refused: {' '.join(reply.lines)}")


def _is_gone(reply: Reply) -> bool:
    return not reply.ok and reply.lines[:1] != [] and reply.lines[0].startswith("can't find")


def _tail(lines: list[str], count: int | None) -> list[str]:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return lines[0 if count is None else max(0, end - count) : end]


def _pane_info(line: str) -> PaneInfo:
    pane, agent, launch, pid, dead, status, signal, activity, keeper = line.split(" ")
    return PaneInfo(
        pane_id=pane,
        agent=agent,
        launch=launch,
        pid=int(pid),
        is_dead=dead == "1",
        dead_status=int(status) if status else None,
        dead_signal=int(signal) if signal else None,
        last_activity=int(activity or 0),
        is_keeper=keeper == "1",
    )
