"""The dashboard's own eyes and hands on panes, through a control client of its own.

Looking and typing by hand are the user's acts, like an attach; nothing here is logged.
"""

import os
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

import msgspec

from command_center.domain.errors import TmuxError
from command_center.drivers.control import Connection
from command_center.drivers.control_stream import Reply
from command_center.drivers.tmux import SESSION, demand, resize_command
from command_center.drivers.tmux_keys import TmuxKey, tmux_key
from command_center.drivers.tmux_process import finished
from command_center.drivers.tmux_text import Command, argv_word, paste_commands

__all__ = ["Glass", "Key", "PaneScreen", "TmuxKey", "attach_argv", "open_beside", "tmux_key"]

# The title comes last: it is the one field a program in the pane can choose.
_FIELDS = (
    "#{cursor_x} #{cursor_y} #{cursor_flag} #{pane_width} #{pane_height} #{alternate_on}"
    " #{pane_dead} #{pane_in_mode} #{history_size} #{window_active_clients} #{pane_title}"
)


READABLE = 80
"""Columns that half a split should keep."""


class Key(NamedTuple):
    """One key event of Textual."""

    key: str
    character: str | None


class PaneScreen(msgspec.Struct, frozen=True):
    """What a pane shows."""

    lines: tuple[str, ...]
    """One for each row, with the SGR sequences tmux wrote; shorter than `width` where blank.
    Untrusted: the reader lets only what it knows through."""
    width: int
    height: int
    cursor: tuple[int, int] | None
    """Column and row from 0; None while the program hides it."""
    is_alternate: bool
    is_dead: bool
    in_mode: bool
    """True while an attached person scrolls back; typing ends that."""
    history: int
    """Lines that have scrolled off the top and can be looked back at."""
    viewers: int
    """Terminals attached to this window. While there are any, the window has their size and
    should not be resized."""
    title: str
    """Untrusted."""


class Glass:
    """Looks at panes and types into them.

    Every call raises TmuxUnreachable when the server does not answer (the next call connects
    anew); those for one pane raise TmuxError when it is gone.
    """

    def __init__(self, socket: str, session: str = SESSION) -> None:
        self._connection = Connection(socket, session)

    async def close(self) -> None:
        await self._connection.close()

    async def look(self, panes: Sequence[str]) -> dict[str, PaneScreen]:
        """The screens of all `panes` in one round trip; panes that are gone are left out."""
        asked = [
            command
            for pane in panes
            for command in (_describe(pane), ("capture-pane", "-e", "-p", "-N", "-t", pane))
        ]
        replies = await self._connection.run(*asked)
        pairs = zip(panes, replies[::2], replies[1::2], strict=True)
        return {
            pane: _pane_screen(described, captured)
            for pane, described, captured in pairs
            if captured.ok
        }

    async def look_back(self, pane: str, offset: int, height: int) -> PaneScreen:
        """`height` rows that begin `offset` lines above the visible screen, or as far above as
        the history goes. The cursor is not among them.
        """
        screen = (await self.look([pane])).get(pane)
        if screen is None:
            raise TmuxError(f"can't find pane {pane}: it is gone")
        top = -min(offset, screen.history)
        span = ("-S", str(top), "-E", str(top + height - 1))
        captured = await self._connection.run(("capture-pane", "-e", "-p", "-N", *span, "-t", pane))
        demand(captured)
        return msgspec.structs.replace(screen, lines=tuple(captured[0].lines), cursor=None)

    async def type_keys(self, pane: str, keys: Iterable[Key]) -> None:
        """Type what a terminal would send for these keys, outside copy-mode."""
        typed = [known for key in keys if (known := tmux_key(*key)) is not None]
        if typed:
            leave: Command = ("copy-mode", "-q", "-t", pane)
            demand(await self._connection.run(leave, *_presses(pane, typed)))

    async def paste(self, pane: str, text: str) -> None:
        """Paste `text` bracketed, outside copy-mode, without Enter. See `paste_commands`."""
        demand(await self._connection.run(*paste_commands(pane, text)))

    async def resize(self, pane: str, width: int, height: int) -> None:
        demand(await self._connection.run(resize_command(pane, width, height)))


def attach_argv(socket: str, pane: str, session: str = SESSION) -> tuple[str, ...]:
    """The command that shows `pane` in another terminal, sized to it, until `C-b d`.

    Each viewer gets a session of its own over the same windows, gone when it detaches, so
    viewers do not move each other. The window follows their size until it is resized again.
    """
    return (
        *("tmux", "-u", "-N", "-L", socket, "new-session", "-t", f"={session}"),
        *(";", "set-option", "destroy-unattached", "on"),
        *(";", "set-option", "-w", "-t", pane, "window-size", "latest"),
        *(";", "select-window", "-t", pane),
    )


async def open_beside(
    socket: str,
    pane: str,
    session: str = SESSION,
    *,
    how: Literal["split", "window"] = "split",
) -> None:
    """Show `pane` in the user's own tmux, beside the pane we run in or in a new window.

    A split stands to the right where both halves are wide enough to read, else below.
    Raises TmuxError when we do not run inside tmux or it refuses.
    """
    if not os.environ.get("TMUX"):
        raise TmuxError("not inside tmux; attach from another terminal instead")
    env = dict(os.environ)
    place: tuple[str, ...] = ("new-window", "-a")
    if how == "split":
        width = await finished("tmux", "display-message", "-p", "#{pane_width}", env=env)
        is_wide = width.output.isdecimal() and int(width.output) >= 2 * READABLE
        place = ("split-window", "-h" if is_wide else "-v")
    view = map(argv_word, attach_argv(socket, pane, session))
    # TMUX_PANE tells tmux which pane is ours. A tmux inside another server's is not nested.
    done = await finished("tmux", *place, "--", *view, env=env)
    if done.code:
        raise TmuxError(f"your tmux refused to open a {how}: {done.output}")


def _describe(pane: str) -> Command:
    return ("display-message", "-p", "-t", pane, _FIELDS)


def _pane_screen(described: Reply, captured: Reply) -> PaneScreen:
    x, y, shown, width, height, alternate, dead, mode, history, viewers, title = described.lines[
        0
    ].split(" ", 10)
    return PaneScreen(
        lines=tuple(captured.lines),
        width=int(width),
        height=int(height),
        cursor=(int(x), int(y)) if shown == "1" else None,
        is_alternate=alternate == "1",
        is_dead=dead == "1",
        in_mode=mode not in ("", "0"),
        history=int(history),
        viewers=int(viewers),
        title=title,
    )


def _presses(pane: str, typed: Sequence[TmuxKey]) -> list[Command]:
    presses: list[Command] = []
    for kind, run in groupby(typed, key=lambda key: key.kind):
        words = [key.text for key in run]
        if kind == "text":
            presses.append(("send-keys", "-l", "-t", pane, "--", "".join(words)))
        else:
            presses.append(("send-keys", "-t", pane, "--", *words))
    return presses
