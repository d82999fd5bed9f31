"""Runs side by side: their curves in one plot, what tells them apart, and their code."""

import asyncio
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.style import Style
from textual.app import ComposeResult

from command_center.domain.errors import CommandCenterError, LogError
from command_center.domain.model import Fleet
from command_center.domain.run_words import number, rank, took
from command_center.domain.runs import Run
from command_center.domain.text import one_line, plain
from command_center.store.runs import RunLedger
from command_center.tui import theme
from command_center.tui.cells import Part, fitted
from command_center.tui.curves import COLOURS, Curve, CurveChart
from command_center.tui.following import Following, KeyDeed, Later
from command_center.tui.lines import PartsLine
from command_center.tui.parts_list import Parts, PartsList
from command_center.tui.run_cells import LOOKS
from command_center.tui.run_news import curve_of, shared_metrics
from command_center.tui.run_screen import Ways
from command_center.tui.run_table import told_apart
from command_center.tui.task_cards import wrapped

if TYPE_CHECKING:
    from pathlib import Path

    from command_center.tui.app import CommandCenter

MOST = 12
"""Curves in one plot; the best runs have them."""
_READ_S = 2.0
_CELL = 24
_CODE_LINES = 5000


class CompareScreen(Following):
    DEFAULT_CSS = """
    CompareScreen {
        #compare-plot { height: 1fr; min-height: 6; }
        #compare-table { height: auto; max-height: 45%; }
        #compare-code { height: 1fr; display: none; }
        &.-code #compare-plot { display: none; }
        &.-code #compare-code { display: block; }
    }
    """

    def __init__(self, app: "CommandCenter", names: Sequence[str]) -> None:
        super().__init__()
        self._center = app
        self._head = PartsLine(id="compare-head")
        self._plot = CurveChart(id="compare-plot")
        self._code = PartsList(id="compare-code")
        self._table = PartsList(heads=1, id="compare-table")
        self._ways = Ways(id="compare-ways")
        self._names = tuple(names)
        self._metrics: tuple[str, ...] = ()
        self._metric = ""
        self._curves: tuple[Curve, ...] = ()
        self._read_at = float("-inf")
        self._problem = ""
        self.keys = self._all_keys()

    def compose(self) -> ComposeResult:
        yield from (self._head, self._plot, self._code, self._table, self._ways)

    def on_mount(self) -> None:
        self.take_fleet(self._center.fleet)
        self._ways.put(*_hints())

    def on_resize(self) -> None:
        self.call_after_refresh(self._redraw)

    @property
    def _runs(self) -> list[Run]:
        """The best first."""
        runs = self._center.fleet.runs
        return sorted((runs[name] for name in self._names if name in runs), key=rank)

    def take_fleet(self, fleet: Fleet) -> None:
        del fleet
        now = self._center.deck.clock()
        if abs(now - self._read_at) >= _READ_S:
            self._read_at = now
            self._look()
        self._redraw()

    def _look(self) -> None:
        self.run_worker(Later(self._read), group="compare", exclusive=True)

    async def _read(self) -> None:
        ledger, runs = self._center.deck.places.ledger, self._runs
        try:
            found = await asyncio.to_thread(_curves, ledger, runs, self._metric)
        except LogError as error:
            self._problem = one_line(str(error), 200)
        else:
            self._problem = ""
            self._metrics, self._metric, self._curves = found
        self._redraw()

    # Keys

    def _all_keys(self) -> dict[str, KeyDeed]:
        return {
            **dict.fromkeys(("escape", "q"), self.action_close),
            **dict.fromkeys(("l", "right"), partial(self._turn, 1)),
            **dict.fromkeys(("h", "left"), partial(self._turn, -1)),
            **dict.fromkeys(("j", "down"), partial(self._scroll, 1)),
            **dict.fromkeys(("k", "up"), partial(self._scroll, -1)),
            "pagedown": partial(self._scroll, 10),
            "pageup": partial(self._scroll, -10),
            "d": self._turn_code,
        }

    def action_act(self, key: str) -> None:
        """As if the key had been pressed."""
        self.keys[key]()

    def action_close(self) -> None:
        if self.has_class("-code"):
            self.remove_class("-code")
        else:
            self.dismiss(None)

    def _turn(self, by: int) -> None:
        if names := self._metrics:
            at = names.index(self._metric) if self._metric in names else 0
            self._metric = names[(at + by) % len(names)]
            self._look()

    def _scroll(self, by: int) -> None:
        shown = self._code if self.has_class("-code") else self._table
        shown.scroll_relative(y=by, animate=False)

    def _turn_code(self) -> None:
        self.toggle_class("-code")
        if self.has_class("-code"):
            self.run_worker(Later(self._read_code), group="code", exclusive=True)

    async def _read_code(self) -> None:
        """What the best of them changed of the first that was run."""
        code, runs = self._code, self._runs
        old, new = _pair(runs)
        code.put([((" reading…", theme.QUIET),)])
        try:
            diff = await self._center.deck.code_diff(self._center.fleet, old, new)
        except (CommandCenterError, OSError) as error:
            told = wrapped(one_line(str(error), 600), max(8, self.size.width - 2))
            code.put([((f" {line}", theme.PROBLEM),) for line in told])
            return
        said = f" {old.id} {old.order.commit[:10]} → {new.id} {new.order.commit[:10]}"
        head = f"{said}: the same code" if not diff else said
        code.put([((head, theme.STRONG),), *_code_lines(diff)])

    # Showing

    def _redraw(self) -> None:
        if not self.is_mounted:
            return
        runs = self._runs
        named = " ".join(run.id for run in runs)
        left: list[Part] = [(" Compare", theme.BRAND), (f"  {named}", theme.STRONG)]
        right: list[Part] = []
        if len(runs) > MOST:
            right = [(f" the best {MOST} are drawn ", theme.QUIET)]
        if self._problem:
            right = [(f" {theme.PROBLEM_GLYPH} {self._problem} ", theme.PROBLEM)]
        self._head.put(left, right)
        at = self._metrics.index(self._metric) if self._metric in self._metrics else 0
        more = f"  {at + 1} of {len(self._metrics)}" if len(self._metrics) > 1 else ""
        title = f"{one_line(self._metric, 60) or 'no figures yet'}{more}"
        self._plot.show(title, self._curves)
        now = self._center.deck.clock()
        lines = list(_table_lines(runs, now, self.size.width - 1))
        self._table.put(lines)


def _curves(
    ledger: "Path", runs: Sequence[Run], metric: str
) -> tuple[tuple[str, ...], str, tuple[Curve, ...]]:
    """The metrics, the one that is drawn, and its curves. Raises LogError."""
    names = shared_metrics(ledger, runs)
    shown = metric if metric in names else next(iter(names), "")
    with RunLedger(ledger) as reader:
        curves = tuple(curve_of(reader, run, shown, run.id) for run in runs[:MOST])
    return names, shown, curves


def _pair(runs: Sequence[Run]) -> tuple[Run, Run]:
    """The best, and what it is held against: the next best, in the order in which they were run."""
    first, second = sorted(runs[:2], key=lambda run: run.number)
    return first, second


def _table_lines(runs: Sequence[Run], now: float, width: int) -> Iterator[Parts]:
    """A line for each run under the names of the columns: the best first."""
    apart = told_apart(runs)
    counts = next((run.order.metric for run in runs if run.order.metric), "")
    result = one_line(counts or "result", 16).upper()
    head = [
        "",
        "RUN",
        "LIFE",
        result,
        "TOOK",
        "NOISE",
        *(one_line(n, _CELL).upper() for n in apart),
    ]
    rows = [
        (
            "▪",
            run.id,
            f"{LOOKS[run.life].glyph} {run.life}",
            number(run.result),
            took(run, now),
            f"{run.contention.index:.2f}" if run.contention else "",
            *(
                fitted(values[run.id], min(_CELL, cell_len(values[run.id])))
                for values in apart.values()
            ),
        )
        for run in runs
    ]
    sizes = [max(map(cell_len, column)) for column in zip(head, *rows, strict=True)]
    colours = list(COLOURS.values())
    yield tuple(_cells(head, sizes, width, [theme.QUIET] * len(head)))
    for place, (run, row) in enumerate(zip(runs, rows, strict=True)):
        colour = Style(color=colours[place % len(colours)]) if place < MOST else theme.QUIET
        styles = [colour, theme.STRONG, LOOKS[run.life].style, theme.STRONG]
        styles += [theme.QUIET, theme.QUIET, *([theme.KEY] * len(apart))]
        yield tuple(_cells(row, sizes, width, styles))


def _cells(
    row: Sequence[str], sizes: Sequence[int], width: int, styles: Sequence[Style]
) -> Iterator[Part]:
    left = width
    for text, size, style in zip(row, sizes, styles, strict=True):
        shown = fitted(f" {fitted(text, size)} ", min(size + 2, max(0, left)))
        left -= size + 2
        yield shown, style


def _code_lines(diff: str) -> Iterator[Parts]:
    lines = plain(diff).expandtabs(4).splitlines()
    for line in lines[:_CODE_LINES]:
        yield ((f" {line}", _look(line)),)
    if len(lines) > _CODE_LINES:
        yield ((f" and {len(lines) - _CODE_LINES} more lines", theme.QUIET),)


def _look(line: str) -> Style:
    if line.startswith(("+++", "---", "diff ", "index ")):
        return theme.STRONG
    if line.startswith("@@"):
        return theme.KEY
    if line.startswith("+"):
        return theme.ADDED
    return theme.REMOVED if line.startswith("-") else theme.PLAIN


def _hints() -> tuple[list[Part], list[Part]]:
    left: list[Part] = []
    for key, shown, label in (
        ("right", "← →", "metric"),
        ("d", "d", "code"),
        ("down", "j k", "scroll"),
    ):
        click = Style(meta={"@click": f"screen.act('{key}')"})
        left += [(f" {shown} ", theme.KEY + click), (f"{label} ", click)]
    click = Style(meta={"@click": "screen.act('escape')"})
    return left, [(" esc ", theme.KEY + click), ("back ", click)]
