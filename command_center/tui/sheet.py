"""The lines of the fleet list, worked out anew only where something has changed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from command_center.domain.model import Agent
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.cells import Cells, Part, age, cells, measured
from command_center.tui.columns import DEFAULT, Column
from command_center.tui.grid import Grid, laid_out
from command_center.tui.line_parts import agent_lines, group_parts, hidden_parts
from command_center.tui.rows import (
    AgentRow,
    GroupRow,
    HiddenRow,
    MoreRunsRow,
    Row,
    RunRow,
    RunsRow,
    stop_of,
)
from command_center.tui.sieve import ALL, Sieve
from command_center.tui.widths import Widths, shared, shared_roomy

if TYPE_CHECKING:
    from command_center.domain.gauges import Gauge
    from command_center.domain.specs import AgentSpec
    from command_center.tui.run_meters import Reading
    from command_center.tui.run_sheet import RunSheet


class Line(Struct, frozen=True):
    """All that decides how a line looks, so equal lines need no repaint."""

    parts: tuple[Part, ...]
    is_selected: bool


class Facts(Struct, frozen=True):
    """What the lines tell beside the agents themselves."""

    now: float = 0.0
    """Unix seconds."""
    specs: "Mapping[str, AgentSpec]" = field(default_factory=dict)
    gauges: "Mapping[str, Gauge]" = field(default_factory=dict)
    out: frozenset[str] = frozenset()
    """Ids of the agents whose screens stand open beside the dashboard."""
    tasks: Mapping[str, str] = field(default_factory=dict)
    """Id and title of the newest task of each agent that ever had one."""
    readings: "Mapping[str, Reading]" = field(default_factory=dict)
    """Newest figures of runs, by their ids."""


class Frame(Struct, frozen=True):
    """What the user decides of how the lines are laid out."""

    space: Size = Size()
    """Columns of a line, and how many lines can be shown at once."""
    sieve: Sieve = ALL
    columns: Sequence[Column] = DEFAULT


class Sheet:
    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.grid = Grid()
        self.frame = Frame()
        """For which the lines are worked out."""
        self._texts: dict[str, tuple[tuple[object, ...], tuple[Gauge | None, int], Cells]] = {}
        self._made: dict[str, tuple[Cells, Widths, bool, tuple[Line, ...]]] = {}
        self._runs: RunSheet | None = None

    def work_out(self, found: Sequence[Row], frame: Frame, facts: Facts, selected: str) -> None:
        # What the user changed decides anew; an agent that leaves only when it makes much room.
        was_roomy = self.grid.is_roomy or frame != self.frame
        self.frame = frame
        self.grid = laid_out(found, frame.space.height, was_roomy)
        texts = {row.agent.id: self._cells(row.agent, facts) for row in _agent_rows(found)}
        self._texts = {name: self._texts[name] for name in texts}
        self._made = {name: self._made[name] for name in texts if name in self._made}
        share = shared_roomy if self.grid.is_roomy else shared
        widths = share(frame.space.width, list(texts.values()), frame.columns)
        self._measure_runs(found, facts)
        self.lines = [line for row in found for line in self._lines(row, texts, widths, selected)]

    def _measure_runs(self, found: Sequence[Row], facts: Facts) -> None:
        if self._runs is None and any(isinstance(row, RunRow | RunsRow) for row in found):
            # Not at the top: most fleets have none at the first paint.
            from command_center.tui.run_sheet import RunSheet

            self._runs = RunSheet()
        if self._runs is not None:
            self._runs.measure(found, self.frame.space.width, facts.readings, facts.now)

    def _cells(self, agent: Agent, facts: Facts) -> Cells:
        ago = age(facts.now - agent.since) if agent.since else ""
        spec, gauge = facts.specs.get(agent.order.spec), facts.gauges.get(agent.id)
        is_out = agent.id in facts.out
        task = facts.tasks.get(agent.id, "")
        made_of = (agent, spec, ago, is_out, task)
        at = (gauge, _behind(gauge, facts.now))
        known = self._texts.get(agent.id)
        if known is not None and known[0] == made_of:
            if known[1] == at or gauge is None:
                return known[2]
            made = measured(known[2], gauge, at[1])
        else:
            badge = spec.badge if spec else ""
            made = cells(agent, agent.order.spec, badge, ago, task=task)
            if is_out:
                made = replace(made, name=f"{one_line(agent.name, 16)} {theme.OUT_GLYPH}")
            if gauge is not None:
                made = measured(made, gauge, at[1])
        self._texts[agent.id] = (made_of, at, made)
        return made

    def _lines(
        self, row: Row, texts: Mapping[str, Cells], widths: Widths, selected: str
    ) -> tuple[Line, ...]:
        is_selected = stop_of(row) == selected != ""
        match row:
            case AgentRow(agent):
                return self._agent_lines(agent.id, texts[agent.id], widths, is_selected)
            case GroupRow():
                parts = group_parts(row, self.frame.space.width, is_selected)
                return (Line(parts, is_selected),)
            case HiddenRow():
                return (Line(hidden_parts(row), False),)
            case RunRow() | RunsRow() | MoreRunsRow():
                return (Line(self._run_parts(row, is_selected), is_selected),)

    def _run_parts(
        self, row: RunRow | RunsRow | MoreRunsRow, is_selected: bool
    ) -> tuple[Part, ...]:
        if isinstance(row, RunRow):
            assert self._runs is not None
            return self._runs.parts(row.run.id, is_selected)
        from command_center.tui.run_sheet import head_parts, more_parts

        return head_parts(row, is_selected) if isinstance(row, RunsRow) else more_parts(row)

    def _agent_lines(
        self, name: str, text: Cells, widths: Widths, is_selected: bool
    ) -> tuple[Line, ...]:
        known = self._made.get(name)
        if known is not None and known[0] is text and known[1:3] == (widths, is_selected):
            return known[3]
        lines = agent_lines(text, widths, is_selected)
        made = tuple(Line(parts, is_selected) for parts in lines)
        self._made[name] = (text, widths, is_selected, made)
        return made


def _behind(gauge: "Gauge | None", now: float) -> int:
    """Steps of its trend that have passed since it was measured."""
    if gauge is None or not gauge.trend:
        return 0
    # Not at the top: the first paint shows no gauges.
    from command_center.domain.gauges import TREND_LENGTH, TREND_STEP_S

    return min(TREND_LENGTH, max(0, int((now - gauge.at) // TREND_STEP_S)))


def _agent_rows(found: Sequence[Row]) -> Iterator[AgentRow]:
    return (row for row in found if isinstance(row, AgentRow))


def strip_of(line: Line, width: int, has_focus: bool, base: Style) -> Strip:
    if line.is_selected:
        over = theme.CURSOR if has_focus else theme.STRONG
        segments = [Segment(text, base + style + over) for text, style in line.parts if text]
        return Strip(segments).adjust_cell_length(width, base + over)
    segments = [Segment(text, base + style) for text, style in line.parts if text]
    return Strip(segments).adjust_cell_length(width, base)
