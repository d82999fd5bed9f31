"""Screens over the dashboard: those that take all of it, and those that follow the fleet."""

from collections.abc import Awaitable, Callable, Generator, Mapping
from typing import TYPE_CHECKING, TypeVar

from textual import events
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

from command_center.domain.model import Fleet

if TYPE_CHECKING:
    from textual.worker import Worker

T = TypeVar("T")
KeyDeed = Callable[[], "Worker[None] | None"]
"""Acts at once, or returns the worker that will have acted when it is finished."""


class Later:
    """For a worker that may be cancelled before it began: a coroutine would never be awaited."""

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work = work

    def __await__(self) -> Generator[object, None, None]:
        return self._work().__await__()


class Keyed:
    """A screen with keys that act at once, before the next key is looked at."""

    keys: Mapping[str, KeyDeed] = {}


class Modal(ModalScreen[T]):
    """Closes once: a key that was typed before it was gone closes nothing else."""

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        return super().dismiss(result) if self.is_active else AwaitComplete()


class Over(Modal[T]):
    """Takes all the room, and every key: none reaches the fleet behind it."""

    DEFAULT_CSS = "Over { &, &:ansi { background: ansi_default; } }"


class Following(Over[None], Keyed):
    def take_fleet(self, fleet: Fleet) -> None:
        """Show the newest fleet; called with every change and once a second."""
        raise NotImplementedError

    def on_key(self, event: events.Key) -> None:
        # The app acts before this, unless the terminal says that it has no keyboard.
        if (deed := self.keys.get(event.key)) is not None:
            event.stop()
            deed()
