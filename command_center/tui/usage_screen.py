"""What was spent: by whom, on what and when, and how much of the limits is left."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from command_center.domain.errors import LogError
from command_center.domain.model import Fleet
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.charts import TimeChart
from command_center.tui.figures import Part
from command_center.tui.following import Over
from command_center.tui.lines import PartsLine
from command_center.tui.pace_table import pace_table
from command_center.tui.parts_list import PartsList
from command_center.tui.usage_files import save
from command_center.tui.usage_report import (
    PERIODS,
    STEP_WORDS,
    By,
    Report,
    bill,
    limit_lines,
    rates,
    table,
    whole_parts,
)

if TYPE_CHECKING:
    from command_center.domain.gauges import Gauge
    from command_center.tui.deck import Deck

_RELOAD_S = 5.0
_PACE = "pace"
_TABLES = {**{str(by): str(by) for by in By}, By.REPOSITORY: "repo", _PACE: _PACE}
"""Words of the tab of each table, by what the action calls it."""
_WAYS = (
    ("← →", "period", "period(1)"),
    ("1-5", "told apart by", "next_by"),
    ("j k", "scroll", ""),
    ("e", "export", "export"),
    ("esc", "back", "close"),
)


class UsageScreen(Over[None]):
    """Reads in a thread, at once and every few seconds; until then it shows what it has."""

    DEFAULT_CSS = """
    UsageScreen {
        #usage-whole { height: 2; }
        #usage-table { height: 1fr; min-height: 4; }
        #usage-charts { height: 42%; min-height: 8; }
        #usage-limits { height: auto; max-height: 30%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,dollar_sign", "close", show=False),
        Binding("right,l,right_square_bracket", "period(1)", show=False),
        Binding("left,h,left_square_bracket", "period(-1)", show=False),
        Binding("tab", "next_by(1)", show=False),
        Binding("shift+tab", "next_by(-1)", show=False),
        *(Binding(str(n), f"by('{by}')", show=False) for n, by in enumerate(_TABLES, 1)),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("e", "export", show=False),
    ]

    def __init__(
        self,
        deck: "Deck",
        fleet: Fleet,
        lost: str = "",
        gauges: Callable[[], "Mapping[str, Gauge]"] = dict,
    ) -> None:
        """`lost` are the words for the time of today in which nothing was done.

        `gauges` are the newest, by agent.
        """
        super().__init__()
        self._gauges = gauges
        self._lost = lost
        self._deck = deck
        self._fleet = fleet
        self._days = next(iter(PERIODS))
        self._by: str = By.AGENT
        self._reports: dict[int, Report] = {}
        """By days, as they were last read."""
        self._told = ""
        self._is_problem = False

    def compose(self) -> ComposeResult:
        yield PartsLine(id="usage-head")
        yield PartsList(id="usage-whole")
        yield PartsList(heads=1, id="usage-table")
        with Horizontal(id="usage-charts"):
            yield TimeChart("", "cyan", "")
            yield TimeChart("", "green", "$")
        yield PartsList(id="usage-limits")
        yield PartsLine(id="usage-ways")

    def on_mount(self) -> None:
        self._redraw()
        self._load()
        self.set_interval(_RELOAD_S, self._load)

    def on_resize(self) -> None:
        self._redraw()

    def _load(self) -> None:
        self.run_worker(self._read(self._days), group="usage", exclusive=True)

    async def _read(self, days: int) -> None:
        try:
            report = await asyncio.to_thread(self._deck.usage, self._fleet, days)
        except LogError as error:
            self._tell(str(error), is_problem=True)
            return
        if report is not None:
            self._reports[days] = report
        self._redraw()

    def _redraw(self) -> None:
        if not self.is_mounted:
            return
        report = self._reports.get(self._days)
        self.query_one("#usage-head", PartsLine).put(self._head())
        self.query_one("#usage-ways", PartsLine).put(_ways(), self._answer())
        whole: list[Part] = [(" reading…", theme.QUIET)]
        lost = f" {self._lost}" if self._days == 1 and self._lost else ""
        self.query_one("#usage-whole", PartsList).put(
            [tuple(whole_parts(report) if report else whole), ((lost, theme.QUIET),)]
        )
        if report is not None:
            self._show(report)

    def _show(self, report: Report) -> None:
        width = self.size.width - 1
        now = self._deck.clock()
        self.query_one("#usage-table", PartsList).put(
            pace_table(self._fleet, self._gauges(), now, width)
            if self._by == _PACE
            else table(report.shares[By(self._by)], By(self._by), width)
        )
        limits = limit_lines(report, self._fleet, now)
        self.query_one("#usage-limits", PartsList).put(limits)
        speed, money = self.query(TimeChart)
        speed.border_title = f"output tokens/s, by {STEP_WORDS[report.days]}"
        known = " at known prices" if report.whole.unpriced else ""
        money.border_title = f"dollars{known}, {PERIODS[report.days]}"
        speed.show(*rates(report))
        money.show(*bill(report))

    def _head(self) -> list[Part]:
        parts: list[Part] = [(" Usage  ", theme.BRAND)]
        for days, words in PERIODS.items():
            parts += _tab(words, days == self._days, f"days({days})")
        parts.append(("  by", theme.QUIET))
        for number, (by, words) in enumerate(_TABLES.items(), 1):
            parts += _tab(f"{number} {words}", by == self._by, f"by('{by}')")
        return parts

    def _answer(self) -> list[Part]:
        style = theme.PROBLEM if self._is_problem else theme.KEY
        return [(f" {one_line(self._told)} ", style)] if self._told else []

    def _tell(self, text: str, *, is_problem: bool = False) -> None:
        self._told, self._is_problem = text, is_problem
        self._redraw()

    def action_close(self) -> None:
        self.dismiss(None)

    def action_days(self, days: int) -> None:
        self._days = days
        self._redraw()
        self._load()

    def action_period(self, by: int) -> None:
        periods = list(PERIODS)
        self.action_days(periods[(periods.index(self._days) + by) % len(periods)])

    def action_by(self, by: str) -> None:
        self._by = by
        self._redraw()

    def action_next_by(self, step: int = 1) -> None:
        ways = list(_TABLES)
        self.action_by(ways[(ways.index(self._by) + step) % len(ways)])

    def action_scroll(self, by: int) -> None:
        self.query_one("#usage-table", PartsList).scroll_relative(y=by, animate=False)

    async def action_export(self) -> None:
        report = self._reports.get(self._days)
        if report is None:
            return
        folder = self._deck.places.data / "exports"
        try:
            written = await asyncio.to_thread(save, report, folder)
        except OSError as error:
            self._tell(f"nothing was written: {error}", is_problem=True)
        else:
            self._tell(f"written: {written[0].with_suffix('')}.json and .csv")


def _tab(words: str, is_here: bool, action: str) -> list[Part]:
    click = Style(meta={"@click": f"screen.{action}"})
    look = Style(color="cyan", bold=True, underline=True) if is_here else theme.PLAIN
    return [("  ", theme.PLAIN), (words, look + click)]


def _ways() -> list[Part]:
    parts = list[Part]()
    for key, label, action in _WAYS:
        click = Style(meta={"@click": f"screen.{action}"}) if action else theme.PLAIN
        parts += [(f" {key} ", theme.KEY + click), (f"{label} ", click)]
    return parts
