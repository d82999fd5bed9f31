"""The Machine screen: what CPUs, memory, disks and GPUs do, for whom, and did before."""

import asyncio
import time
from contextlib import closing
from typing import TYPE_CHECKING

from rich.style import Style
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from command_center.domain.errors import LogError
from command_center.domain.machine import figures, tree_figures
from command_center.domain.model import Fleet
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.charts import TimeChart
from command_center.tui.entry_list import INDENT, EntryList
from command_center.tui.figures import Part
from command_center.tui.following import Following, KeyDeed
from command_center.tui.lines import PartsLine
from command_center.tui.machine_figures import STALE_S, Parts
from command_center.tui.machine_gpus import gpu_lines
from command_center.tui.machine_lines import cpu_lines, memory_lines, narrow_lines
from command_center.tui.machine_loads import Order, head_parts, load_entries, loads, whole_words
from command_center.tui.machine_past import SPANS, Past, Steps, read_on
from command_center.tui.machine_plots import Page, pages
from command_center.tui.parts_list import PartsList

if TYPE_CHECKING:
    from command_center.domain.machine import Sample
    from command_center.tui.app import CommandCenter

_READ_S = 1.0
_WIDE, _WIDER = 100, 160
"""Columns from which two parts, or four plots, stand side by side."""
_TALL = 32
"""Lines from which there is room for boxes."""
_PLOTS = 4
_PLOTTED = ("cpu", "memory", "pressure.cpu", "pressure.io")
_PLOTTED_GPU = (".use", ".memory", ".watts", ".celsius")
_WAYS = (
    ("← →", "span", "right"),
    ("tab", "plots", "tab"),
    ("p", "hide them", "p"),
    ("s", "sort", "s"),
    ("j k", "choose", "j"),
    ("enter", "go to it", "enter"),
    ("esc", "back", "escape"),
)


class MachineScreen(Following):
    """Reads in a thread, once a second; until then it shows what it has."""

    DEFAULT_CSS = """
    MachineScreen {
        layout: vertical;
        #machine-alarms { height: auto; max-height: 4; }
        #machine-host { height: auto; }
        #machine-cpu, #machine-memory { height: auto; width: 1fr; }
        #machine-gpus { height: auto; max-height: 30%; }
        #machine-plots { height: 6; }
        #machine-loads { height: 1fr; min-height: 3; }
        #machine-list { height: 1fr; }
        #machine-absent { height: auto; max-height: 3; }
        TimeChart { display: none; border: none; border-top: solid ansi_bright_black; padding: 0; }
        &.-boxed {
            #machine-cpu { width: 3fr; }
            #machine-memory { width: 2fr; }
            #machine-cpu, #machine-memory, #machine-gpus, #machine-loads {
                border: round ansi_bright_black;
                border-title-color: ansi_default; border-title-style: bold;
                border-subtitle-color: ansi_default;
            }
            #machine-plots { height: 24%; min-height: 9; }
            #machine-cpu, #machine-memory { height: 10; }
            TimeChart { border: round ansi_bright_black; padding: 0 1 0 0; }
        }
    }
    """

    def __init__(self, app: "CommandCenter") -> None:
        super().__init__()
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
        self.keys = self._all_keys()

    def compose(self) -> ComposeResult:
        yield PartsLine(id="machine-head")
        yield PartsList(id="machine-alarms")
        with Horizontal(id="machine-host"):
            yield PartsList(id="machine-cpu")
            yield PartsList(id="machine-memory")
        yield PartsList(heads=1, id="machine-gpus")
        with Horizontal(id="machine-plots"):
            for number in range(_PLOTS):
                yield TimeChart("", "cyan", "", id=f"machine-plot-{number}")
        with Vertical(id="machine-loads"):
            yield PartsLine(id="machine-list-head")
            yield EntryList(id="machine-list")
        yield PartsList(id="machine-absent")
        yield PartsLine(id="machine-ways")

    def on_mount(self) -> None:
        self._fit()
        self.set_focus(self.query_one(EntryList))
        self._redraw()
        self._look()
        self.set_interval(_READ_S, self._look)

    def on_resize(self) -> None:
        self._fit()
        self.call_after_refresh(self._redraw)

    def take_fleet(self, fleet: Fleet) -> None:
        if fleet is not self._fleet:
            self._fleet = fleet
            self._redraw()

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
            "enter": self.action_go,
        }

    def action_press(self, key: str) -> None:
        """As if the key had been pressed."""
        self.keys[key]()

    def action_close(self) -> None:
        self.dismiss(None)

    def action_go(self) -> None:
        """To the agent under the cursor, or the one that a run is for."""
        owner = self.query_one(EntryList).selected
        run = self._fleet.runs.get(owner)
        agent = run.order.agent if run is not None else owner
        if agent in self._fleet.agents:
            self.dismiss(None)
            self._center.go_to(agent)
        elif run is not None:
            self._center.crier.tell(f"{run.id} is for no agent; see `acc runs show {run.id}`")

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
        self.query_one("#machine-plots").display = self._has_plots
        self._redraw()

    def _turn_order(self) -> None:
        self._order = Order.MEMORY if self._order is Order.CPU else Order.CPU
        self._redraw()

    def _move(self, by: int) -> None:
        self.query_one(EntryList).action_move(by)

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

    def _fit(self) -> None:
        self.set_class(self._is_boxed, "-boxed")

    @property
    def _is_boxed(self) -> bool:
        return self.size.width >= _WIDE and self.size.height >= _TALL

    @property
    def _across(self) -> int:
        if not self._is_boxed:
            return 1
        return 4 if self.size.width >= _WIDER else 2

    def _redraw(self) -> None:
        if not self.is_mounted:
            return
        now = self._center.deck.clock()
        self.query_one("#machine-head", PartsLine).put(*self._head(now))
        self.query_one("#machine-ways", PartsLine).put(self._ways())
        sample = self._sample
        self._show(sample, now) if sample is not None else self._show_nothing()

    def _show_nothing(self) -> None:
        words = " reading…"
        if self._was_read:
            words = " nothing is measured yet: the supervisor measures while a dashboard is open"
        self.query_one("#machine-alarms", PartsList).put([((words, theme.QUIET),)])
        for name in ("#machine-host", "#machine-gpus", "#machine-plots", "#machine-loads"):
            self.query_one(name).display = False

    def _show(self, sample: "Sample", now: float) -> None:
        self._steps.take(self._past, sample.at if _is_fresh(sample, now) else now, self._span)
        for name in ("#machine-host", "#machine-loads"):
            self.query_one(name).display = True
        self.query_one("#machine-plots").display = self._has_plots
        self._show_alarms(sample)
        self._show_host(sample)
        self._show_gpus(sample)
        self._show_loads(sample)
        if self._has_plots:
            self._show_plots(sample)

    def _show_alarms(self, sample: "Sample") -> None:
        lines = [
            (
                (f" ▲ {one_line(alarm.text, 300)}", theme.UNSEEN),
                (f"  since {time.strftime('%H:%M', time.localtime(alarm.since))}", theme.QUIET),
            )
            for alarm in sorted(sample.alarms, key=lambda each: each.since)
        ]
        self.query_one("#machine-alarms", PartsList).put(lines)
        absent: list[Parts] = [
            ((f" {one_line(each, 300)}", theme.QUIET),) for each in sample.absent
        ]
        self.query_one("#machine-absent", PartsList).put(absent)

    def _show_host(self, sample: "Sample") -> None:
        cpu, memory = (self.query_one(f"#machine-{n}", PartsList) for n in ("cpu", "memory"))
        host, steps = sample.host, self._steps
        memory.display = self._is_boxed
        if not self._is_boxed:
            cpu.put(narrow_lines(host, steps, self.size.width - 1))
            return
        cpu.border_title = f"{len(host.cpus)} CPUs" if host.cpus[1:] else "CPU"
        memory.border_title = "Memory and disks"
        cpu.put(cpu_lines(host, steps, cpu.size.width, rows=6))
        memory.put(memory_lines(host, steps, memory.size.width))

    def _show_gpus(self, sample: "Sample") -> None:
        gpus = self.query_one("#machine-gpus", PartsList)
        gpus.display = bool(sample.gpus)
        if sample.gpus:
            gpus.border_title = "GPU" if len(sample.gpus) == 1 else f"{len(sample.gpus)} GPUs"
            gpus.border_subtitle = "simulated" if sample.is_simulated else ""
            width = self.size.width - (4 if self._is_boxed else 1)
            gpus.put(gpu_lines(sample.gpus, self._fleet, self._steps, width))

    def _show_loads(self, sample: "Sample") -> None:
        trees = loads(sample, self._order)
        box = self.query_one("#machine-loads")
        box.border_title = f"Agents and runs, by {self._order}"
        box.border_subtitle = whole_words(trees)
        width = self.size.width - (4 if self._is_boxed else 1)
        head = head_parts(width) if trees else ((f" {whole_words(trees)}", theme.QUIET),)
        self.query_one("#machine-list-head", PartsLine).put(head)
        entries = load_entries(trees, self._fleet, self._steps, width - INDENT)
        self.query_one(EntryList).put(entries)

    def _show_plots(self, sample: "Sample") -> None:
        every = pages(sample, self._across)
        page: Page = every[self._page % len(every)]
        for number, chart in enumerate(self.query(TimeChart)):
            chart.display = number < len(page)
            if number < len(page):
                self._plot(chart, page, number)

    def _plot(self, chart: TimeChart, page: Page, number: int) -> None:
        plot, room = page[number], 2 * max(8, self.size.width // len(page) - 10)
        chart.border_title = plot.title
        values = plot.values(self._steps, room)
        chart.paint(plot.colour, plot.unit)
        chart.show(self._steps.frame(room).starts, values, plot.top)

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
            click = Style(meta={"@click": f"screen.press('{pressed}')"})
            said = label if key != "p" or self._has_plots else "show plots"
            parts += [(f" {key} ", theme.KEY + click), (f"{said} ", click)]
        return parts


def _is_fresh(sample: "Sample", now: float) -> bool:
    return now - sample.at <= STALE_S


def _is_plotted(name: str) -> bool:
    return name in _PLOTTED or (name.startswith("gpu.") and name.endswith(_PLOTTED_GPU))
