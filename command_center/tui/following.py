"""Screens over the dashboard that follow the fleet, and whose keys act one by one."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual import events
from textual.screen import Screen

from command_center.domain.model import Fleet

if TYPE_CHECKING:
    from textual.worker import Worker

KeyDeed = Callable[[], "Worker[None] | None"]
"""Acts at once, or returns the worker that will have acted when it is finished."""


class Following(Screen[None]):
    keys: Mapping[str, KeyDeed] = {}

    def take_fleet(self, fleet: Fleet) -> None:
        """Show the newest fleet; called with every change and once a second."""
        raise NotImplementedError

    def on_key(self, event: events.Key) -> None:
        # The app acts before this, unless the terminal says that it has no keyboard.
        if (deed := self.keys.get(event.key)) is not None:
            event.stop()
            deed()
