"""Live mini-terminals of real panes in one of two ways: minis_screen.py WAY SOCKET PANE..."""

import sys
from collections.abc import Iterable

from rich.text import Text
from textual.app import App, ComposeResult
from textual.containers import Grid
from textual.widgets import Static

from command_center.domain.model import Agent, Order, Phase, State
from command_center.drivers.glass import Glass
from command_center.tui.wall import Wall

READY = b"minis are up"
STATIC_S = 0.2


class WallApp(App[None]):
    """The wall, as the dashboard shows it."""

    def __init__(self, glass: Glass, panes: Iterable[str]) -> None:
        super().__init__(ansi_color=True)
        self._glass = glass
        self._panes = list(panes)

    def compose(self) -> ComposeResult:
        yield Wall(self._glass)

    def on_mount(self) -> None:
        agents = [mini_agent(pane) for pane in self._panes]
        self.query_one(Wall).show(agents, "", {})


class StaticApp(App[None]):
    """One Static for each pane, updated with the capture made a Text."""

    CSS = "Grid { grid-size: 3; grid-gutter: 0 1; } Static { height: 1fr; width: 1fr; }"

    def __init__(self, glass: Glass, panes: Iterable[str]) -> None:
        super().__init__(ansi_color=True)
        self._glass = glass
        self._statics = {pane: Static(READY.decode()) for pane in panes}

    def compose(self) -> ComposeResult:
        yield Grid(*self._statics.values())

    def on_mount(self) -> None:
        self.set_interval(STATIC_S, self._update)

    async def _update(self) -> None:
        for pane, screen in (await self._glass.look(list(self._statics))).items():
            self._statics[pane].update(Text.from_ansi("\n".join(screen.lines)))


def mini_agent(pane: str) -> Agent:
    order = Order("bench", "repo", "agents/mini", "HEAD", "/w/mini", prompt=READY.decode())
    return Agent(pane, "mini", order, 0.0, phase=Phase.LIVE, state=State.BUSY, pane=pane)


def main() -> None:
    way, socket, *panes = sys.argv[1:]
    app = {"wall": WallApp, "static": StaticApp}[way](Glass(socket), panes)
    app.run()


if __name__ == "__main__":
    main()
