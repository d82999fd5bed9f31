"""The Timeline screen: who was in which state when, what happened, and the event behind it."""

import asyncio
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from contextlib import closing
from itertools import takewhile
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from command_center.domain import events as ev
from command_center.domain.chronicle import Chronicle, Lane, Mark, event_text
from command_center.domain.errors import LogError
from command_center.domain.text import one_line
from command_center.store.replay import ReplayView
from command_center.store.view import View
from command_center.tui import theme
from command_center.tui.cells import Part, age
from command_center.tui.deck import Deck
from command_center.tui.dialogs.event import EventDialog
from command_center.tui.following import Over
from command_center.tui.lanes import MARKS, Lanes
from command_center.tui.lines import PartsLine
from command_center.tui.stretch import Stretch, fitting

_POLL_S = 1.0
_KEYS = (
    ("←→", "time"),
    ("[ ]", "event"),
    ("↑↓", "agent"),
    ("+ −", "zoom"),
    ("0", "all"),
    ("enter", "event"),
)


class TimelineScreen(Over[float | None]):
    """Dismissed with None, or in a replay with the time that shall be played from."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,T", "dismiss(None)", show=False),
        Binding("left,h", "go(-1)", show=False),
        Binding("right,l", "go(1)", show=False),
        Binding("shift+left,pageup", "page(-1)", show=False),
        Binding("shift+right,pagedown", "page(1)", show=False),
        Binding("up,k", "lane(-1)", show=False),
        Binding("down,j", "lane(1)", show=False),
        Binding("left_square_bracket", "event(-1)", show=False),
        Binding("right_square_bracket", "event(1)", show=False),
        Binding("plus,equals_sign", "zoom(0.5)", show=False),
        Binding("minus", "zoom(2.0)", show=False),
        Binding("0", "fit", show=False),
        Binding("g,home", "edge(0)", show=False),
        Binding("G,end", "edge(1)", show=False),
        Binding("enter", "open", show=False),
        Binding("p", "play", show=False),
    ]

    def __init__(self, deck: Deck) -> None:
        super().__init__()
        self._deck = deck
        self._chronicle = Chronicle()
        self._stretch = Stretch(0.0, 1.0, 1)
        self._at = 0.0
        self._lane = 0
        self._fits = True
        """Whether all of the time is to be shown, however long it gets."""
        self._problem = ""
        self._is_left = False

    def compose(self) -> ComposeResult:
        yield PartsLine(id="when")
        yield Lanes(id="lanes")
        yield PartsLine(id="what")
        yield PartsLine(id="proof")
        yield PartsLine(id="keys")

    def on_mount(self) -> None:
        self.query_one(Lanes).focus()
        keys = [*_KEYS, ("p", "play from here")] if self._is_replay else _KEYS
        line = [part for key, does in keys for part in _key(key, does)]
        self.query_one("#keys", PartsLine).put(line, _key("esc", "back"))
        self.run_worker(self._follow(), group="timeline")

    @property
    def _is_replay(self) -> bool:
        return isinstance(self._deck.view, ReplayView)

    # Reading

    async def _follow(self) -> None:
        """Goes on until the screen is left."""
        while True:
            before = self._chronicle.seq
            try:
                await asyncio.to_thread(self._read)
                self._problem = ""
            except LogError as error:
                self._problem = one_line(str(error), 200)
            if before == 0:
                now = self._deck.view.now if isinstance(self._deck.view, ReplayView) else None
                self._at = now or self._chronicle.end
                self._fit()
            elif self._fits and self._chronicle.seq != before:
                self._fit()
            self._show()
            await asyncio.sleep(_POLL_S)

    def _read(self) -> None:
        view, after = self._deck.view, self._chronicle.seq
        if isinstance(view, ReplayView):
            self._chronicle.feed(self._until_left(view.records(after)))
            return
        # A connection of its own: it belongs to this thread.
        with closing(View(self._deck.places.log)) as own:
            self._chronicle.feed(self._until_left(own.records(after)))

    def _until_left(self, records: Iterable[ev.Record]) -> Iterable[ev.Record]:
        # The program waits for its threads at the end.
        return takewhile(lambda _: not self._is_left, records)

    def on_unmount(self) -> None:
        self._is_left = True

    # Moving about

    @property
    def _lanes(self) -> list[Lane]:
        return list(self._chronicle.lanes.values())

    def _fit(self) -> None:
        chronicle, columns = self._chronicle, self.query_one(Lanes).columns
        self._stretch, self._fits = fitting(chronicle.begin, chronicle.end, columns), True

    def _go_to(self, at: float) -> None:
        self._at = min(max(at, self._chronicle.begin), self._chronicle.end)
        shown = self._stretch.showing(self._at)
        self._fits = self._fits and shown == self._stretch
        self._stretch = shown
        self._show()

    def action_go(self, columns: int) -> None:
        self._go_to(self._at + columns * self._stretch.per_column)

    def action_page(self, pages: int) -> None:
        self._go_to(self._at + pages * self._stretch.per_column * self._stretch.columns / 2)

    def action_lane(self, lanes: int) -> None:
        self._lane = min(max(self._lane + lanes, 0), max(0, len(self._lanes) - 1))
        self._show()

    def action_event(self, step: int) -> None:
        if (lane := self._chosen) is None:
            return
        times = lane.times()
        place = bisect_right(times, self._at) if step > 0 else bisect_left(times, self._at) - 1
        if 0 <= place < len(times):
            self._go_to(times[place])

    def action_zoom(self, factor: float) -> None:
        self._stretch, self._fits = self._stretch.zoomed(factor, self._at), False
        self._show()

    def action_fit(self) -> None:
        self._fit()
        self._show()

    def action_edge(self, is_end: int) -> None:
        self._go_to(self._chronicle.end if is_end else self._chronicle.begin)

    def action_play(self) -> None:
        if self._is_replay:
            self.dismiss(self._at)

    def action_open(self) -> None:
        if (lane := self._chosen) is None or not (seq := self._event_at(lane)):
            return
        try:
            record = self._record(seq)
        except LogError as error:
            self.notify(one_line(str(error), 200), severity="error", markup=False)
            return
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.at))
        title = f"{when} · event {record.seq} · {one_line(lane.name, 40)}"
        self.app.push_screen(EventDialog(title, event_text(record.event)))

    def _record(self, seq: int) -> ev.Record:
        view = self._deck.view
        if isinstance(view, ReplayView):
            return next(view.records(seq - 1))
        with closing(View(self._deck.places.log)) as own:
            return next(own.records(seq - 1))

    def on_lanes_pointed(self, message: Lanes.Pointed) -> None:
        self._lane = message.lane
        self._go_to(self._stretch.at(message.column))

    def on_lanes_widened(self) -> None:
        if self._fits:
            self._fit()
        else:
            columns = self.query_one(Lanes).columns
            self._stretch = Stretch(self._stretch.start, self._stretch.per_column, columns)
        self._show()

    # Showing

    @property
    def _chosen(self) -> Lane | None:
        lanes = self._lanes
        return lanes[self._lane] if self._lane < len(lanes) else None

    @property
    def _mark(self) -> Mark | None:
        """What happened in the column under the cursor, nearest to it."""
        if (lane := self._chosen) is None:
            return None
        column = self._stretch.column(self._at)
        first, last = (lane.marks_before(self._stretch.at(c)) for c in (column, column + 1))
        near = lane.marks[first:last]
        return min(near, key=lambda mark: abs(mark.at - self._at), default=None)

    def _event_at(self, lane: Lane) -> int:
        """Number of the event behind what the cursor is on; 0 where there is none."""
        found = self._mark or lane.span_at(self._at)
        return found.seq if found else 0

    def _show(self) -> None:
        lanes = self.query_one(Lanes)
        lanes.show(self._lanes, self._stretch, (self._lane, self._at), self._chronicle.end)
        self.query_one("#when", PartsLine).put(*self._when())
        what, proof = self._what()
        self.query_one("#what", PartsLine).put(what)
        self.query_one("#proof", PartsLine).put(proof)

    def _when(self) -> tuple[list[Part], list[Part]]:
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self._at)) if self._at else ""
        column = f"one column is {_span_text(self._stretch.per_column)} "
        left: list[Part] = [(" Timeline", theme.BRAND), (f"  {stamp}", theme.STRONG)]
        if self._problem:
            left.append((f"  {theme.PROBLEM_GLYPH} {self._problem}", theme.PROBLEM))
        elif not self._lanes:
            left.append(("  no agents yet" if self._chronicle.seq else "  reading…", theme.QUIET))
        return left, [(column, theme.QUIET)]

    def _what(self) -> tuple[list[Part], list[Part]]:
        """Two lines: the state under the cursor, and what happened there or who says so."""
        lane = self._chosen
        span = lane.span_at(self._at) if lane else None
        if lane is None or span is None or span.state is None:
            return [(" nobody there at this time", theme.QUIET)], []
        place = lane.spans_until(self._at)
        until = lane.spans[place].at if place < len(lane.spans) else self._chronicle.end
        look = theme.LOOKS[span.state]
        what: list[Part] = [
            (f" {one_line(lane.name, 40)}  ", theme.STRONG),
            (f"{look.glyph} {span.state}", look.style),
            (f" for {age(until - span.at)}", theme.QUIET),
            (f"  {one_line(span.reason, 200)}", theme.PLAIN),
        ]
        if (mark := self._mark) is not None:
            happened = f" {MARKS[mark.kind]} {mark.kind}: {one_line(mark.text, 300)}"
            return what, [(happened, theme.KEY)]
        said = f" {span.source}: {one_line(span.evidence, 300)}" if span.source else ""
        return what, [(said, theme.QUIET)]


def _key(key: str, does: str) -> list[Part]:
    return [(f" {key} ", theme.KEY), (f"{does} ", theme.PLAIN)]


def _span_text(seconds: float) -> str:
    return age(seconds) if seconds >= 1 else f"{seconds:.2f}s"
