"""The newest fleet in the log, and what kept us from reading it."""

from typing import TYPE_CHECKING

from textual.message import Message

from command_center.domain.errors import LogError, LogTooNew
from command_center.domain.model import Fleet

if TYPE_CHECKING:
    from command_center.store.replay import ReplayView
    from command_center.store.view import View


class FleetChanged(Message):
    """The newest fleet; any older one still queued is dropped."""

    def __init__(self, fleet: Fleet) -> None:
        super().__init__()
        self.fleet = fleet

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, FleetChanged)


class News:
    def __init__(self, view: "View | ReplayView") -> None:
        self._view = view
        self.problem = ""
        """Why nothing new can be read now; empty when all is well."""

    def poll(self) -> Fleet | None:
        """None when nothing has changed. Raises LogTooNew, which no waiting mends."""
        try:
            fleet = self._view.poll()
        except LogTooNew:
            raise
        except LogError as error:
            self.problem = str(error)
            return None
        self.problem = ""
        return fleet
