"""Sees to it that a supervisor runs as long as the dashboard is open."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from msgspec import Struct

from command_center.domain.errors import CommandCenterError
from command_center.store.lock import supervisor_pid

_LOOK_S = 1.0
_LONGEST_WAIT_S = 30.0


class Health(Struct, frozen=True):
    text: str = ""
    """Empty while a supervisor holds the lock."""
    is_problem: bool = False


class Supervision:
    """Looks at the lock once a second and starts a supervisor when it stays free."""

    def __init__(self, lock: Path, start: Callable[[], Awaitable[None]]) -> None:
        self._lock = lock
        self._start = start
        self.health = Health()

    async def watch(self) -> None:
        """Goes on until it is cancelled."""
        wait = _LOOK_S
        await self._attempt()
        while True:
            await asyncio.sleep(wait)
            if supervisor_pid(self._lock):
                self.health, wait = Health(), _LOOK_S
                continue
            await asyncio.sleep(_LOOK_S)
            await self._attempt()
            wait = min(2 * wait, _LONGEST_WAIT_S)

    async def _attempt(self) -> None:
        if supervisor_pid(self._lock):
            self.health = Health()
            return
        self.health = Health("supervisor starting…")
        try:
            await self._start()
        except (CommandCenterError, OSError) as error:
            self.health = Health(f"supervisor: {error}", is_problem=True)
        else:
            self.health = Health() if supervisor_pid(self._lock) else self.health
