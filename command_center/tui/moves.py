"""The actions that only move about in what is shown."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from command_center.domain.layouts import Part
from command_center.tui.sieve import needs_user, regrouped

if TYPE_CHECKING:
    from command_center.tui.app import CommandCenter
    from command_center.tui.filter_line import FilterLine
    from command_center.tui.wall import Wall

Move = Callable[[str], object]
"""Takes the key that asked for it."""


class Moves:
    def __init__(self, app: "CommandCenter") -> None:
        self._app = app
        self.by_id: dict[str, Move] = {
            "type": lambda _: self._open(),
            "jump": lambda _: self._jump(),
            "down": lambda _: self._step(1),
            "up": lambda _: self._step(-1),
            "left": lambda _: self._sidewards(-1),
            "right": lambda _: self._sidewards(1),
            "cell": self._to_cell,
            "first": lambda _: app.fleet_list.move(-app.fleet_list.line_count),
            "last": lambda _: app.fleet_list.move(app.fleet_list.line_count),
            "page_down": lambda _: self._turn_page(1),
            "page_up": lambda _: self._turn_page(-1),
            "zoom": lambda _: self._zoom(),
            "group": lambda _: app.fleet_list.sift(regrouped(app.fleet_list.sieve)),
            "fold": lambda _: app.fleet_list.toggle_fold(),
            "hidden": lambda _: app.fleet_list.toggle_hidden(),
            "filter": lambda _: self._open_filter(),
            "next_repo": lambda _: app.side.turn_repo(app.fleet, 1),
            "last_repo": lambda _: app.side.turn_repo(app.fleet, -1),
            "clear": lambda _: self._clear(),
            "vitals": lambda _: app.vitals.toggle(),
            "quit": lambda _: app.exit(),
        }

    @property
    def _wall(self) -> "Wall | None":
        """The wall, if it is shown."""
        body = self._app.body
        return body.wall if body.shows(Part.WALL) else None

    def _jump(self) -> None:
        """To the next agent that needs the user; when none does, to the tasks that do."""
        app = self._app
        if any(map(needs_user, app.fleet.agents.values())):
            app.fleet_list.select_next_needing()
        else:
            app.perform("inbox")

    def _open(self) -> None:
        """Type into the agent, or open the group."""
        if self._app.fleet_list.selected_group is not None:
            self._app.fleet_list.toggle_fold()
        else:
            self.start_typing()

    def start_typing(self) -> None:
        if self._app.body.shows(Part.PANE) or self._wall is None:
            self._app.stage.start_typing()
        else:
            self._wall.start_typing()

    @property
    def filter_line(self) -> "FilterLine | None":
        """The line into which a filter is or was typed."""
        found = self._app.screen_stack[0].query("#filter")
        return cast("FilterLine", found.first()) if found else None

    @property
    def is_filtering(self) -> bool:
        """Whether the keyboard belongs to the filter."""
        # A second may pass while the dashboard is being left.
        stack = self._app.screen_stack
        focused = stack[0].focused if stack else None
        return focused is not None and focused.id == "filter"

    def take_focus(self) -> None:
        """Give the keyboard to what the user moves about in."""
        app = self._app
        if app.body.shows(Part.LIST):
            app.side.take_focus()
        elif self._wall is not None:
            # At once, or what is typed next would go to the widget that is being left.
            app.screen.set_focus(self._wall)
        else:
            app.stage.take_focus()

    def _open_filter(self) -> None:
        from command_center.tui.filter_line import FilterLine

        app, line = self._app, self.filter_line
        if line is None:
            line = FilterLine(app.fleet_list, self.take_focus)
            app.screen.mount(line, before="#footer")
        # At once, or what is typed next would act on the fleet.
        app.screen.set_focus(line)

    def _close_filter(self) -> None:
        if (line := self.filter_line) is not None:
            line.remove()
            if line.has_focus:
                self.take_focus()

    def _step(self, by: int) -> None:
        if self._wall is not None and not self._app.body.shows(Part.LIST):
            self._wall.move(0, by)
            self._follow(self._wall)
        else:
            self._app.fleet_list.move(by)

    def _sidewards(self, by: int) -> None:
        if self._wall is not None:
            self._wall.move(by, 0)
            self._follow(self._wall)

    def _turn_page(self, by: int) -> None:
        if self._wall is not None and not self._app.body.shows(Part.LIST):
            self._wall.turn_page(by)
            self._follow(self._wall)
        else:
            self._app.fleet_list.move(by * max(1, self._app.fleet_list.page))

    def _to_cell(self, key: str) -> None:
        if self._wall is not None and key.isdigit():
            self._wall.jump(int(key))
            self._follow(self._wall)

    def _follow(self, wall: "Wall") -> None:
        """At once: the wall's own message comes behind the next key, which may be `enter`."""
        if wall.selected:
            self._app.go_to(wall.selected)

    def _zoom(self) -> None:
        body = self._app.body
        if self._wall is not None and not body.shows(Part.PANE):
            body.zoom(None if body.is_zoomed else Part.WALL)
            self._wall.zoom()
        else:
            body.zoom(None if body.is_zoomed else Part.PANE)
        if not body.is_zoomed or self._wall is None:
            self.take_focus()

    def _clear(self) -> None:
        if self._app.body.is_zoomed:
            self._zoom()
        self._close_filter()
        self._app.fleet_list.sift(self._app.fleet_list.sieve.cleared)
        if self._app.body.runs is not None:
            self._app.body.runs.clear_filter()
