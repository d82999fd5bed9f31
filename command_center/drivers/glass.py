"""The dashboard's own eyes and hands on panes, through a control client of its own.

Looking and typing by hand are the user's acts, like an attach; nothing here is logged.
"""

import time
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

import msgspec

from command_center.domain.errors import TmuxError
from command_center.drivers.control import Connection
from command_center.drivers.control_stream import Reply
from command_center.drivers.tmux import SESSION, demand, resize_command
from command_center.drivers.tmux_keys import TmuxKey, tmux_key
from command_center.drivers.tmux_text import Command, paste_commands

__all__ = ["Glass", "Key", "PaneScreen", "TmuxKey", "attach_argv", "tmux_key"]

# The title comes last: it is the one field a program in the pane can choose.
_FIELDS = (
    "#{pane_id} #{window_activity} #{cursor_x} #{cursor_y} #{cursor_flag} #{pane_width}"
    " #{pane_height} #{alternate_on}"
    " #{pane_dead} #{pane_in_mode} #{history_size} #{window_active_clients} #{pane_title}"
)

_REMEMBERED = 256
"""Panes whose last screens are kept."""


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


class _Seen(NamedTuple):
    """What the last look at a pane found."""

    described: str
    activity: int
    captured_at: int
    """Whole Unix seconds, no later than the capture."""
    screen: PaneScreen

    def is_still(self, described: str) -> bool:
        # Whole seconds: what was printed in the second of the capture may have come after it.
        return described == self.described and self.activity < self.captured_at


class Glass:
    """Looks at panes and types into them.

    Every call raises TmuxUnreachable when the server does not answer (the next call connects
    anew); those for one pane raise TmuxError when it is gone.
    """

    def __init__(self, socket: str, session: str = SESSION) -> None:
        self._connection = Connection(socket, session)
        self._seen: dict[str, _Seen] = {}
        """The pane looked at last is the last one."""

    async def close(self) -> None:
        await self._connection.close()

    async def look(self, panes: Sequence[str]) -> dict[str, PaneScreen]:
        """The screens of all `panes`; panes that are gone are left out.

        Two round trips, however many panes: the first asks what is new. A pane in which nothing
        has happened is not captured, and its screen is the same object as before.
        """
        told = await self._connection.run(*map(_describe, panes))
        described = {pane: _first(reply) for pane, reply in zip(panes, told, strict=True)}
        stale = [pane for pane in panes if not self._is_still(pane, described[pane])]
        now = int(time.time())
        captured = await self._connection.run(*map(_capture, stale))
        for pane, reply in zip(stale, captured, strict=True):
            self._remember(pane, described[pane], reply, now)
        return {pane: seen.screen for pane in panes if (seen := self._seen.get(pane))}

    def last(self, pane: str) -> PaneScreen | None:
        """What the last look at the pane saw, while it is remembered."""
        seen = self._seen.get(pane)
        return seen.screen if seen else None

    def _is_still(self, pane: str, described: str) -> bool:
        seen = self._seen.get(pane)
        return seen is not None and seen.is_still(described)

    def _remember(self, pane: str, described: str, captured: Reply, now: int) -> None:
        self._seen.pop(pane, None)
        # Of a pane that is gone tmux tells nothing, without an error.
        if captured.ok and described.startswith(f"{pane} "):
            screen, activity = _pane_screen(described, captured)
            self._seen[pane] = _Seen(described, activity, now, screen)
            if len(self._seen) > _REMEMBERED:
                del self._seen[next(iter(self._seen))]

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

    async def read(self, pane: str) -> list[str]:
        """Every line of the pane's history and screen, oldest first, without colours."""
        replies = await self._connection.run(("capture-pane", "-p", "-S", "-", "-t", pane))
        demand(replies)
        return replies[0].lines

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


def _describe(pane: str) -> Command:
    return ("display-message", "-p", "-t", pane, _FIELDS)


def _capture(pane: str) -> Command:
    return ("capture-pane", "-e", "-p", "-N", "-t", pane)


def _first(reply: Reply) -> str:
    return reply.lines[0] if reply.ok and reply.lines else ""


def _pane_screen(described: str, captured: Reply) -> tuple[PaneScreen, int]:
    """The screen, and when its window last had output, in Unix seconds."""
    _, activity, *place, viewers, title = described.split(" ", 12)
    x, y, shown, width, height, alternate, dead, mode, history = place
    screen = PaneScreen(
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
    return screen, int(activity or 0)


def _presses(pane: str, typed: Sequence[TmuxKey]) -> list[Command]:
    presses: list[Command] = []
    for kind, run in groupby(typed, key=lambda key: key.kind):
        words = [key.text for key in run]
        if kind == "text":
            presses.append(("send-keys", "-l", "-t", pane, "--", "".join(words)))
        else:
            presses.append(("send-keys", "-t", pane, "--", *words))
    return presses
