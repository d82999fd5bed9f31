"""What the Machine screen shows between its top and its bottom line."""

import time
from typing import TYPE_CHECKING

from msgspec import Struct, field
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from command_center.domain.model import Fleet
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.charts import TimeChart
from command_center.tui.entry_list import INDENT, EntryList
from command_center.tui.lines import PartsLine
from command_center.tui.machine_figures import Parts
from command_center.tui.machine_gpus import driver_words, gpu_lines
from command_center.tui.machine_lines import cpu_lines, memory_lines, narrow_lines
from command_center.tui.machine_loads import Order, head_parts, load_entries, loads, whole_words
from command_center.tui.machine_past import Steps
from command_center.tui.machine_plots import Page, pages
from command_center.tui.parts_list import PartsList

if TYPE_CHECKING:
    from command_center.domain.machine import Sample

_WIDE, _WIDER = 100, 160
"""Columns from which two parts, or four plots, stand side by side."""
_TALL = 32
"""Lines from which there is room for boxes."""
_LOW = 20
"""Lines below which there is none for plots."""
_PLOTS = 4
_CORE_ROWS = 7
"""Lines of the screen for each line of CPUs."""
_LOADS_LEAST, _GPUS_LEAST, _PLOTS_LEAST = 6, 5, 8
"""Lines of the boxes that share what the first ones leave."""
_MOST = 0.42
"""Of the height, for one of them."""
_BOX = 2
"""Lines and columns that a box takes."""


class Shown(Struct, frozen=True):
    sample: "Sample | None" = None
    steps: Steps = field(default_factory=Steps)
    fleet: Fleet = field(default_factory=Fleet)
    order: Order = Order.CPU
    page: int = 0
    """Of the plots; counted around the end."""
    has_plots: bool = True


class MachineBody(Vertical):
    DEFAULT_CSS = """
    MachineBody {
        height: 1fr; overflow: hidden;
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
            #machine-plots { height: 1fr; min-height: 8; }
            TimeChart { border: round ansi_bright_black; padding: 0 1 0 0; }
        }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        # Not queried for: a sample may come while the screen is being left.
        self._alarms = PartsList(id="machine-alarms")
        self._cpu = PartsList(id="machine-cpu")
        self._memory = PartsList(id="machine-memory")
        self._gpus = PartsList(heads=1, id="machine-gpus")
        self._charts = [TimeChart("", "cyan", "") for _ in range(_PLOTS)]
        self._head = PartsLine(id="machine-list-head")
        self.table = EntryList(id="machine-list")
        self._absent = PartsList(id="machine-absent")
        self._host = Horizontal(self._cpu, self._memory, id="machine-host")
        self._plots = Horizontal(*self._charts, id="machine-plots")
        self._loads = Vertical(self._head, self.table, id="machine-loads")

    def compose(self) -> ComposeResult:
        yield self._alarms
        yield self._host
        yield self._gpus
        yield self._plots
        yield self._loads
        yield self._absent

    @property
    def has_more_gpus(self) -> bool:
        """Whether some can only be scrolled to."""
        return self._gpus.display and self._gpus.max_scroll_y > 0

    def scroll_gpus(self, by: int) -> None:
        self._gpus.scroll_relative(y=by, animate=False)

    @property
    def _is_boxed(self) -> bool:
        size = self.app.size
        return size.width >= _WIDE and size.height >= _TALL

    @property
    def _width(self) -> int:
        """Columns of a line that goes across."""
        return self.app.size.width - (_BOX + 1 if self._is_boxed else 1)

    def show(self, shown: Shown) -> None:
        """What is shown from now on; without a sample only why there is none."""
        self.set_class(self._is_boxed, "-boxed")
        for box in (self._host, self._gpus, self._plots, self._loads, self._absent):
            box.display = shown.sample is not None
        if shown.sample is not None:
            self._show_words(shown.sample)
            self._show_host(shown.sample, shown.steps)
            self._show_gpus(shown.sample, shown)
            self._show_loads(shown.sample, shown)
            self._show_plots(shown.sample, shown)
            self._share_height(shown.sample, shown)

    def _share_height(self, sample: "Sample", shown: Shown) -> None:
        """The plots have what the others do not need; without boxes the style sheet decides."""
        gpus, box = self._gpus, self._loads
        if not self._is_boxed:
            gpus.styles.max_height = box.styles.height = None
            return
        host = self._cpu.styles.height
        above = 2 + min(4, len(sample.alarms)) + min(3, len(sample.absent))
        above += int(host.value) if host is not None else 0
        lines = (gpus.virtual_size.height + _BOX, len(sample.trees) + 1 + _BOX)
        most, height = shares(self.app.size.height, above, lines, shown.has_plots)
        gpus.styles.max_height = most
        box.styles.height = height if shown.has_plots else None

    def tell(self, words: str) -> None:
        """In the place of everything, while there is no sample."""
        self._alarms.put([((f" {words}", theme.QUIET),)])

    def _show_words(self, sample: "Sample") -> None:
        lines = [
            (
                (f" ▲ {one_line(alarm.text, 300)}", theme.UNSEEN),
                (f"  since {time.strftime('%H:%M', time.localtime(alarm.since))}", theme.QUIET),
            )
            for alarm in sorted(sample.alarms, key=lambda each: each.since)
        ]
        self._alarms.put(lines)
        absent: list[Parts] = [
            ((f" {one_line(each, 300)}", theme.QUIET),) for each in sample.absent
        ]
        self._absent.put(absent)

    def _show_host(self, sample: "Sample", steps: Steps) -> None:
        cpu, memory, host = self._cpu, self._memory, sample.host
        memory.display = self._is_boxed
        if not self._is_boxed:
            cpu.styles.height = None
            cpu.put(narrow_lines(host, steps, self._width))
            return
        _name(cpu, f"{len(host.cpus)} CPUs" if host.cpus[1:] else "CPU")
        _name(memory, "Memory and disks")
        left = self.app.size.width * 3 // 5 - _BOX - 1
        lines = cpu_lines(host, steps, left, self.app.size.height // _CORE_ROWS)
        more = memory_lines(host, steps, self.app.size.width - left - 2 * _BOX - 2)
        cpu.styles.height = memory.styles.height = max(len(lines), len(more)) + _BOX
        cpu.put(lines)
        memory.put(more)

    def _show_gpus(self, sample: "Sample", shown: Shown) -> None:
        gpus = self._gpus
        gpus.display = bool(sample.gpus)
        if sample.gpus:
            title = "GPU" if len(sample.gpus) == 1 else f"{len(sample.gpus)} GPUs"
            _name(gpus, title, driver_words(sample.gpus))
            gpus.put(gpu_lines(sample.gpus, shown.fleet, shown.steps, self._width))

    def _show_loads(self, sample: "Sample", shown: Shown) -> None:
        trees, width = loads(sample, shown.order), self._width
        _name(
            self._loads, f"Agents and runs, by {shown.order}", whole_words(trees) if trees else ""
        )
        head = head_parts(width) if trees else ((f" {whole_words(trees)}", theme.QUIET),)
        self._head.put(head)
        self.table.put(load_entries(trees, shown.fleet, shown.steps, width - INDENT))

    def _show_plots(self, sample: "Sample", shown: Shown) -> None:
        has_room = self.app.size.height >= _LOW
        self._plots.display = shown.has_plots and has_room
        if not (shown.has_plots and has_room):
            return
        across = (4 if self.app.size.width >= _WIDER else 2) if self._is_boxed else 1
        every = pages(sample, across)
        page: Page = every[shown.page % len(every)]
        # As wide as the plots are together: two steps for each column.
        room = 2 * max(8, self.app.size.width // len(page) - 10)
        starts = shown.steps.frame(room).starts
        for number, chart in enumerate(self._charts):
            chart.display = number < len(page)
            if number < len(page):
                plot = page[number]
                _name(chart, plot.title, str(chart.border_subtitle or ""))
                chart.paint(plot.colour, plot.unit)
                chart.show(starts, plot.values(shown.steps, room), plot.top)


def shares(height: int, above: int, lines: tuple[int, int], has_plots: bool) -> tuple[int, int]:
    """Lines for the box of GPUs and for the table, which would have `lines`."""
    left = height - above - (_PLOTS_LEAST if has_plots else 0)
    most = int(height * _MOST)
    gpus = max(_GPUS_LEAST, min(lines[0], most, left - _LOADS_LEAST))
    return gpus, max(_LOADS_LEAST, min(lines[1], most, left - gpus))


def _name(box: Widget, title: str, subtitle: str = "") -> None:
    # Textual paints the whole box anew for every name that it is given, the same ones too.
    if box.border_title != title:
        box.border_title = title
    if (box.border_subtitle or "") != subtitle:
        box.border_subtitle = subtitle
