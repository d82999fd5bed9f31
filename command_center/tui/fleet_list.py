"""The fleet as lines, one or two an agent; a change repaints the lines that differ, no other."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from command_center.domain.model import Agent, Fleet
from command_center.tui.columns import DEFAULT, Column
from command_center.tui.grid import ROOMY
from command_center.tui.rows import (
    AgentRow,
    GroupRow,
    HiddenRow,
    Row,
    RunRow,
    RunsRow,
    rows,
    stop_of,
)
from command_center.tui.sheet import Facts, Frame, Line, Sheet, strip_of
from command_center.tui.sieve import ALL, Sieve, needs_user, task_words, toggled_fold

if TYPE_CHECKING:
    from command_center.domain.gauges import Gauge
    from command_center.domain.runs import Run
    from command_center.domain.specs import AgentSpec
    from command_center.tui.run_meters import Reading

HOLD_S = 2.0
"""The order of the lines stands still this long after the user moved."""


class FleetList(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows `fleet` through `sieve`; the selection follows its agent, not its place."""

    DEFAULT_CSS = """
    FleetList { overflow-x: hidden; scrollbar-size-vertical: 1; }
    """

    class Selected(Message):
        def __init__(self, agent: Agent | None) -> None:
            super().__init__()
            self.agent = agent

    class Opened(Message):
        """An agent was double-clicked."""

    class Sifted(Message):
        """The user has asked to see others."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.sieve = ALL
        self.columns: Sequence[Column] = DEFAULT
        self.shows_runs = True
        """Below the agents, from the next fleet on."""
        self._fleet = Fleet()
        self._facts = Facts()
        self._rows: tuple[Row, ...] = ()
        self._sheet = Sheet()
        self._strips: dict[tuple[Line, int, bool], Strip] = {}
        self._stop = ""
        """Where the cursor is, as `stop_of` names it."""
        self._moved_at = float("-inf")

    @property
    def agents(self) -> list[Agent]:
        """Those that have lines, from top to bottom."""
        return [row.agent for row in self._rows if isinstance(row, AgentRow)]

    @property
    def visible_agents(self) -> list[Agent]:
        """Those that the user wants to see, in order: not filtered out, folded or hidden."""
        return [agent for agent in self.agents if not agent.is_hidden]

    @property
    def selected(self) -> Agent | None:
        """None on the head line of a folded group."""
        return self._fleet.agents.get(self._stop)

    @property
    def selected_run(self) -> "Run | None":
        return self._fleet.runs.get(self._stop[1:]) if self._stop.startswith("#") else None

    @property
    def selected_group(self) -> GroupRow | RunsRow | None:
        """The folded group on whose head line the cursor is."""
        around = self.group_around
        return around if around is not None and around.is_folded else None

    @property
    def group_around(self) -> GroupRow | RunsRow | None:
        """The group that the cursor is in."""
        return self._group_around(self._stop)

    @property
    def line_count(self) -> int:
        return len(self._sheet.lines)

    @property
    def page(self) -> int:
        """How many agents a page holds, at most."""
        return self.size.height // (ROOMY if self._sheet.grid.is_roomy else 1)

    @property
    def _stops(self) -> list[str]:
        return [stop for stop in map(stop_of, self._rows) if stop]

    @property
    def _frame(self) -> Frame:
        height, most = self.size.height, self.styles.max_height
        if self.styles.is_auto_height and most is not None:
            height = int(most.resolve(self.app.size, self.app.size))
        space = Size(self.scrollable_content_region.width, height)
        return Frame(space, self.sieve, self.columns)

    def show(
        self,
        fleet: Fleet,
        now: float,
        *,
        specs: "Mapping[str, AgentSpec] | None" = None,
        gauges: "Mapping[str, Gauge] | None" = None,
        readings: "Mapping[str, Reading] | None" = None,
    ) -> None:
        """Take in what is new; `now` is Unix seconds. What is left out stays as it was."""
        facts = self._facts
        self._facts = Facts(
            now,
            facts.specs if specs is None else specs,
            facts.gauges if gauges is None else gauges,
            facts.out,
            task_words(fleet.tasks) if fleet.tasks is not self._fleet.tasks else facts.tasks,
            facts.readings if readings is None else readings,
        )
        before = self._stops
        held = {}
        if now - self._moved_at < HOLD_S:
            held = {agent.id: place for place, agent in enumerate(self.agents)}
        names = {spec.id: spec.name for spec in self._facts.specs.values()}
        was, self._fleet = self._stop, fleet
        self._rows = rows(fleet, self.sieve, held, names, shows_runs=self.shows_runs)
        self._keep_selection(before)
        self._redraw()
        if self._stop != was:
            self.post_message(self.Selected(self.selected))

    def sift(self, sieve: Sieve) -> None:
        """Show what `sieve` lets through, in the order that is right now."""
        self.sieve, self._moved_at = sieve, float("-inf")
        self.show(self._fleet, self._facts.now)
        self._reveal()
        self.post_message(self.Sifted())

    def show_columns(self, columns: Sequence[Column]) -> None:
        """Show these columns, in this order, as far as there is room."""
        self.columns = tuple(columns)
        self._redraw()

    def mark_out(self, agents: frozenset[str]) -> None:
        """Say of these agents that their screens stand open beside the dashboard."""
        self._facts = replace(self._facts, out=agents)
        self._redraw()

    def toggle_hidden(self) -> None:
        self.sift(replace(self.sieve, shows_hidden=not self.sieve.shows_hidden))

    def toggle_fold(self, key: str = "") -> None:
        """Fold or open the group with this key; without one, that of the cursor."""
        around = self._group_around(self._stop)
        key = key or (around.key if around else "")
        if not key:
            return
        self.sift(toggled_fold(self.sieve, key))
        if around is not None and around.key == key:
            heads = (
                row for row in self._rows if isinstance(row, GroupRow | RunsRow) and row.key == key
            )
            at = self._rows.index(next(heads))
            self.select(stop_of(self._rows[at]) or stop_of(self._rows[at + 1]))

    def _group_around(self, stop: str) -> GroupRow | RunsRow | None:
        head: GroupRow | RunsRow | None = None
        for row in self._rows:
            if isinstance(row, GroupRow | RunsRow):
                head = row
            elif isinstance(row, HiddenRow):
                head = None
            if stop_of(row) == stop != "":
                return head
        return None

    def _keep_selection(self, before: list[str]) -> None:
        """When the selected line is gone, the one that came after it, else the one before."""
        now = self._stops
        if self._stop in now:
            return
        at = before.index(self._stop) if self._stop in before else 0
        near = (*before[at:], *reversed(before[:at]))
        self._stop = next((stop for stop in near if stop in now), now[0] if now else "")

    def select(self, stop: str) -> None:
        """Move to the agent with this id; nothing happens when it has no line."""
        if stop not in self._stops:
            return
        self._moved_at = self._facts.now
        if stop != self._stop:
            self._stop = stop
            self._redraw()
            self.post_message(self.Selected(self.selected))
        self._reveal()

    def move(self, steps: int) -> None:
        stops = self._stops
        if stops:
            at = stops.index(self._stop) if self._stop in stops else 0
            self.select(stops[max(0, min(len(stops) - 1, at + steps))])

    def select_next_needing(self) -> None:
        """The next agent below that needs the user, around the end; a folded group opens."""
        found = list(self._rows)
        at = next((i for i, row in enumerate(found) if stop_of(row) == self._stop), -1)
        for row in (*found[at + 1 :], *found[: at + 1]):
            if isinstance(row, AgentRow) and needs_user(row.agent):
                self.select(row.agent.id)
                return
            if isinstance(row, GroupRow) and row.is_folded and row.needing:
                self.select(stop_of(row))
                self.toggle_fold(row.key)
                return

    def _reveal(self) -> None:
        for number, row in enumerate(self._rows):
            if stop_of(row) == self._stop != "":
                lines = self._sheet.grid.lines_of(number)
                # The head line of the group comes along at the top.
                top = 0 if number == 1 else lines.start
                self.scroll_to_region(
                    Region(0, top, 1, lines.stop - top), animate=False, force=True, immediate=True
                )

    def _redraw(self) -> None:
        """Work out every line and ask for a repaint of those that differ."""
        before = self._sheet.lines
        self._work_out()
        lines = self._sheet.lines
        self.virtual_size = Size(self._sheet.frame.space.width, len(lines))
        top = self.scroll_offset.y
        # A line out of sight would cost the screen as much as one in sight.
        for y in range(top, min(max(len(before), len(lines)), top + self.size.height)):
            if before[y : y + 1] != lines[y : y + 1]:
                self.refresh_line(y)

    def _work_out(self) -> None:
        self._sheet.work_out(self._rows, self._frame, self._facts, self._stop)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        at = y + self.scroll_offset.y
        base = self.rich_style
        if self._sheet.frame.space != self._frame.space:
            # Painted with a new size before the event that tells of it came.
            self._work_out()
        lines = self._sheet.lines
        if at >= len(lines):
            return Strip.blank(width, base)
        key = (lines[at], width, self.has_focus)
        if (strip := self._strips.get(key)) is None:
            if len(self._strips) > 512:
                self._strips.clear()
            strip = self._strips[key] = strip_of(*key, base)
        return strip

    def on_resize(self) -> None:
        self._redraw()
        self._reveal()

    def watch_show_vertical_scrollbar(self) -> None:
        # The bar takes a column from the lines, and no resize event tells of it.
        self._redraw()

    def on_click(self, event: events.Click) -> None:
        at = self._sheet.grid.row_at(event.y + self.scroll_offset.y)
        row = self._rows[at] if at is not None else None
        if isinstance(row, AgentRow | RunRow):
            self.select(stop_of(row))
            if event.chain == 2:
                self.post_message(self.Opened())
        elif isinstance(row, GroupRow | RunsRow):
            self.toggle_fold(row.key)
        elif isinstance(row, HiddenRow):
            self.toggle_hidden()
