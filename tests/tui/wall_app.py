"""A wall of live panes over a real tmux, with the keys that the dashboard gives it."""

from pathlib import Path
from typing import ClassVar

from msgspec.structs import replace
from textual.app import App, ComposeResult
from textual.binding import BindingType

from command_center.domain.gauges import Gauge
from command_center.domain.model import Agent
from command_center.drivers.glass import Glass
from command_center.drivers.tmux import TmuxServer
from command_center.tui import theme
from command_center.tui.pane import PaneView
from command_center.tui.wall import Wall
from tests.tui.pane_app import ADA, printed

NOW = 1_000_000.0
ARROWS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


class WallApp(App[None]):
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *((key, f"move({x}, {y})", "") for key, (x, y) in ARROWS.items()),
        ("z", "zoom", ""),
        ("enter", "type", ""),
        ("q", "steal", ""),
        *((str(n), f"jump({n})", "") for n in range(1, 10)),
    ]

    def __init__(
        self, glass: Glass | None, agents: list[Agent], gauges: dict[str, Gauge] | None = None
    ) -> None:
        super().__init__(ansi_color=True)
        self._glass = glass
        self.agents = agents
        self.gauges = gauges or {}
        self.chosen = agents[0].id if agents else ""
        self.said: list[str] = []

    def compose(self) -> ComposeResult:
        yield Wall(self._glass, clock=lambda: NOW, id="wall")

    def on_mount(self) -> None:
        self.register_theme(theme.THEME)
        self.theme = "command-center"
        self.wall.focus()
        self.show()

    def show(self) -> None:
        self.wall.show(self.agents, self.chosen, self.gauges)

    @property
    def wall(self) -> Wall:
        return self.query_one(Wall)

    def cell(self, agent: str) -> PaneView:
        return next(c for c in self.query(PaneView) if c.agent is not None and c.agent.id == agent)

    def text(self, agent: str) -> str:
        """What the agent's cell shows."""
        cell = self.cell(agent)
        return "\n".join(cell.render_line(y).text for y in range(cell.size.height))

    @property
    def screen_lines(self) -> list[str]:
        return [
            "".join(segment.text for segment in line)
            for line in self.screen._compositor.render_strips()
        ]

    def on_wall_selected(self, message: Wall.Selected) -> None:
        self.chosen = message.agent_id
        self.said.append(message.agent_id)
        self.show()

    def on_wall_opened(self, message: Wall.Opened) -> None:
        self.said.append(f"opened {message.agent_id}")

    def action_move(self, dx: int, dy: int) -> None:
        self.wall.move(dx, dy)

    def action_jump(self, number: int) -> None:
        self.wall.jump(number)

    def action_zoom(self) -> None:
        self.wall.zoom()

    def action_type(self) -> None:
        self.wall.start_typing()

    def action_steal(self) -> None:
        self.said.append("stolen")


def agent(name: str, pane: str = "", **changes: object) -> Agent:
    return replace(ADA, id=name, name=name, pane=pane, since=NOW - 90, **changes)


async def fleet_of(server: TmuxServer, folder: Path, count: int) -> list[Agent]:
    """Agents a1 to aN whose panes say `I am aN` at the bottom."""
    names = [f"a{n}" for n in range(1, count + 1)]
    texts = ["\r\n" * 22 + f"I am {name}\r\n> " for name in names]
    return [agent(n, await printed(server, folder, t)) for n, t in zip(names, texts, strict=True)]
