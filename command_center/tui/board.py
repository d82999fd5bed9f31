"""The task board: a column for each part of a task's life, its cards moved by keys and mouse."""

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from command_center.tui import theme
from command_center.tui.board_plan import HEADS, Line, Plan, planned
from command_center.tui.figures import Part
from command_center.tui.lines import bar
from command_center.tui.task_cards import Facts, Lane, lanes_of

DISCARD = "✗ drop it here to discard it"
_HELD = Style(reverse=True)
_PULL = 2
"""Cells that the mouse moves with its button down before a card comes along."""

Row = tuple[tuple[tuple[Part, ...], bool], ...]
"""One line of the screen: what each lane says there, and whether the cursor is on it."""


class TaskBoard(Widget, can_focus=True):
    """Shows what it is handed; the selection follows its task, into another column too."""

    DEFAULT_CSS = "TaskBoard { width: 1fr; height: 1fr; }"
    ALLOW_SELECT = False

    class Selected(Message):
        """The cursor is at another task."""

    class Opened(Message):
        """A card was double-clicked."""

        def __init__(self, task: str) -> None:
            super().__init__()
            self.task = task

    class Dropped(Message):
        """A card was pulled to another column, or with None to where tasks are discarded."""

        def __init__(self, task: str, lane: Lane | None) -> None:
            super().__init__()
            self.task = task
            self.lane = lane

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.selected = ""
        """Id of a task; empty while there is none."""
        self._facts = Facts()
        self._plan = Plan()
        self._made_for: tuple[object, ...] = ()
        self._lane = Lane.QUEUED
        self._tops = [0] * len(Lane)
        """The first line of each lane that is shown."""
        self._rows: list[Row] = []
        self._pulled: tuple[events.MouseDown, str] | None = None
        self._target: Lane | None = None
        self._is_pulling = False

    def show(self, facts: Facts) -> None:
        """Take in what is new."""
        self._facts = facts
        self._work_out()

    def select(self, task: str) -> None:
        """Nothing happens when there is no such task, as far as is known yet."""
        if task != self.selected and (not self._plan.lanes or self._plan.lane_of(task) is not None):
            self.selected = task
            self._work_out()
            self.post_message(self.Selected())

    def move(self, dx: int, dy: int) -> None:
        """To the next card of the column, or to the nearest column that has any."""
        tasks = self._plan.tasks(self._lane) if self._plan.lanes else []
        if not self.selected or self.selected not in tasks:
            return
        at = tasks.index(self.selected)
        if dy:
            self.select(tasks[min(max(0, at + dy), len(tasks) - 1)])
        beyond = range(self._lane + dx, len(Lane) if dx > 0 else -1, dx or 1) if dx else ()
        for lane in beyond:
            if there := self._plan.tasks(Lane(lane)):
                self.select(self._level_with(Lane(lane), there))
                return

    def _level_with(self, lane: Lane, there: Sequence[str]) -> str:
        """Of the tasks in that lane, the one at the height of the cursor."""
        lines = self._plan.lines_of(self._lane, self.selected)
        y = lines.start - self._tops[self._lane] + self._tops[lane]
        return min(there, key=lambda task: abs(self._plan.lines_of(lane, task).start - y))

    # What is shown

    @property
    def _room(self) -> int:
        return max(1, self.size.height - HEADS)

    def _work_out(self) -> None:
        if not self.is_attached or not self.size:
            return
        facts, fleet = self._facts, self._facts.fleet
        made_for = (fleet.tasks, fleet.dispatch, int(facts.now), facts.costs, self.size)
        if any(old is not new and old != new for old, new in _pairs(self._made_for, made_for)):
            self._made_for = made_for
            self._plan = planned(lanes_of(fleet), facts, *self.size)
        self._keep_selection()
        self._scroll()
        before, self._rows = self._rows, [self._row(y) for y in range(self.size.height)]
        for y, row in enumerate(self._rows):
            if before[y : y + 1] != [row]:
                self.refresh(Region(0, y, self.size.width, 1))

    def _keep_selection(self) -> None:
        lane = self._plan.lane_of(self.selected)
        if lane is None:
            busy = [lane for lane in Lane if self._plan.lanes[lane]]
            near = min(busy, key=lambda lane: abs(lane - self._lane), default=None)
            first = self._plan.tasks(near)[0] if near is not None else ""
            if first != self.selected:
                self.selected = first
                self.post_message(self.Selected())
            lane = near
        self._lane = self._lane if lane is None else lane

    def _scroll(self) -> None:
        for lane in Lane:
            lines = self._plan.lanes[lane]
            most = max(0, len(lines) - self._room)
            top = min(self._tops[lane], most)
            if lane is self._lane and self.selected:
                at = self._plan.lines_of(lane, self.selected)
                top = min(max(top, at.stop - self._room), at.start)
            self._tops[lane] = top

    def _row(self, y: int) -> Row:
        return tuple(self._cell(lane, y) for lane in Lane)

    def _cell(self, lane: Lane, y: int) -> tuple[tuple[Part, ...], bool]:
        lines = self._plan.lanes[lane]
        if y == 0:
            return self._head(lane), self._is_pulling and lane is self._target
        if y < HEADS:
            return (), False
        at = self._tops[lane] + y - HEADS
        line = lines[at] if at < len(lines) else Line()
        is_here = line.task == self.selected != ""
        more = len(lines) - self._tops[lane] - self._room
        if y == self.size.height - 1 and more > 0 and not is_here:
            return ((f" {theme.OPEN_GLYPH} {more + 1} more lines", theme.QUIET),), False
        sign = theme.CURSOR_GLYPH if is_here else " "
        return ((sign, theme.CURSOR_BAR), *line.parts), is_here and line.is_first

    def _head(self, lane: Lane) -> tuple[Part, ...]:
        count = len(self._plan.tasks(lane))
        if self._plan.widths[lane] < len(lane.words) + 4:
            return ((f" {lane.words[0]}{count}", theme.QUIET),)
        style = theme.BRAND if lane is self._lane and count else theme.STRONG
        return (
            (f" {lane.words}", style if count else theme.QUIET),
            (f" {count}", theme.QUIET),
        )

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        if y == self.size.height - 1 and self._is_pulling:
            style = theme.PROBLEM + (_HELD if self._target is None else theme.PLAIN)
            return bar([(f" {DISCARD}", style)], (), width, base)
        if not any(self._plan.lanes) and y == HEADS + 1:
            return bar([("  no tasks yet: d makes one", theme.QUIET)], (), width, base)
        if y >= len(self._rows):
            return Strip.blank(width, base)
        rule = Segment("┼" if y == 1 else theme.COLUMN_RULE, base + theme.RULE)
        strips = list[Strip]()
        for lane, (parts, is_here) in zip(Lane, self._rows[y], strict=True):
            if lane:
                strips.append(Strip([rule], 1))
            strips.append(self._strip(y, self._plan.widths[lane], parts, is_here))
        return Strip.join(strips).adjust_cell_length(width, base)

    def _strip(self, y: int, width: int, parts: Sequence[Part], is_here: bool) -> Strip:
        base = self.rich_style
        if y == 1:
            return Strip([Segment(theme.ROW_RULE * width, base + theme.RULE)], width)
        over = theme.PLAIN
        if is_here:
            over = _HELD if y == 0 else theme.CURSOR if self.has_focus else theme.STRONG
        segments = [Segment(text, base + style + over) for text, style in parts if text]
        return Strip(segments).adjust_cell_length(width, base + over)

    # Events

    def on_resize(self) -> None:
        self._work_out()
        self.refresh()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def _task_at(self, x: int, y: int) -> str:
        lane = self._plan.lane_at(x)
        if lane is None or y < HEADS:
            return ""
        lines, at = self._plan.lanes[lane], self._tops[lane] + y - HEADS
        return lines[at].task if at < len(lines) else ""

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button == 1 and (task := self._task_at(event.x, event.y)):
            self.select(task)
            self._pulled = (event, task)
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._pulled is None:
            return
        start, task = self._pulled
        self._is_pulling |= max(abs(event.x - start.x), abs(event.y - start.y)) >= _PULL
        self._target = self._target_at(event.x, event.y, task)
        self._work_out()
        self.refresh(Region(0, self.size.height - 1, self.size.width, 1))

    def _target_at(self, x: int, y: int, task: str) -> Lane | None:
        """Where there is no column the card stays in its own."""
        if y == self.size.height - 1 and 0 <= x < self.size.width:
            return None
        lane = self._plan.lane_at(x) if 0 <= y < self.size.height else None
        return self._plan.lane_of(task) if lane is None else lane

    def on_mouse_up(self) -> None:
        if self._pulled is None:
            return
        _, task = self._pulled
        was_pulling, target = self._is_pulling, self._target
        self.release_mouse()
        self._pulled, self._is_pulling, self._target = None, False, None
        self._work_out()
        self.refresh()
        if was_pulling and target is not self._plan.lane_of(task):
            self.post_message(self.Dropped(task, target))

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2 and self._task_at(event.x, event.y):
            self.post_message(self.Opened(self.selected))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event.x, 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event.x, -3)

    def _wheel(self, x: int, lines: int) -> None:
        if (lane := self._plan.lane_at(x)) is not None:
            self._tops[lane] = max(0, self._tops[lane] + lines)
            self._work_out()


def _pairs(old: tuple[object, ...], new: tuple[object, ...]) -> list[tuple[object, object]]:
    return list(zip(old or (None,) * len(new), new, strict=True))
