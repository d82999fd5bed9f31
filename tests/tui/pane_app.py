"""An app around one live pane, over a real tmux."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import msgspec
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.pilot import Pilot
from textual.widgets import Input

from command_center.domain.model import Agent, Order, Phase, State
from command_center.drivers.glass import Glass
from command_center.drivers.tmux import TmuxServer
from command_center.tui import theme
from command_center.tui.pane import PaneView
from tests.drivers.tmux_panes import DEADLINE, python_pane

ORDER = Order("demo", "repo", "agents/ada", "HEAD", "/w/ada", prompt="fix it")
ADA = Agent("1", "ada", ORDER, 0.0, phase=Phase.LIVE, state=State.BUSY)


STOLEN = ("ctrl+q", "ctrl+c", "q", "tab", "f1", "escape", "enter", "ctrl+p", "up", "colon")


class PaneApp(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [(key, f"steal('{key}')", "") for key in STOLEN]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, glass: Glass | None, agent: Agent | None) -> None:
        super().__init__()
        self._glass = glass
        self._agent = agent
        self.stolen: list[str] = []
        self.said: list[str] = []

    def compose(self) -> ComposeResult:
        yield PaneView(self._glass, id="pane")
        yield Input()

    def on_mount(self) -> None:
        self.register_theme(theme.THEME)
        self.theme = "command-center"
        self.view.agent = self._agent

    @property
    def view(self) -> PaneView:
        return self.query_one(PaneView)

    @property
    def rows(self) -> list[str]:
        """What is shown below the bars."""
        view = self.view
        first = len(view._bars)
        return [view.render_line(y).text.rstrip() for y in range(first, view.size.height)]

    @property
    def bars(self) -> str:
        return "\n".join(self.view.render_line(y).text for y in range(len(self.view._bars)))

    def action_steal(self, key: str) -> None:
        self.stolen.append(key)

    def on_pane_view_typing_started(self) -> None:
        self.said.append("started")

    def on_pane_view_typing_ended(self) -> None:
        self.said.append("ended")


def in_pane(pane: str) -> Agent:
    return msgspec.structs.replace(ADA, pane=pane)


async def until(pilot: Pilot[None], is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not is_so():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        await pilot.pause(0.01)


async def until_shown(pilot: Pilot[None], app: PaneApp, text: str) -> None:
    await until(pilot, lambda: text in "\n".join(app.rows), f"{text!r} is shown")


async def printed(server: TmuxServer, folder: Path, text: str) -> str:
    """A pane that shows `text` and stays."""
    code = "import sys, time; sys.stdout.write(sys.argv[1]); sys.stdout.flush(); time.sleep(1e6)"
    return await python_pane(server, folder, code, text)
