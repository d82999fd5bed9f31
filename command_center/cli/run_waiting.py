"""Waiting for what the supervisor does with runs."""

import time
from collections.abc import Callable

from command_center.cli.desk import Desk
from command_center.domain.errors import SupervisorUnreachable
from command_center.domain.model import Fleet
from command_center.store.lock import supervisor_pid

ANSWER_SECONDS = 60.0
RESPAWN_SECONDS = 20.0
"""In which a supervisor that fell comes back by itself."""


def wait_until(desk: Desk, is_over: Callable[[Fleet], bool], what: str) -> None:
    """Raises SupervisorUnreachable when nobody sees to it."""
    seen_at = time.monotonic()
    while not is_over(desk.fleet):
        now = time.monotonic()
        seen_at = now if supervisor_pid(desk.places.lock) else seen_at
        if now - seen_at > RESPAWN_SECONDS:
            raise SupervisorUnreachable(
                f"the supervisor is gone; `acc supervise` goes on with {what}"
            )
        time.sleep(0.1)
