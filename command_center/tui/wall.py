"""Many live panes at once: as many cells as can be read, the others on further pages."""

import time
from collections.abc import Callable, Mapping, Sequence

from rich.segment import Segment
from textual import events
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from command_center.domain.gauges import Gauge
from command_center.domain.model import Agent
from command_center.drivers.glass import Glass
from command_center.tui import theme
from command_center.tui.lines import bar
from command_center.tui.lookout import Lookout
from command_center.tui.pane import PaneView
from command_center.tui.wall_plan import beside, capacity, planned
from command_center.tui.wall_words import cell_parts, page_parts


class Wall(Widget, can_focus=True, can_focus_children=True):
    """Shows the panes of agents side by side; one lookout sees for all of them.

    Agents keep their places while they are shown, newcomers follow. Cells never change the size
    of an agent's window, but for the one that is zoomed.
    """

    DEFAULT_CSS = "Wall { width: 1fr; height: 1fr; }"
    ALLOW_SELECT = False

    class Selected(Message):
        """The user went to another agent."""

        def __init__(self, agent_id: str) -> None:
            super().__init__()
            self.agent_id = agent_id

    class Opened(Message):
        """An agent was double-clicked that has no pane to type into."""

        def __init__(self, agent_id: str) -> None:
            super().__init__()
            self.agent_id = agent_id

    def __init__(
        self,
        glass: Glass | None,
        *,
        clock: Callable[[], float] = time.time,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """`clock` tells Unix seconds."""
        super().__init__(id=id)
        self._glass = glass
        self._lookout = Lookout(glass) if glass else None
        self._agents: dict[str, Agent] = {}
        """In the order in which they are shown."""
        self._gauges: Mapping[str, Gauge] = {}
        self._clock = clock
        self._selected = ""
        self._page = 0
        self._on_page: tuple[str, ...] = ()
        self._cells: dict[str, PaneView] = {}
        self._spare: list[PaneView] = []
        self._zoomed = False
        self._extent = Size()
        """The room for which the cells are laid out."""
        self._grid = _Grid()
        self._frame: tuple[tuple[Region, ...], int, int] = ((), 0, 0)
        """All that decides what is drawn around the cells."""

    def on_mount(self) -> None:
        if self._lookout is not None:
            self.run_worker(self._lookout.watch(), name="watch the wall")

    @property
    def layout(self) -> Layout:
        return self._grid

    @property
    def typed_into(self) -> Agent | None:
        return next((cell.agent for cell in self._cells.values() if cell.is_typing), None)

    @property
    def is_typing(self) -> bool:
        return self.typed_into is not None

    @property
    def selected(self) -> str:
        """Id of the agent that the last move led to."""
        return self._selected

    @property
    def is_zoomed(self) -> bool:
        return self._zoomed

    @property
    def shown(self) -> tuple[str, ...]:
        """Ids of the agents on this page."""
        return self._on_page

    def show(
        self, agents: Sequence[Agent], selected_id: str, gauges: Mapping[str, Gauge] | None = None
    ) -> None:
        """Take in what is new; an agent that is not among `agents` costs nothing."""
        new = {agent.id: agent for agent in agents}
        kept = [name for name in self._agents if name in new]
        self._agents = {name: new[name] for name in dict.fromkeys((*kept, *new))}
        self._gauges = gauges or {}
        self._turn_to(selected_id)

    def take_room(self, size: Size) -> None:
        """Lay the cells out for so much room."""
        if self._extent != size:
            self._extent = size
            self._lay()
            self._place_again()

    def move(self, dx: int, dy: int) -> None:
        """To the next cell in that direction, or over the edge to the page beyond."""
        if self._selected not in self._on_page:
            self._choose(next(iter(self._on_page), ""))
            return
        at = self._on_page.index(self._selected)
        there = None if self._zoomed else beside(self._places(), at, dx, dy)
        if there is not None:
            self._choose(self._on_page[there])
        elif dx or self._zoomed:
            self._step(dx or dy)
        else:
            self._leave_page(self._places()[at], dy)

    def jump(self, number: int) -> None:
        """To a cell of this page, counted from 1."""
        if 1 <= number <= len(self._on_page):
            self._choose(self._on_page[number - 1])

    def turn_page(self, pages: int) -> None:
        names, step = list(self._agents), self._per_page
        if 0 <= (first := (self._page + pages) * step) < len(names):
            self._choose(names[first])

    def start_typing(self) -> None:
        """Into the selected cell, where it stands."""
        cell = self._cells.get(self._selected)
        if cell is not None and not cell.focus_typing():
            cell.go_live()

    def zoom(self) -> None:
        """Give the selected agent all the room, or every cell its own again."""
        if self._zoomed or self._selected in self._agents:
            self._zoomed = not self._zoomed
            self._lay()
            cell = self._cells.get(self._selected)
            # At once, or what is typed next would go to another widget.
            self.screen.set_focus(cell if self._zoomed else self)

    # Which cells there are

    @property
    def _per_page(self) -> int:
        return 1 if self._zoomed else capacity(self._room(len(self._agents)))

    def _room(self, count: int) -> Size:
        """Without the line that tells the page, if there is one."""
        width, height = self._extent
        is_paged = not self._zoomed and count > capacity(self._extent)
        return Size(width, max(0, height - is_paged))

    def _places(self) -> tuple[Region, ...]:
        if self._zoomed:
            return (self._extent.region,)
        return planned(len(self._on_page), self._room(len(self._agents)))

    def _turn_to(self, name: str) -> None:
        had_focus = self._has_focus_inside
        self._selected = name
        self._lay()
        if had_focus and not self.is_typing and name in self._cells:
            self.screen.set_focus(self._cells[name])

    @property
    def _has_focus_inside(self) -> bool:
        return self.is_attached and self.screen.focused in self._cells.values()

    def _choose(self, name: str) -> None:
        if name and name != self._selected:
            self._turn_to(name)
            self.post_message(self.Selected(name))

    def _step(self, steps: int) -> None:
        names = list(self._agents)
        at = names.index(self._selected) + steps
        if 0 <= at < len(names):
            self._choose(names[at])

    def _leave_page(self, place: Region, dy: int) -> None:
        """To the nearest cell of the first row below the page, or of the last one above."""
        names, step = list(self._agents), self._per_page
        first = (self._page + dy) * step
        places = planned(len(names[first : first + step]), self._room(len(names)))
        if first >= 0 and places:
            edge = places[0].y if dy > 0 else places[-1].y
            row = [number for number, there in enumerate(places) if there.y == edge]
            nearest = min(row, key=lambda number: abs(places[number].center[0] - place.center[0]))
            self._choose(names[first + nearest])

    def _lay(self) -> None:
        """Bring the right agents into cells, and the cells to their places."""
        if not self._extent or not self.is_attached:
            return
        before = self._on_page
        self._deal()
        if before != self._on_page:
            self._place_again()

    def _place_again(self) -> None:
        # Textual keeps what was arranged for this size and these cells.
        self._clear_arrangement_cache()
        self.refresh(layout=True)

    def _deal(self) -> None:
        """Who stays keeps the cell, keyboard and all."""
        names, step = list(self._agents), self._per_page
        if self._selected in self._agents:
            self._page = names.index(self._selected) // step
        self._page = max(0, min(self._page, (len(names) - 1) // step))
        page = tuple(names[self._page * step :][:step])
        # Nobody takes the keyboard from under the user's hands.
        if not any(cell.is_typing and name not in page for name, cell in self._cells.items()):
            self._on_page = page
            self._hand_out()
        self._fill()
        frame = (self._places(), self._page, len(names))
        if frame != self._frame:
            self._frame = frame
            self.refresh()

    def _hand_out(self) -> None:
        for name in [name for name in self._cells if name not in self._on_page]:
            self._spare.append(self._cells.pop(name))
        for name in self._on_page:
            if name not in self._cells:
                self._cells[name] = self._spare.pop() if self._spare else self._made()
        for cell in self._spare:
            cell.agent = None

    def _made(self) -> PaneView:
        cell = PaneView(self._glass, self._lookout, fits=False)
        self.mount(cell)
        return cell

    def _fill(self) -> None:
        now = self._clock()
        for number, name in enumerate(self._on_page, 1):
            cell, agent = self._cells[name], self._agents.get(name)
            if agent is None:
                # Somebody types into it, and it is not for us to end that.
                continue
            cell.caption = cell_parts(agent, number, self._gauges.get(name), now)
            cell.agent = agent
            cell.is_chosen = name == self._selected
            cell.fits = self._zoomed
            cell.crowd = len(self._on_page)

    def placed(self, size: Size) -> dict[PaneView, Region]:
        """Where the cells lie in so much room; those that are spare lie nowhere."""
        # At once where that takes no new cell: a layout more for each change of size would be seen.
        if size != self._extent and len(self.children) >= min(len(self._agents), capacity(size)):
            self._extent = size
            self._deal()
        places = zip(self._on_page, self._places(), strict=False)
        return {self._cells[name]: place for name, place in places}

    # Lines between the columns, and the page

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        if y == self._room(len(self._agents)).height:
            return bar(page_parts(self._page, self._per_page, len(self._agents)), (), width, base)
        rule = Segment(theme.COLUMN_RULE, base + theme.RULE)
        segments, at = [], 0
        for place in self._places():
            if place.y <= y < place.bottom and place.x > at:
                segments += [Segment(" " * (place.x - 1 - at), base), rule]
                at = place.x
        return Strip([*segments, Segment(" " * (width - at), base)], width)

    # Events

    def on_resize(self) -> None:
        self.take_room(self.size)
        self.refresh()

    def on_pane_view_chosen(self, message: PaneView.Chosen) -> None:
        if (agent := message.view.agent) is not None:
            self._choose(agent.id)
            if message.is_double and not message.view.is_typing:
                self.post_message(self.Opened(agent.id))

    def on_pane_view_typing_ended(self, message: PaneView.TypingEnded) -> None:
        if message.view.has_focus and not self._zoomed:
            self.screen.set_focus(self)
        self._lay()

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape" and self._zoomed:
            event.stop()
            self.zoom()


class _Grid(Layout):
    name = "wall"

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        del greedy
        assert isinstance(parent, Wall)
        places = parent.placed(size)
        return [
            WidgetPlacement(places[child], NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if child in places
        ]
