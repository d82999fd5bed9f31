"""The dashboard over a log of the past: it plays, pauses and seeks, and asks for nothing."""

import asyncio
import sys
import time
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.strip import Strip
from textual.widget import Widget

from command_center.domain.chronicle import event_line
from command_center.domain.errors import LogError
from command_center.domain.model import Agent, Fleet
from command_center.domain.text import one_line
from command_center.store.replay import ReplayView
from command_center.tui import theme
from command_center.tui.app import CommandCenter
from command_center.tui.cells import Part, age, reason_of
from command_center.tui.crier import Crier
from command_center.tui.deck import Deck
from command_center.tui.lines import PartsLine

_KEYS = {
    "space": "turn",
    "left": "back",
    "right": "forth",
    "shift+left": "last_event",
    "shift+right": "next_event",
    "plus": "faster",
    "minus": "slower",
}
_STRIDE = 1 / 100
"""Of the whole log, for one press of an arrow."""
_DRAW_S = 0.1
_TELL_S = 0.5
_SWITCH_S = 0.0005


class _Silent(Crier):
    """What has long happened calls nobody."""

    def cry(self, before: Fleet, after: Fleet, watched: Agent | None) -> None:
        del before, after, watched


class ScrubBar(PartsLine):
    """Where the replay is: when, how fast, and a line that a click seeks in."""

    DEFAULT_CSS = "ScrubBar { dock: bottom; }"

    def __init__(self, view: ReplayView) -> None:
        super().__init__(id="scrub")
        self._view = view
        self._line = (0, 1)
        """First column of the line, and how many it has."""

    def draw(self) -> None:
        view = self._view
        sign = "■" if view.is_over else "▶" if view.is_playing else "‖"
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(view.now))
        left = f" {sign} {stamp}  {view.speed:g}× "
        read = f"  reading {view.prepared:.0%}" if view.prepared < 1 else ""
        right = f" {age(view.end - view.now)} left{read}  space ←→ +− "
        width = max(1, self.size.width - len(left) - len(right))
        self._line = (len(left), width)
        done = round(width * (view.now - view.begin) / max(1e-9, view.end - view.begin))
        parts: list[Part] = [
            (left, theme.STRONG),
            ("━" * done, theme.KEY),
            ("─" * (width - done), theme.QUIET),
        ]
        self.put(parts, [(right, Style(dim=True))])

    def on_click(self, event: events.Click) -> None:
        first, width = self._line
        view = self._view
        view.seek(view.begin + (view.end - view.begin) * (event.x - first) / max(1, width - 1))
        self.draw()

    def on_resize(self) -> None:
        self.draw()


class Past(Widget):
    """The last events of an agent, over the place where its screen would be: nobody kept that."""

    DEFAULT_CSS = """
    Past { layer: above; width: 100%; height: 100%; background: ansi_default; }
    """

    def __init__(self, view: ReplayView) -> None:
        super().__init__(id="past")
        self._view = view
        self._shown: tuple[str, int, int] = ("", -1, 0)
        self._lines: list[str] = []

    def show(self, agent: Agent | None) -> None:
        self.display = agent is not None
        wanted = (agent.id if agent else "", self._view.fleet.seq, self.size.height)
        if agent is None or wanted == self._shown:
            return
        self._shown = wanted
        head = f"{one_line(agent.name, 40)}: {agent.state} {reason_of(agent)}".rstrip()
        records = self._view.latest(agent.id, max(0, self.size.height - 2))
        stamped = ((time.strftime("%H:%M:%S", time.localtime(r.at)), r) for r in records)
        lines = [head, "", *(f"{stamp}  {event_line(record.event)}" for stamp, record in stamped)]
        if lines != self._lines:
            self._lines = lines
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        if y >= len(self._lines):
            return Strip.blank(width, base)
        style = base + (theme.STRONG if y == 0 else theme.PLAIN)
        return Strip([Segment(f" {self._lines[y]}", style)]).adjust_cell_length(width, base)


class ReplayCenter(CommandCenter):
    """`deck` has no inbox, and `view` is its view and its clock."""

    CSS = CommandCenter.CSS + "#stage { layers: default above; }"
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, deck: Deck, view: ReplayView) -> None:
        super().__init__(deck)
        self.crier = _Silent(self)
        self._replay = view

    def compose(self) -> ComposeResult:
        yield from super().compose()
        self._bar = ScrubBar(self._replay)
        yield self._bar

    def on_mount(self) -> None:
        self._past = Past(self._replay)
        self.stage.mount(self._past)
        self.set_interval(_DRAW_S, self._bar.draw)
        self.set_interval(_TELL_S, self._tell)
        self.run_worker(self._prepare(), group="prepare")

    def on_unmount(self) -> None:
        # The program waits for its threads at the end.
        self._replay.leave()

    async def _prepare(self) -> None:
        # Or each time the screen waits for a key, it would wait 5 ms more for the thread.
        usual = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_S)
        try:
            await asyncio.to_thread(self._replay.prepare)
        except LogError as error:
            self.crier.complain(str(error))
        finally:
            sys.setswitchinterval(usual)

    def _tell(self) -> None:
        self._past.show(self.selected)

    async def on_event(self, event: events.Event) -> None:
        key = event.key if isinstance(event, events.Key) and self.app_focus else ""
        if key in _KEYS and len(self.screen_stack) == 1 and not self.moves.is_filtering:
            self._transport(_KEYS[key])
        else:
            await super().on_event(event)

    def _transport(self, what: str) -> None:
        view = self._replay
        stride = (view.end - view.begin) * _STRIDE
        match what:
            case "turn":
                view.turn()
            case "back":
                view.seek(view.now - stride)
            case "forth":
                view.seek(view.now + stride)
            case "last_event":
                view.step(-1)
            case "next_event":
                view.step(1)
            case "faster":
                view.change_speed(1)
            case "slower":
                view.change_speed(-1)
        self.pulse.poll()
        self._bar.draw()
        self._tell()
