"""What opens beside the dashboard, or in its place: an agent's screen, a shell, an editor."""

import asyncio
import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from command_center.domain.errors import CommandCenterError, NotFound, TmuxError
from command_center.domain.model import Agent
from command_center.domain.text import one_line
from command_center.drivers import beside
from command_center.drivers.beside import Place, Tag, Use
from command_center.store.settings import Settings

if TYPE_CHECKING:
    from command_center.tui.app import CommandCenter

_LOOK_S = 2.0
"""Between two looks at the tmux around us, while something of ours is open there."""


class Doors:
    """Opens and closes; tmux around us remembers what is open."""

    def __init__(self, app: "CommandCenter") -> None:
        self._app = app

    async def follow(self) -> None:
        """Show whose screens are out, until none is."""
        while True:
            try:
                opened = await beside.look() if beside.is_inside() else []
            except TmuxError:
                opened = []
            self._app.show_out(frozenset(o.tag.agent for o in opened if o.tag.use is Use.SCREEN))
            if not opened:
                return
            await asyncio.sleep(_LOOK_S)

    async def turn_screen(self, agent: Agent, how: Place) -> None:
        """Open the agent's screen, or close it where it is open already."""
        argv = self._app.deck.attach_command(agent)
        if beside.is_inside():
            await self._turn(argv, Tag(Use.SCREEN, agent.id), how)
        elif how == "window" and self._app.deck.settings.terminal:
            await self._in_terminal(argv)
        else:
            self._tell_way(argv)
            self._in_place(argv)

    async def open_shell(self, agent: Agent) -> None:
        await self._pair(agent, Use.SHELL, shell_argv(self._app.deck.settings, os.environ))

    async def open_editor(self, agent: Agent) -> None:
        worktree = agent.order.worktree
        try:
            argv = editor_argv(self._app.deck.settings, os.environ, worktree)
        except NotFound as error:
            self._app.crier.complain(str(error))
        else:
            await self._pair(agent, Use.EDITOR, argv)

    async def open_text(self, text: str) -> None:
        """Show plain text in the user's pager, in our place."""
        try:
            argv = pager_argv(os.environ)
        except NotFound as error:
            self._app.crier.complain(str(error))
        else:
            self._in_place(argv, text=text)

    async def _turn(self, argv: Sequence[str], tag: Tag, how: Place) -> None:
        try:
            panes = [opened.pane for opened in await beside.look() if opened.tag == tag]
            for pane in panes:
                await beside.close(pane)
            if not panes:
                self._tell_way(argv)
                await beside.open_beside(argv, tag, how)
        except TmuxError as error:
            self._app.crier.complain(str(error))
        self._follow()

    async def _pair(self, agent: Agent, use: Use, argv: Sequence[str]) -> None:
        """Beside us, or in our place; the one that is open already is gone to."""
        tag, worktree = Tag(use, agent.id), agent.order.worktree
        if not Path(worktree).is_dir():
            self._app.crier.complain(f"{agent.name}: its worktree {worktree} is not there")
            return
        if not beside.is_inside():
            self._in_place(argv, worktree)
            return
        try:
            panes = [opened.pane for opened in await beside.look() if opened.tag == tag]
            if panes:
                await beside.go_to(panes[0])
            else:
                await beside.open_beside(argv, tag, "split", worktree)
        except TmuxError as error:
            self._app.crier.complain(str(error))

    async def _in_terminal(self, argv: Sequence[str]) -> None:
        template = self._app.deck.settings.terminal
        try:
            await asyncio.to_thread(beside.open_terminal, template, argv)
        except CommandCenterError as error:
            self._app.crier.complain(str(error))

    def _in_place(
        self, argv: Sequence[str], cwd: str | None = None, text: str | None = None
    ) -> None:
        try:
            with self._app.suspend():
                _run_in_front(argv, cwd, text)
        except SuspendNotSupported:
            way = "" if text else "; enter types into the agent here"
            self._app.crier.warn(f"it cannot open in a browser{way}")
        except OSError as error:
            self._app.crier.complain(f"{one_line(argv[0], 80)} cannot be started: {error.strerror}")
        self._app.refresh(layout=True)

    def _tell_way(self, argv: Sequence[str]) -> None:
        command = shlex.join(argv)
        self._app.crier.tell(f"From another terminal: {command}", title="Copied")
        self._app.copy_to_clipboard(command)

    def _follow(self) -> None:
        self._app.run_worker(self.follow(), group="doors", exclusive=True)


def shell_argv(settings: Settings, environ: Mapping[str, str]) -> Sequence[str]:
    return settings.shell or (environ.get("SHELL") or "sh",)


def editor_argv(settings: Settings, environ: Mapping[str, str], worktree: str) -> Sequence[str]:
    """Raises NotFound when there is none, or when it is not installed."""
    argv = [worktree if word == "{worktree}" else word for word in settings.editor]
    if not argv and shutil.which("lazygit", path=environ.get("PATH")):
        argv = ["lazygit"]
    if not argv and (wanted := environ.get("VISUAL") or environ.get("EDITOR")):
        argv = [*_words(wanted), "."]
    if not argv:
        raise NotFound("no editor: install lazygit, set EDITOR, or set `editor` in config.toml")
    if not shutil.which(argv[0], path=environ.get("PATH")):
        raise NotFound(f"'{one_line(argv[0], 80)}' is not installed; set `editor` in config.toml")
    return argv


def pager_argv(environ: Mapping[str, str]) -> Sequence[str]:
    """Raises NotFound when there is none, or when it is not installed."""
    argv = _words(environ.get("PAGER") or "", "PAGER") or ["less"]
    if not shutil.which(argv[0], path=environ.get("PATH")):
        raise NotFound(f"'{one_line(argv[0], 80)}' is not installed; set PAGER")
    return argv


def _words(line: str, variable: str = "EDITOR") -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise NotFound(f"{variable} '{one_line(line, 80)}' cannot be read: {error}") from error


def _run_in_front(argv: Sequence[str], cwd: str | None, text: str | None) -> None:
    """Blocks on purpose: the terminal is the other program's until it ends."""
    told = text.encode() if text is not None else None
    environ = beside.clean_environment(os.environ)
    subprocess.run(argv, cwd=cwd, env=environ, input=told, check=False)
