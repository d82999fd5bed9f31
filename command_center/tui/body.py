"""Everything between the header and the footer, placed as a layout says.

The parts stay the same widgets from one layout to the next: they are moved and hidden.
"""

from typing import TYPE_CHECKING

from msgspec.structs import replace
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import NULL_OFFSET, NULL_SPACING, Offset, Region as Area, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.strip import Strip
from textual.widget import Widget

from command_center.domain import layouts
from command_center.domain.layouts import FLEET, Part, Region
from command_center.domain.model import Fleet
from command_center.tui import theme
from command_center.tui.side import Side
from command_center.tui.stage import Stage
from command_center.tui.tiles import Rule, Tiles, dragged, region_of, tiled

if TYPE_CHECKING:
    from command_center.drivers.glass import Glass
    from command_center.tui.board import TaskBoard
    from command_center.tui.machine_part import MachinePart
    from command_center.tui.runs_part import RunTable
    from command_center.tui.wall import Wall

_NOBODY = Region(part=Part.PANE)
ROOMY = 120
"""Columns from which a line stands below the header too."""


class Body(Container):
    def __init__(self, glass: "Glass | None", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.arrangement = FLEET
        self.side = Side(id="side")
        self.stage = Stage(glass, id="stage")
        self.wall: Wall | None = None
        self.board: TaskBoard | None = None
        self.runs: RunTable | None = None
        self.machine: MachinePart | None = None
        self._glass = glass
        self._zoomed: Part | None = None
        # As at most starts, which then need not settle twice.
        self._has_agents = self._has_selected = True
        self._settled: tuple[object, ...] = ()
        """What the widgets were last shown or hidden for."""
        self._tiles = Tiles()
        self._tiling = _Tiling()
        self._is_typing = False
        self._held: tuple[Rule, Region, Offset] | None = None

    def compose(self) -> ComposeResult:
        yield self.side
        yield self.stage

    @property
    def layout(self) -> Layout:
        return self._tiling

    @property
    def shown(self) -> Region:
        """What is arranged now."""
        if self._zoomed is not None:
            return Region(part=self._zoomed)
        if not self._has_agents:
            return _NOBODY
        return self.arrangement.body_at(self.app.size.width)

    def shows(self, part: Part) -> bool:
        return part in self.shown.parts

    def picked(self, fleet: Fleet) -> Fleet:
        """With the agents alone that the layout is for."""
        if (only := self.arrangement.only) == FLEET.only:
            return fleet
        from command_center.tui.picking import picked

        return picked(fleet, only)

    def rearrange(self, arrangement: layouts.Layout) -> None:
        self.arrangement, self._zoomed = arrangement, None
        self.settle()

    @property
    def is_zoomed(self) -> bool:
        return self._zoomed is not None

    def zoom(self, part: Part | None) -> None:
        """Give one part all the room, or with None every part its own again."""
        if part is not self._zoomed:
            self._zoomed = part
            self.settle()

    def tell(self, *, has_agents: bool, has_selected: bool) -> None:
        """Where nobody is there to be shown, there is room to say what can be done."""
        if (has_agents, has_selected) != (self._has_agents, self._has_selected):
            self._has_agents, self._has_selected = has_agents, has_selected
            self.settle()

    def settle(self) -> None:
        """Take in the size of the screen, or another arrangement."""
        if self.shows(Part.WALL) and self.wall is None and self.is_attached:
            from command_center.tui.wall import Wall

            self.wall = Wall(self._glass, id="wall")
            self.mount(self.wall)
        if self.shows(Part.BOARD) and self.board is None and self.is_attached:
            from command_center.tui.board import TaskBoard

            self.board = TaskBoard(id="board")
            self.mount(self.board)
        if self.shows(Part.RUNS) and self.runs is None and self.is_attached:
            self.runs = self._new_runs()
            self.mount(self.runs)
        if self.shows(Part.MACHINE) and self.machine is None and self.is_attached:
            from command_center.tui.machine_part import MachinePart

            self.machine = MachinePart(id="machine")
            self.mount(self.machine)
        parts = (self.wall, self.board, self.runs, self.machine)
        settled = (self.shown, self._has_selected, *parts)
        if settled == self._settled:
            return
        self._settled = settled
        held = {self._holder(part) for part in self.shown.parts}
        for widget in (self.side, self.stage, *parts):
            if widget is not None:
                widget.display = widget in held
        self.side.fit(region_of(self.shown, Part.LIST))
        if self.wall is not None and (room := self._tiled(self.size).areas.get(Part.WALL)):
            # At once: the very next key may ask for one of its cells.
            self.wall.take_room(room.size)
        self._clear_arrangement_cache()
        self.refresh(layout=True)

    def _new_runs(self) -> "RunTable":
        from command_center.tui.app import CommandCenter
        from command_center.tui.runs_part import RunTable

        assert isinstance(self.app, CommandCenter)
        return RunTable(self.app, id="runs")

    def mark_typing(self, is_typing: bool) -> None:
        """Whether the lines around the pane say that the keys go into it."""
        if is_typing is not self._is_typing:
            self._is_typing = is_typing
            self.refresh()

    def placed(self, size: Size) -> dict[Widget, Area]:
        before, self._tiles = self._tiles, self._tiled(size)
        if self._tiles != before:
            self.refresh()
        return {self._holder(part): area for part, area in self._tiles.areas.items()}

    def _tiled(self, size: Size) -> Tiles:
        top = 1 if size.width >= ROOMY else 0
        area = Area(0, top, size.width, max(0, size.height - top))
        return tiled(self.shown, area, lambda _: self.side.wanted)

    def _holder(self, part: Part) -> Widget:
        if part is Part.LIST:
            return self.side
        if part is Part.BOARD and self.board is not None:
            return self.board
        if part is Part.RUNS and self.runs is not None:
            return self.runs
        if part is Part.MACHINE and self.machine is not None:
            return self.machine
        # What can be done is said on the stage, so it stands in for an empty wall.
        if part is Part.WALL and self.wall is not None and self._has_selected:
            return self.wall
        return self.stage

    def render_line(self, y: int) -> Strip:
        """The lines between the parts; the parts themselves lie above."""
        base, width = self.rich_style, self.size.width
        if y == 0 and width >= ROOMY:
            return Strip([Segment(theme.ROW_RULE * width, base + theme.RULE)], width)
        segments, at = [], 0
        for rule in self._tiles.rules:
            area = rule.area
            if area.y <= y < area.bottom and area.x >= at:
                sign, style = self._look_of(rule)
                segments += [Segment(" " * (area.x - at), base), Segment(sign, base + style)]
                at = area.right
        return Strip([*segments, Segment(" " * (width - at), base)], width)

    def _look_of(self, rule: Rule) -> tuple[str, Style]:
        held, width = self._held and self._held[0], rule.area.width
        if held and (held.path, held.after) == (rule.path, rule.after):
            sign = theme.HELD_COLUMN_RULE if rule.is_upright else theme.HELD_ROW_RULE * width
            return sign, theme.HELD
        sign = theme.COLUMN_RULE if rule.is_upright else theme.ROW_RULE * width
        return sign, theme.RULE_TYPING if self._is_beside_typing(rule.area) else theme.RULE

    def _is_beside_typing(self, area: Area) -> bool:
        places = self._tiles.areas
        pane = places.get(Part.PANE) or places.get(Part.WALL)
        return self._is_typing and pane is not None and pane.grow((1, 1, 1, 1)).overlaps(area)

    # Moving the lines by mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        # Those of the parts come up to here too, with places of their own.
        at = event.screen_offset - self.region.offset
        if (rule := self._tiles.rule_at(*at)) is not None:
            self._held = (rule, self.shown, event.screen_offset)
            self.capture_mouse()
            self.refresh()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._held is None:
            return
        rule, body, start = self._held
        moved = event.screen_offset - start
        self._take(dragged(body, rule, moved.x if rule.is_upright else moved.y))

    def on_mouse_up(self) -> None:
        if self._held is not None:
            self._held = None
            self.release_mouse()
            self.refresh()

    def _take(self, body: Region) -> None:
        now = self.arrangement
        if now.narrow is not None and self.app.size.width < now.narrow.below:
            self.rearrange(replace(now, narrow=replace(now.narrow, body=body)))
        else:
            self.rearrange(replace(now, body=body))


class _Tiling(Layout):
    name = "tiling"

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        del greedy
        assert isinstance(parent, Body)
        areas = parent.placed(size)
        return [
            WidgetPlacement(areas[child], NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if child in areas
        ]
