"""Everything around the list is handed the newest values; equal ones repaint nothing."""

from typing import TYPE_CHECKING

from command_center.domain.layouts import Part
from command_center.tui.footer import Footer
from command_center.tui.header import Header
from command_center.tui.supervision import Health

if TYPE_CHECKING:
    from collections.abc import Sequence

    from command_center.tui.app import CommandCenter
    from command_center.tui.figures import Part as PartText


class Around:
    def __init__(self, app: "CommandCenter") -> None:
        self._app = app
        self.header = Header(id="header")
        self.footer = Footer(id="footer")

    def show(self, health: Health) -> None:
        self._show_body()
        app, shown = self._app, self._app.fleet_list
        figures, vitals = app.meters.figures, app.vitals.text
        if vitals:
            vitals = "  ".join(filter(None, (app.machine.words, vitals)))
        self.header.show(app.fleet, shown.sieve, health, vitals, figures, app.body.arrangement)
        ways = self._task_ways() if app.has_board_focus else app.runs.ways()
        is_filtering = app.moves.is_filtering
        self.footer.show(
            app.now,
            typed_into=app.typed_into,
            is_filtering=is_filtering,
            ways=ways,
            is_in_list=app.runs.is_on_run,
        )

    def _task_ways(self) -> "Sequence[PartText]":
        from command_center.tui.task_actions import ways

        board = self._app.body.board
        task = self._app.fleet.tasks.get(board.selected) if board is not None else None
        return ways(task, self._app.fleet)

    def _show_board(self) -> None:
        app, board = self._app, self._app.body.board
        if board is not None and app.body.shows(Part.BOARD):
            from command_center.tui.task_cards import Facts

            board.show(Facts(app.fleet, app.deck.clock()))

    def _show_body(self) -> None:
        app, body, shown = self._app, self._app.body, self._app.fleet_list
        agent, has_agents = app.selected, bool(app.fleet.agents)
        run = shown.selected_run
        shown.shows_runs = not body.shows(Part.RUNS)
        has_lines = has_agents or shown.line_count > 0
        body.tell(has_agents=has_lines, has_selected=agent is not None)
        body.mark_typing(app.is_typing)
        spec = app.kit.specs.get(agent.order.spec) if agent else None
        app.stage.show(agent, spec.badge if spec else "")
        if body.wall is not None and body.shows(Part.WALL):
            seen = shown.visible_agents
            name = agent.id if agent else ""
            body.wall.show(seen, name, app.meters.gauges)
        self._show_board()
        app.runs.show_part()
        app.machine.show_part()
        app.stage.show_run(run, app.fleet, app.deck)
        if agent is None and run is None:
            is_in_repo = app.deck.repo_root is not None
            app.stage.greet(app.kit, has_agents, shown.sieve, is_in_repo, shown.selected_group)
