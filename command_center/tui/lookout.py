"""Looks at the panes of many views together: one batch for all that are due."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from math import floor
from typing import NamedTuple, Protocol

from command_center.domain.errors import TmuxError
from command_center.drivers.glass import Glass, PaneScreen

_BLIND_S = 0.2
"""How often to see whether anybody wants to look at all."""
_TOGETHER_S = 0.01
"""Views that are due so soon are looked at with the others."""

_BEAT_S = 0.05
"""Shorter pauses follow a key, and are kept as they are."""
_EARLY = 0.1
"""The part of a pause by which a look may come before its beat."""


class Aim(NamedTuple):
    """What a view wants to see."""

    pane: str
    line: int | None
    """The uppermost line, counted from the start of the history; None for the live screen."""


class View(Protocol):
    due_at: float
    """By the loop's clock."""

    @property
    def aim(self) -> Aim | None:
        """None while there is nothing to see, or nobody to see it."""

    def next_pause(self) -> float:
        """Seconds until the look after the one that is due."""

    async def look(self, aim: Aim, seen: Mapping[str, PaneScreen]) -> None:
        """Take in what was seen of the live screens; a look at the history is the view's own."""

    def lose_sight(self, why: str) -> None: ...


class Lookout:
    def __init__(self, glass: Glass) -> None:
        self.glass = glass
        self._views: list[View] = []
        self._nudged = asyncio.Event()

    def add(self, view: View) -> None:
        self._views.append(view)
        self.nudge(view)

    def remove(self, view: View) -> None:
        self._views.remove(view)

    def nudge(self, view: View) -> None:
        """Look for this view at once."""
        view.due_at = 0.0
        self._nudged.set()

    async def watch(self) -> None:
        """One round at a time, for ever."""
        clock = asyncio.get_running_loop().time
        while True:
            self._nudged.clear()
            await self._round(clock())
            wake_at = min((view.due_at for view in self._views), default=clock() + _BLIND_S)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._nudged.wait(), max(0.0, wake_at - clock()))

    async def _round(self, now: float) -> None:
        aims: list[tuple[View, Aim]] = []
        for view in self._views:
            if view.due_at > now + _TOGETHER_S:
                continue
            pause = view.next_pause()
            view.due_at = _next_beat(now, pause)
            if (aim := view.aim) is not None:
                aims.append((view, aim))
        live = dict.fromkeys(aim.pane for _, aim in aims if aim.line is None)
        try:
            seen = await self.glass.look(list(live)) if live else {}
        except TmuxError as error:
            for view, _ in aims:
                view.lose_sight(str(error))
        else:
            for view, aim in aims:
                await view.look(aim, seen)


def _next_beat(now: float, pause: float) -> float:
    """On a common beat, so that the looks of many views stay together."""
    if pause < _BEAT_S:
        return now + pause
    return (floor(now / pause + _EARLY) + 1) * pause
