"""Clients of one tmux server come and go one at a time.

While a control client introduces itself (some 0.1 ms), tmux 3.3a dies of any session that
appears or ends and of any client that leaves: it notifies the half-known client as well, and
all agents are gone. Our processes therefore attach, detach and start under one file lock.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

# A holder that is stopped must not keep everyone else from the agents for ever.
_PATIENCE_SECONDS = 5.0
_RETRY_SECONDS = 0.002


def turn_file(socket: str) -> Path:
    """The lock file, beside the server's socket in tmux's own folder for this user."""
    return Path(os.environ.get("TMUX_TMPDIR") or "/tmp") / f"tmux-{os.getuid()}" / f"{socket}.turn"


@asynccontextmanager
async def turn(socket: str) -> AsyncIterator[None]:
    """Hold the right to attach, detach or start at the server named `socket`."""
    path = turn_file(socket)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        give_up_at = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        while not _is_taken(descriptor):
            if asyncio.get_running_loop().time() > give_up_at:
                break
            await asyncio.sleep(_RETRY_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _is_taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
