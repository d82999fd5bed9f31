"""The Machine screen: what CPUs, memory, disks and GPUs do, for whom, and did before."""

import asyncio
import time
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from rich.style import Style
from textual import on
from textual.app import ComposeResult

from command_center.domain.errors import LogError
from command_center.domain.machine import figures, tree_figures
from command_center.domain.model import Fleet
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.entry_list import EntryList
from command_center.tui.figures import Part
from command_center.tui.following import Following, KeyDeed
from command_center.tui.lines import PartsLine
from command_center.tui.machine_body import MachineBody, Shown
from command_center.tui.machine_figures import STALE_S
from command_center.tui.machine_loads import Order
from command_center.tui.machine_past import SPANS, Past, Steps, read_on

if TYPE_CHECKING:
    from command_center.domain.machine import Sample
    from command_center.tui.app import CommandCenter

_READ_S = 1.0
_PLOTTED = ("cpu", "memory", "pressure.cpu", "pressure.io")
_PLOTTED_GPU = (".use", ".memory", ".watts", ".celsius")
_WAYS = (
    ("← →", "span", "right"),
    ("tab", "plots", "tab"),
    ("p", "hide", "p"),
    ("s", "sort", "s"),
    ("j k", "choose", "j"),
    ("enter", "open", "enter"),
    ("J K", "GPUs", "J"),
    ("esc", "back", "escape"),
)


class MachineScreen(Following):
    """Reads in a thread, once a second; until then it shows what it has."""

    def __init__(self, app: "CommandCenter", open_run: Callable[[str], object]) -> None:
        """`open_run` takes the id of a run."""
        super().__init__()
        self._open_run = open_run
        self._center = app
        self._fleet = app.fleet
        self._sample: Sample | None = None
        self._steps = Steps()
        self._past = Past()
        self._span = list(SPANS)[1]
        self._page = 0
        self._order = Order.CPU
        self._problem = ""
        self._is_reading = self._was_read = False
        self._has_plots = True
        self._head_line = PartsLine(id="machine-head")
        self._body = MachineBody(id="machine-body")
        self._ways_line = PartsLine(id="machine-ways")
        self.keys = self._all_keys()

    def compose(self) -> ComposeResult:
        yield self._head_line
        yield self._body
        yield self._ways_line

    def on_mount(self) -> None:
        self.set_focus(self._body.table)
        self._redraw()
        self._look()
        self.set_interval(_READ_S, self._look)

    def on_resize(self) -> None:
        self.call_after_refresh(self._redraw)

    def take_fleet(self, fleet: Fleet) -> None:
        # Shown with the next sample: ten changes a second would be ten times the work.
        self._fleet = fleet

    # Keys

    def _all_keys(self) -> dict[str, KeyDeed]:
        return {
            **dict.fromkeys(("escape", "q", "M"), self.action_close),
            **dict.fromkeys(("right", "l"), lambda: self._turn_span(1)),
            **dict.fromkeys(("left", "h"), lambda: self._turn_span(-1)),
            **dict.fromkeys(("down", "j"), lambda: self._move(1)),
            **dict.fromkeys(("up", "k"), lambda: self._move(-1)),
            "pagedown": lambda: self._move(10),
            "pageup": lambda: self._move(-10),
            "tab": lambda: self._turn_page(1),
            "shift+tab": lambda: self._turn_page(-1),
            "p": self._toggle_plots,
            "s": self._turn_order,
            "J": lambda: self._body.scroll_gpus(1),
            "K": lambda: self._body.scroll_gpus(-1),
            "enter": self.action_go,
        }

    def action_press(self, key: str) -> None:
        """As if the key had been pressed."""
        self.keys[key]()

    def action_close(self) -> None:
        self.dismiss(None)

    def action_go(self) -> None:
        """To the agent under the cursor, or to all about the run."""
        owner = self._body.table.selected
        if (agent := self._fleet.agents.get(owner)) is not None:
            self.dismiss(None)
            self._center.go_to(owner)
            if self._center.selected != agent:
                name = one_line(agent.name, 40)
                self._center.crier.tell(f"{name} is hidden, folded or filtered out of the list")
        elif owner in self._fleet.runs:
            self._open_run(owner)

    @on(EntryList.Selected)
    def _keep(self, message: EntryList.Selected) -> None:
        message.stop()

    @on(EntryList.Opened)
    def _open(self, message: EntryList.Opened) -> None:
        message.stop()
        self.action_go()

    def action_span(self, span: int) -> None:
        self._span = span
        self._redraw()
        self._look()

    def _turn_span(self, by: int) -> None:
        spans = list(SPANS)
        self.action_span(spans[(spans.index(self._span) + by) % len(spans)])

    def _turn_page(self, by: int) -> None:
        self._page += by
        self._redraw()

    def _toggle_plots(self) -> None:
        self._has_plots = not self._has_plots
        self._redraw()

    def _turn_order(self) -> None:
        self._order = Order.MEMORY if self._order is Order.CPU else Order.CPU
        self._redraw()

    def _move(self, by: int) -> None:
        self._body.table.action_move(by)

    # Reading

    def _look(self) -> None:
        if not self._is_reading:
            self.run_worker(self._read(self._span), group="machine")

    async def _read(self, span: int) -> None:
        self._is_reading = True
        try:
            await asyncio.to_thread(self._read_now, self._center.deck.clock() - span)
            self._problem = ""
        except LogError as error:
            self._problem = one_line(str(error), 200)
        self._is_reading, self._was_read = False, True
        self._redraw()

    def _read_now(self, since: float) -> None:
        if (view := self._center.deck.machine()) is None:
            return
        # A connection of its own: it belongs to this thread.
        with closing(view):
            if (sample := view.poll()) is None:
                return
            names = [name for name in figures(sample) if _is_plotted(name)]
            names += [name for name in tree_figures(sample) if name.endswith(".cpu")]
            # The first step of a plot begins a little before the span.
            self._past = read_on(view, self._past, names, since - 60)
            self._sample = sample

    # Showing

    def _redraw(self) -> None:
        if not self.is_mounted:
            return
        now = self._center.deck.clock()
        self._head_line.put(*self._head(now))
        self._ways_line.put(self._ways())
        if (sample := self._sample) is not None:
            end = sample.at if _is_fresh(sample, now) else now
            self._steps.take(self._past, end, self._span)
        elif self._was_read:
            self._body.tell("nothing is measured yet; it is while a dashboard is open, or a run")
        shown = Shown(sample, self._steps, self._fleet, self._order, self._page, self._has_plots)
        self._body.show(shown)

    def _head(self, now: float) -> tuple[list[Part], list[Part]]:
        left: list[Part] = [(" Machine  ", theme.BRAND)]
        for span, words in SPANS.items():
            click = Style(meta={"@click": f"screen.span({span})"})
            here = Style(color="cyan", bold=True, underline=True)
            left += [
                ("  ", theme.PLAIN),
                (words, (here if span == self._span else theme.PLAIN) + click),
            ]
        return left, self._told(now)

    def _told(self, now: float) -> list[Part]:
        """What has to be known to read the rest rightly."""
        said: list[Part] = []
        sample = self._sample
        if sample is not None and sample.is_simulated:
            said.append(("  simulated GPUs", theme.BADGE))
        if self._problem:
            said.append((f"  {theme.PROBLEM_GLYPH} {self._problem}", theme.PROBLEM))
        elif sample is not None and not _is_fresh(sample, now):
            when = time.strftime("%H:%M:%S", time.localtime(sample.at))
            said.append((f"  as of {when}, nothing is measured now", theme.UNSEEN))
        return [*said, (" ", theme.PLAIN)]

    def _ways(self) -> list[Part]:
        parts = list[Part]()
        for key, label, pressed in _WAYS:
            if pressed == "J" and not self._body.has_more_gpus:
                continue
            click = Style(meta={"@click": f"screen.press('{pressed}')"})
            said = label if key != "p" or self._has_plots else "show"
            parts += [(f" {key} ", theme.KEY + click), (f"{said} ", click)]
        return parts


def _is_fresh(sample: "Sample", now: float) -> bool:
    return now - sample.at <= STALE_S


def _is_plotted(name: str) -> bool:
    return name in _PLOTTED or (name.startswith("gpu.") and name.endswith(_PLOTTED_GPU))
