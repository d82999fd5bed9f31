"""Many live panes at once: as many cells as can be read, the others on further pages."""

from textual import events
from textual.geometry import Region
from textual.message import Message

from command_center.tui.pane import PaneView
from command_center.tui.wall_lines import WallLines
from command_center.tui.wall_plan import beside


class Wall(WallLines, can_focus=True, can_focus_children=True):
    """Shows the panes of agents side by side; one lookout sees for all of them."""

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
        places = self._planned(len(names[first : first + step]))
        if first >= 0 and places:
            edge = places[0].y if dy > 0 else places[-1].y
            row = [number for number, there in enumerate(places) if there.y == edge]
            nearest = min(row, key=lambda number: abs(places[number].center[0] - place.center[0]))
            self._choose(names[first + nearest])

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
