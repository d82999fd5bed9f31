"""Screens over the dashboard whose keys act one by one, and those that follow the fleet."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual import events
from textual.screen import Screen

from command_center.domain.model import Fleet

if TYPE_CHECKING:
    from textual.worker import Worker

KeyDeed = Callable[[], "Worker[None] | None"]
"""Acts at once, or returns the worker that will have acted when it is finished."""


class Keyed:
    """A screen with keys that act at once, before the next key is looked at."""

    keys: Mapping[str, KeyDeed] = {}


class Following(Screen[None], Keyed):
    def take_fleet(self, fleet: Fleet) -> None:
        """Show the newest fleet; called with every change and once a second."""
        raise NotImplementedError

    def on_key(self, event: events.Key) -> None:
        # The app acts before this, unless the terminal says that it has no keyboard.
        if (deed := self.keys.get(event.key)) is not None:
            event.stop()
            deed()
