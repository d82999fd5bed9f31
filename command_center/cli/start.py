"""Starting the supervisor and waiting until it is at work."""

import time

from command_center.domain.errors import SupervisorUnreachable
from command_center.domain.places import Places
from command_center.domain.text import one_line
from command_center.store.lock import supervisor_pid
from command_center.store.view import View

PATIENCE = 20.0
"""Seconds from the start of its window to its first word in the log, if its window says anything.
A machine under load is waited for three times as long: silence is no failure."""
_POLL = 0.05


def ensure_supervisor(places: Places, patience: float = PATIENCE) -> None:
    """Returns when a supervisor is at work; costs one look at the lock when one holds it.

    Raises SupervisorUnreachable with what its window shows when it does not come up, LogError
    and TmuxError. Not for a running event loop: see `supervisor_ensured`.
    """
    if supervisor_pid(places.lock):
        return
    import asyncio

    from command_center.cli import window

    asyncio.run(window.open_supervisor(places.socket))
    shown, waited = "", 0.0
    while not shown and waited < 3 * patience:
        if _comes_up(places, patience):
            return
        waited += patience
        shown = one_line(asyncio.run(window.supervisor_text(places.socket)))
    raise SupervisorUnreachable(
        f"the supervisor did not start within {waited:g} s; its window ends in: "
        f"{shown[-300:] or '(nothing)'}; run `acc supervise` to watch it start"
    )


def _comes_up(places: Places, patience: float) -> bool:
    """Whether one held the lock and said in the log that it has started.

    The lock alone is not enough: one that fails at once holds it for an instant.
    """
    view = View(places.log)
    deadline = time.monotonic() + patience
    try:
        while time.monotonic() < deadline:
            view.poll()
            pid = supervisor_pid(places.lock)
            if pid > 0 and view.fleet.supervisor == pid:
                return True
            time.sleep(_POLL)
    finally:
        view.close()
    return False


async def supervisor_ensured(places: Places) -> None:
    """`ensure_supervisor` without holding up the event loop."""
    import asyncio

    await asyncio.to_thread(ensure_supervisor, places)
