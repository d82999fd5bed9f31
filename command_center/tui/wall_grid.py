"""Which agents stand in the cells of a wall, and where the cells lie."""

import time
from collections.abc import Callable, Mapping, Sequence

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from command_center.domain.gauges import Gauge
from command_center.domain.model import Agent
from command_center.drivers.glass import Glass
from command_center.tui.lookout import Lookout
from command_center.tui.wall_cell import WallCell
from command_center.tui.wall_plan import Shares, capacity, planned
from command_center.tui.wall_words import cell_parts


class WallGrid(Widget):
    """Deals agents to cells, page by page.

    Agents keep their places while they are shown, newcomers follow. Cells never change the size
    of an agent's window, but for the one that is zoomed.
    """

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
        self._cells: dict[str, WallCell] = {}
        self._spare: list[WallCell] = []
        self._zoomed = False
        self._extent = Size()
        """The room for which the cells are laid out."""
        self._shares: Shares | None = None
        """As the mouse divided the room."""
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

    @property
    def typed_into(self) -> Agent | None:
        return next((cell.agent for cell in self._cells.values() if cell.is_typing), None)

    @property
    def is_typing(self) -> bool:
        return self.typed_into is not None

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

    def placed(self, size: Size) -> dict[WallCell, Region]:
        """Where the cells lie in so much room; those that are spare lie nowhere."""
        # At once where that takes no new cell: a layout more for each change of size would be seen.
        if size != self._extent and len(self.children) >= min(len(self._agents), capacity(size)):
            self._extent = size
            self._deal()
        places = zip(self._on_page, self._places(), strict=False)
        return {self._cells[name]: place for name, place in places}

    @property
    def _per_page(self) -> int:
        return 1 if self._zoomed else capacity(self._room)

    @property
    def _room(self) -> Size:
        """Without the line that tells the page, if there is one."""
        width, height = self._extent
        is_paged = not self._zoomed and len(self._agents) > capacity(self._extent)
        return Size(width, max(0, height - is_paged))

    def _places(self) -> tuple[Region, ...]:
        if self._zoomed:
            return (self._extent.region,)
        return self._planned(len(self._on_page))

    def _planned(self, count: int) -> tuple[Region, ...]:
        """For a page of so many cells."""
        return planned(count, self._room, self._shares)

    def _turn_to(self, name: str) -> None:
        had_focus = self._has_focus_inside
        self._selected = name
        self._lay()
        if had_focus and not self.is_typing and name in self._cells:
            self.screen.set_focus(self._cells[name])

    @property
    def _has_focus_inside(self) -> bool:
        return self.is_attached and self.screen.focused in self._cells.values()

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
        places = self._places()
        self._fill(places)
        frame = (places, self._page, len(names))
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

    def _made(self) -> WallCell:
        cell = WallCell(self._glass, self._lookout, fits=False)
        self.mount(cell)
        return cell

    def _fill(self, places: Sequence[Region]) -> None:
        now = self._clock()
        for number, (name, place) in enumerate(zip(self._on_page, places, strict=False), 1):
            cell, agent = self._cells[name], self._agents.get(name)
            cell.divides = place.y > 0
            if agent is None:
                # Somebody types into it, and it is not for us to end that.
                continue
            cell.caption = cell_parts(agent, number, self._gauges.get(name), now)
            cell.agent = agent
            cell.is_chosen = name == self._selected
            cell.fits = self._zoomed
            cell.crowd = len(self._on_page)


class _Grid(Layout):
    name = "wall"

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        del greedy
        assert isinstance(parent, WallGrid)
        places = parent.placed(size)
        return [
            WidgetPlacement(places[child], NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if isinstance(child, WallCell) and child in places
        ]
