"""The fleet as lines, one or two an agent; a change repaints the lines that differ, no other."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from command_center.domain.model import Agent, Fleet
from command_center.tui import theme
from command_center.tui.cells import (
    Cells,
    Part,
    Widths,
    age,
    agent_lines,
    cells,
    hidden_parts,
    repo_parts,
    shared,
    shared_roomy,
)
from command_center.tui.grid import ROOMY, Grid, laid_out
from command_center.tui.rows import AgentRow, HiddenRow, RepoRow, Row, Sieve, needs_user, rows

if TYPE_CHECKING:
    from command_center.domain.specs import AgentSpec

HOLD_S = 2.0
"""The order of the lines stands still this long after the user moved."""


class Line(Struct, frozen=True):
    """All that decides how a line looks, so equal lines need no repaint."""

    parts: tuple[Part, ...]
    is_selected: bool


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
        self.sieve = Sieve()
        self._fleet = Fleet()
        self._specs: Mapping[str, AgentSpec] = {}
        self._rows: tuple[Row, ...] = ()
        self._lines: list[Line] = []
        self._grid = Grid()
        self._ground = (Size(), self.sieve)
        """For which the lines are worked out."""
        self._memo: dict[str, tuple[Agent, str, Cells]] = {}
        self._made: dict[str, tuple[Cells, Widths, bool, tuple[Line, ...]]] = {}
        self._strips: dict[tuple[Line, int, bool], Strip] = {}
        self._selected = ""
        self._now = 0.0
        self._moved_at = float("-inf")

    @property
    def agents(self) -> list[Agent]:
        """Those that can be selected, from top to bottom."""
        return [row.agent for row in self._rows if isinstance(row, AgentRow)]

    @property
    def selected(self) -> Agent | None:
        return self._fleet.agents.get(self._selected)

    @property
    def line_count(self) -> int:
        return len(self._lines)

    @property
    def page(self) -> int:
        """How many agents a page holds, at most."""
        return self.size.height // (ROOMY if self._grid.is_roomy else 1)

    @property
    def _space(self) -> Size:
        """Columns of a line, and how many lines can be shown at once."""
        height, most = self.size.height, self.styles.max_height
        if self.styles.is_auto_height and most is not None:
            height = int(most.resolve(self.app.size, self.app.size))
        return Size(self.scrollable_content_region.width, height)

    def show(
        self,
        fleet: Fleet,
        now: float,
        *,
        specs: "Mapping[str, AgentSpec] | None" = None,
    ) -> None:
        """Take in what is new; `now` is Unix seconds."""
        if specs is not None and specs is not self._specs:
            self._specs, self._memo = specs, {}
        before = [agent.id for agent in self.agents]
        held = {}
        if now - self._moved_at < HOLD_S:
            held = {name: place for place, name in enumerate(before)}
        names = {spec.id: spec.name for spec in self._specs.values()}
        was, self._fleet, self._now = self._selected, fleet, now
        self._rows = rows(fleet, self.sieve, held, names)
        self._keep_selection(before)
        self._redraw()
        if self._selected != was:
            self.post_message(self.Selected(self.selected))

    def sift(self, sieve: Sieve) -> None:
        """Show what `sieve` lets through, in the order that is right now."""
        self.sieve, self._moved_at = sieve, float("-inf")
        self.show(self._fleet, self._now)
        self._reveal()
        self.post_message(self.Sifted())

    def toggle_hidden(self) -> None:
        self.sift(replace(self.sieve, shows_hidden=not self.sieve.shows_hidden))

    def _keep_selection(self, before: list[str]) -> None:
        """When the selected line is gone, the one that came after it, else the one before."""
        now = [agent.id for agent in self.agents]
        if self._selected in now:
            return
        at = before.index(self._selected) if self._selected in before else 0
        near = (*before[at:], *reversed(before[:at]))
        self._selected = next((name for name in near if name in now), now[0] if now else "")

    def select(self, agent: str) -> None:
        """Move to the agent with this id; nothing happens when it has no line."""
        if agent not in (a.id for a in self.agents):
            return
        self._moved_at = self._now
        if agent != self._selected:
            self._selected = agent
            self._redraw()
            self.post_message(self.Selected(self.selected))
        self._reveal()

    def move(self, steps: int) -> None:
        names = [agent.id for agent in self.agents]
        if names:
            at = names.index(self._selected) if self._selected in names else 0
            self.select(names[max(0, min(len(names) - 1, at + steps))])

    def select_next_needing(self) -> None:
        """The next agent below that needs the user, around the end."""
        agents = self.agents
        at = next((i for i, a in enumerate(agents) if a.id == self._selected), -1)
        for agent in (*agents[at + 1 :], *agents[: at + 1]):
            if needs_user(agent):
                self.select(agent.id)
                return

    def _reveal(self) -> None:
        for number, row in enumerate(self._rows):
            if isinstance(row, AgentRow) and row.agent.id == self._selected:
                lines = self._grid.lines_of(number)
                # The head line of the group comes along at the top.
                top = 0 if number == 1 else lines.start
                self.scroll_to_region(
                    Region(0, top, 1, lines.stop - top), animate=False, force=True, immediate=True
                )

    def _cells(self, agent: Agent) -> Cells:
        ago = age(self._now - agent.since) if agent.since else ""
        known = self._memo.get(agent.id)
        if known is not None and known[0] is agent and known[1] == ago:
            return known[2]
        spec = self._specs.get(agent.order.spec)
        made = cells(agent, agent.order.spec, spec.badge if spec else "", ago)
        self._memo[agent.id] = (agent, ago, made)
        return made

    def _redraw(self) -> None:
        """Work out every line and ask for a repaint of those that differ."""
        before = self._lines
        self._work_out()
        self.virtual_size = Size(self._space.width, len(self._lines))
        for y in range(max(len(before), len(self._lines))):
            if before[y : y + 1] != self._lines[y : y + 1]:
                self.refresh_line(y)

    def _work_out(self) -> None:
        ground = (self._space, self.sieve)
        # What the user changed decides anew; an agent that leaves only when it makes much room.
        was_roomy = self._grid.is_roomy or ground != self._ground
        self._ground = ground
        self._grid = laid_out(self._rows, self._space.height, was_roomy)
        texts = {row.agent.id: self._cells(row.agent) for row in _agent_rows(self._rows)}
        self._memo = {name: self._memo[name] for name in texts}
        self._made = {name: self._made[name] for name in texts if name in self._made}
        share = shared_roomy if self._grid.is_roomy else shared
        widths = share(self._space.width, list(texts.values()))
        self._lines = [line for row in self._rows for line in self._lines_of(row, texts, widths)]

    def _lines_of(self, row: Row, texts: Mapping[str, Cells], widths: Widths) -> tuple[Line, ...]:
        match row:
            case AgentRow(agent):
                return self._agent_lines(agent.id, texts[agent.id], widths)
            case RepoRow():
                return (Line(repo_parts(row), False),)
            case HiddenRow():
                return (Line(hidden_parts(row), False),)

    def _agent_lines(self, name: str, text: Cells, widths: Widths) -> tuple[Line, ...]:
        is_selected = name == self._selected
        known = self._made.get(name)
        if known is not None and known[0] is text and known[1:3] == (widths, is_selected):
            return known[3]
        lines = agent_lines(text, widths, is_selected)
        made = tuple(Line(parts, is_selected) for parts in lines)
        self._made[name] = (text, widths, is_selected, made)
        return made

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        at = y + self.scroll_offset.y
        base = self.rich_style
        if self._ground[0] != self._space:
            # Painted with a new size before the event that tells of it came.
            self._work_out()
        if at >= len(self._lines):
            return Strip.blank(width, base)
        key = (self._lines[at], width, self.has_focus)
        if (strip := self._strips.get(key)) is None:
            if len(self._strips) > 512:
                self._strips.clear()
            strip = self._strips[key] = _strip(*key, base)
        return strip

    def on_resize(self) -> None:
        self._redraw()
        self._reveal()

    def watch_show_vertical_scrollbar(self) -> None:
        # The bar takes a column from the lines, and no resize event tells of it.
        self._redraw()

    def on_click(self, event: events.Click) -> None:
        at = self._grid.row_at(event.y + self.scroll_offset.y)
        row = self._rows[at] if at is not None else None
        if isinstance(row, AgentRow):
            self.select(row.agent.id)
            if event.chain == 2:
                self.post_message(self.Opened())
        elif isinstance(row, HiddenRow):
            self.toggle_hidden()


def _agent_rows(found: Iterable[Row]) -> Iterable[AgentRow]:
    return (row for row in found if isinstance(row, AgentRow))


def _strip(line: Line, width: int, has_focus: bool, base: Style) -> Strip:
    over = Style.null()
    if line.is_selected:
        over = theme.CURSOR if has_focus else theme.STRONG
    segments = [Segment(text, base + style + over) for text, style in line.parts if text]
    return Strip(segments).adjust_cell_length(width, base + over)
