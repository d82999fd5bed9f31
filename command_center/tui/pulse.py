"""What the dashboard does by the clock: it looks for news, and measures."""

from typing import TYPE_CHECKING

from command_center.domain.errors import LogTooNew
from command_center.domain.model import Fleet
from command_center.tui.gaze import Gaze
from command_center.tui.news import FleetChanged, News

if TYPE_CHECKING:
    from command_center.tui.app import CommandCenter

_POLL_S = 0.1
_TICK_S = 1.0
_SPENT_TICKS = 5


class Pulse:
    def __init__(self, app: "CommandCenter") -> None:
        self._app = app
        self._news = News(app.deck.view)
        self._gaze = Gaze()
        self.beats = 0
        """Seconds counted so far."""

    def start(self) -> None:
        self._app.set_interval(_POLL_S, self.poll)
        self._app.set_interval(_TICK_S, self._tick)

    @property
    def problem(self) -> str:
        """Why nothing new can be read now; empty when all is well."""
        return self._news.problem

    def newest(self) -> Fleet | None:
        """None when nothing has changed. Ends the dashboard where the log is not for it."""
        try:
            return self._news.poll()
        except LogTooNew as error:
            self._app.exit(return_code=1, message=str(error))
            return None

    def poll(self) -> None:
        if (fleet := self.newest()) is not None:
            self._app.post_message(FleetChanged(fleet))
        elif self.problem:
            self._app.redraw()

    def _tick(self) -> None:
        app = self._app
        self.beats += 1
        app.meters.poll(app.fleet, app.deck.clock())
        if self.beats % 2 == 0:
            app.vitals.measure()
        if self.beats % _SPENT_TICKS == 1:
            app.run_worker(app.meters.add_up(app.fleet), group="spent")
        agent = app.watched
        if self._gaze.rest(agent) and agent is not None:
            app.run_worker(app.deeds.agents.mark_seen(agent), group="deeds")
        app.runs.look()
        app.machine.look()
        app.show_fleet()
