"""Sees to it that a supervisor runs as long as the dashboard is open."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from command_center.domain.errors import CommandCenterError
from command_center.store.lock import supervisor_pid

_LOOK_S = 1.0
_LONGEST_WAIT_S = 30.0


class Supervision:
    """Looks at the lock once a second and starts a supervisor when it stays free."""

    def __init__(self, lock: Path, start: Callable[[], Awaitable[None]]) -> None:
        self._lock = lock
        self._start = start
        self.health = ""
        """What is wrong, for the header; empty while a supervisor holds the lock."""

    async def watch(self) -> None:
        """Goes on until it is cancelled."""
        wait = _LOOK_S
        await self._attempt()
        while True:
            await asyncio.sleep(wait)
            if supervisor_pid(self._lock):
                self.health, wait = "", _LOOK_S
                continue
            await asyncio.sleep(_LOOK_S)
            await self._attempt()
            wait = min(2 * wait, _LONGEST_WAIT_S)

    async def _attempt(self) -> None:
        if supervisor_pid(self._lock):
            self.health = ""
            return
        self.health = "supervisor starting…"
        try:
            await self._start()
        except (CommandCenterError, OSError) as error:
            self.health = f"supervisor: {error}"
        else:
            self.health = "" if supervisor_pid(self._lock) else self.health
