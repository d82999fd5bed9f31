"""Whom the fleet list shows: sets of states, a repository, a task, a tag. Set at once."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from command_center.domain.model import Agent, Fleet
from command_center.tui.dialogs.checklist import Checklist, Item
from command_center.tui.dialogs.fields import Dialog
from command_center.tui.offers import offers
from command_center.tui.sieve import Sieve


class FiltersDialog(Dialog[None]):
    ways = "c clears all · esc closes"
    DEFAULT_CSS = "FiltersDialog > #box { width: 62; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,f,q", "close", show=False),
        Binding("c", "clear", show=False),
    ]

    def __init__(
        self, fleet: Fleet, sieve: Sieve, agent: Agent | None, sift: Callable[[Sieve], None]
    ) -> None:
        """`sift` is called with every change."""
        super().__init__()
        self._fleet = fleet
        self._sieve = sieve
        self._agent = agent
        self._sift = sift

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = "Show"
            yield Checklist(self._items(), id="filters")

    def on_mount(self) -> None:
        self.query_one("#filters").focus()

    def _items(self) -> list[Item]:
        found = offers(self._fleet, self._sieve, self._agent)
        return [
            Item(str(number), offer.label, str(offer.agents), offer.is_on, key=offer.key)
            for number, offer in enumerate(found)
        ]

    @on(Checklist.Changed)
    def _changed(self, message: Checklist.Changed) -> None:
        found = offers(self._fleet, self._sieve, self._agent)
        self._put(found[int(message.item.id)].turned)

    def action_clear(self) -> None:
        self._put(self._sieve.cleared)

    def _put(self, sieve: Sieve) -> None:
        self._sieve = sieve
        self.query_one("#filters", Checklist).put(self._items())
        self._sift(sieve)
