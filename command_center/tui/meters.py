"""What changes by the second: each agent's gauge, and what was spent today."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from command_center.domain.errors import LogError
from command_center.domain.model import Fleet
from command_center.tui.header import Figures

if TYPE_CHECKING:
    from command_center.domain.gauges import Gauge
    from command_center.store.gauges import GaugeView
    from command_center.tui.deck import Deck


class Meters:
    def __init__(self, deck: "Deck") -> None:
        self._deck = deck
        self._view: GaugeView | None = None
        self._spent = ""
        self.gauges: Mapping[str, Gauge] = {}
        """By agent; as they were last told."""
        self.figures = Figures()
        self.lost_today = ""
        """The time that passed with nothing done, and what that cost, in words."""

    def poll(self, fleet: Fleet, now: float) -> None:
        """Once a second; `now` is Unix seconds."""
        # Not at the top: the first paint shows no figures.
        from command_center.domain.idleness import idleness, together

        self._follow()
        lost = idleness(fleet, self.gauges, now)
        self.lost_today = lost.words_today
        self.figures = Figures(
            spent=self._spent,
            waits=lost.words,
            rate=together(self.gauges.values(), now).rate_minute,
            catch_up=self._view.catch_up if self._view is not None else None,
        )

    def _follow(self) -> None:
        if self._view is None:
            self._view = self._deck.gauges()
        if self._view is None:
            return
        try:
            gauges = self._view.poll()
        except LogError:
            # The supervisor, whose file it is, makes it anew and has a notice about it.
            return
        self.gauges = self.gauges if gauges is None else gauges

    async def add_up(self, fleet: Fleet) -> None:
        try:
            self._spent = await asyncio.to_thread(self._deck.spent_today, fleet)
        except LogError:
            # The supervisor has a notice about it, and `acc usage` says it.
            self._spent = ""

    def close(self) -> None:
        if self._view is not None:
            self._view.close()
