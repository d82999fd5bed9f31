"""One run before the user's eyes: what is known of it, its curves and the end of its output."""

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Horizontal

from command_center.domain.errors import LogError
from command_center.domain.model import Fleet
from command_center.domain.runs import Run
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.curves import Curve, CurveChart
from command_center.tui.following import Later
from command_center.tui.lines import PartsLine
from command_center.tui.parts_list import PartsList
from command_center.tui.run_details import detail_lines
from command_center.tui.run_meters import DUTY
from command_center.tui.run_news import CPUS, GPU_MEMORY, GPUS, MEMORY, RunNews, read_news

if TYPE_CHECKING:
    from command_center.tui.deck import Deck

_READ_S = 1.0
_MORE = 2
"""Metrics beside the one that is drawn large, where there is room."""
_WIDE, _TALL = 110, 34


class RunView(Container):
    """Reads in a thread, once a second while it is shown; until then it says what it knows."""

    DEFAULT_CSS = """
    RunView {
        layout: vertical; height: 1fr;
        #run-top { height: 1fr; layout: vertical; }
        #run-facts { height: 6; }
        #run-curves { height: 1fr; layout: vertical; }
        #run-main { height: 1fr; }
        #run-small { height: 10; display: none; }
        #run-small CurveChart { width: 1fr; }
        #run-said { height: 30%; }
    }
    RunView.-wide {
        #run-top { layout: horizontal; }
        #run-facts { width: 48; height: 1fr; margin: 0 1 0 0; }
        #run-curves { width: 1fr; }
    }
    RunView.-tall #run-small { display: block; }
    """

    def __init__(self, deck: "Deck", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._deck = deck
        self._facts = PartsList(id="run-facts")
        self._main = CurveChart(id="run-main")
        self._small = [CurveChart() for _ in range(_MORE + 2)]
        self._log_line = PartsLine(id="run-log")
        self._said = PartsList(id="run-said")
        self._fleet = Fleet()
        self._run: Run | None = None
        self._news = RunNews()
        self._metric = ""
        """The one that is drawn large; empty: the first."""
        self._problem = ""
        self._known: tuple[object, ...] = ()
        """For what the news was read."""
        self._next_at = 0.0
        self._drawn: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        with Container(id="run-top"):
            yield self._facts
            with Container(id="run-curves"):
                yield self._main
                with Horizontal(id="run-small"):
                    yield from self._small
        yield self._log_line
        yield self._said

    def on_mount(self) -> None:
        self.set_interval(_READ_S, self._look)
        self._look()
        self._redraw()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= _WIDE, "-wide")
        self.set_class(event.size.height >= _TALL, "-tall")
        self.call_after_refresh(self._redraw)

    def show(self, run: Run | None, fleet: Fleet) -> None:
        """Follow `run`; the newest words about it are shown at once, its curves when read."""
        is_other = _which(run) != _which(self._run)
        self._run, self._fleet = run, fleet
        if is_other:
            self._news, self._metric = RunNews(), ""
            self._look()
        self._redraw()

    def turn(self, by: int) -> None:
        """To the next metric."""
        if names := self._news.metrics:
            at = names.index(self._metric) if self._metric in names else 0
            self._metric = names[(at + by) % len(names)]
            self._redraw()
            self._look()

    def scroll_facts(self, by: int) -> None:
        self._facts.scroll_relative(y=by, animate=False)

    def scroll_log(self, by: int) -> None:
        self._said.scroll_relative(y=by, animate=False)

    def _look(self) -> None:
        if self._run is None or not self.is_mounted or not self.display:
            return
        wanted = (*_which(self._run), self._run.ended_at, self._metric)
        is_known = wanted == self._known
        if not is_known or (not self._run.life.is_over and time.monotonic() >= self._next_at):
            read = Later(partial(self._read, self._run, wanted))
            self.run_worker(read, group="run-news", exclusive=True)

    async def _read(self, run: Run, wanted: tuple[object, ...]) -> None:
        places, began = self._deck.places, time.monotonic()
        folder = places.run(run.id, run.attempt)
        try:
            news = await asyncio.to_thread(
                read_news, places.ledger, run, folder, 1 + _MORE, self._metric
            )
        except (LogError, OSError) as error:
            self._problem = one_line(str(error), 200)
        else:
            self._problem = ""
            if _which(self._run) == _which(run):
                self._news, self._known = news, wanted
        ended = time.monotonic()
        self._next_at = ended + (ended - began) / DUTY
        self._redraw()

    # Showing

    def _redraw(self) -> None:
        if not self.is_mounted or (run := self._run) is None:
            return
        width = max(20, self._facts.size.width - 1)
        now = self._deck.clock()
        drawn = (run, id(self._fleet.runs), id(self._news), int(now), width, self._metric)
        if drawn == self._drawn and not self._problem:
            return
        self._drawn = drawn
        self._facts.put(detail_lines(run, self._fleet, self._news, now, width))
        self._draw_curves()
        self._show_log(run)

    def _draw_curves(self) -> None:
        news = self._news
        names = list(news.metrics)
        at = names.index(self._metric) if self._metric in names else 0
        shown = [*names[at : at + 1 + _MORE]]
        title = shown[0] if shown else "no figures yet"
        more = f"  {at + 1} of {len(names)}, ← → others" if len(names) > 1 else ""
        self._main.show(f"{one_line(title, 60)}{more}", _curve(news, shown[:1]))
        both = [*zip(self._small, [*shown[1:], *news.uses], strict=False)]
        for chart in self._small:
            chart.display = any(chart is used for used, _ in both)
        for chart, name in both:
            curve = _curve(news, [name])
            title = _TITLES.get(name) or one_line(name, 40)
            chart.show(title, curve, is_from_zero=name in _TITLES)

    def _show_log(self, run: Run) -> None:
        lines = self._news.log
        more = " L shows all of it" if lines else " nothing yet"
        said = [(" Output ", theme.BRAND), (more if run.attempt else " not started", theme.QUIET)]
        if self._problem:
            said = [(f" {theme.PROBLEM_GLYPH} {self._problem}", theme.PROBLEM)]
        self._log_line.put(said)
        tail = self._said
        was_at_end = tail.scroll_offset.y >= tail.max_scroll_y
        tail.put([((f" {line}", theme.PLAIN),) for line in lines])
        if was_at_end:
            tail.scroll_end(animate=False)


def _which(run: Run | None) -> tuple[str, int]:
    return (run.id, run.attempt) if run is not None else ("", 0)


_TITLES = {
    CPUS: "CPUs in use",
    MEMORY: "memory, GiB",
    GPUS: "GPUs in use, %",
    GPU_MEMORY: "memory of GPUs, GiB",
}


def _curve(news: RunNews, names: list[str]) -> list[Curve]:
    return [news.curves[name] for name in names if name in news.curves]
