"""Starting the supervisor and waiting until it holds its lock."""

import time

from command_center.domain.errors import SupervisorUnreachable
from command_center.domain.places import Places
from command_center.domain.text import one_line
from command_center.store.lock import supervisor_pid

PATIENCE = 20.0
"""Seconds from the start of its window to its lock."""
_POLL = 0.05


def ensure_supervisor(places: Places, patience: float = PATIENCE) -> None:
    """Returns when a supervisor holds the lock; costs one look at the lock when one does.

    Raises SupervisorUnreachable with what its window shows when it does not come up, and
    TmuxError. Not for a running event loop: see `supervisor_ensured`.
    """
    if supervisor_pid(places.lock):
        return
    import asyncio

    from command_center.cli import window

    asyncio.run(window.open_supervisor(places.socket))
    deadline = time.monotonic() + patience
    while not supervisor_pid(places.lock):
        if time.monotonic() > deadline:
            shown = one_line(asyncio.run(window.supervisor_text(places.socket)))
            raise SupervisorUnreachable(
                f"the supervisor did not start within {patience:g} s; its window ends in: "
                f"{shown[-300:] or '(nothing)'}; run `acc supervise` to watch it start"
            )
        time.sleep(_POLL)


async def supervisor_ensured(places: Places) -> None:
    """`ensure_supervisor` without holding up the event loop."""
    import asyncio

    await asyncio.to_thread(ensure_supervisor, places)
