"""Everything around the list is handed the newest values; equal ones repaint nothing."""

from typing import TYPE_CHECKING

from command_center.domain.layouts import Part
from command_center.tui.footer import Footer
from command_center.tui.header import Header
from command_center.tui.supervision import Health

if TYPE_CHECKING:
    from command_center.tui.app import CommandCenter


class Around:
    def __init__(self, app: "CommandCenter") -> None:
        self._app = app
        self.header = Header(id="header")
        self.footer = Footer(id="footer")

    def show(self, health: Health) -> None:
        self._show_body()
        app, shown = self._app, self._app.fleet_list
        figures, vitals = app.meters.figures, app.vitals.text
        self.header.show(app.fleet, shown.sieve, health, vitals, figures, app.body.arrangement)
        self.footer.show(app.now, is_typing=app.is_typing, is_filtering=app.side.is_filtering)

    def _show_body(self) -> None:
        app, body, shown = self._app, self._app.body, self._app.fleet_list
        agent, has_agents = app.selected, bool(app.fleet.agents)
        body.tell(has_agents=has_agents, has_selected=agent is not None)
        body.mark_typing(app.is_typing)
        spec = app.kit.specs.get(agent.order.spec) if agent else None
        app.stage.show(agent, spec.badge if spec else "")
        if body.wall is not None and body.shows(Part.WALL):
            seen = shown.visible_agents
            name = agent.id if agent else ""
            body.wall.show(seen, name, app.meters.gauges)
        if agent is None:
            is_in_repo = app.deck.repo_root is not None
            app.stage.greet(app.kit, has_agents, shown.sieve, is_in_repo, shown.selected_group)
