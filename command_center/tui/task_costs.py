"""What each task has cost, counted anew every few seconds while somebody looks."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from command_center.domain.errors import LogError
from command_center.domain.model import Fleet

if TYPE_CHECKING:
    from command_center.tui.deck import Deck
    from command_center.tui.usage_report import Share

_EVERY_S = 5.0


class Costs:
    def __init__(self, deck: "Deck") -> None:
        self._deck = deck
        self._counted_at = float("-inf")
        self.by_task: Mapping[str, Share] = {}

    def are_due(self, fleet: Fleet, now: float) -> bool:
        """Whether they are worth counting; `now` is Unix seconds."""
        return bool(fleet.tasks) and abs(now - self._counted_at) >= _EVERY_S

    async def count(self, fleet: Fleet) -> None:
        self._counted_at = self._deck.clock()
        try:
            self.by_task = await asyncio.to_thread(self._deck.task_costs, fleet)
        except LogError:
            # The supervisor, whose file it is, has a notice about it.
            return
