"""One writer at a time of a repository's worktree metadata, across tasks and processes.

Parallel `git worktree add` fails: one reads the other's half-made entry.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from command_center.domain.errors import GitError
from command_center.domain.model import Repo

PATIENCE = 60.0
"""Seconds to wait for another process."""


class RepositoryLocks:
    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def held(self, repo: Repo) -> AsyncIterator[int]:
        """Yield the lock file's descriptor; a child that inherits it prolongs the lock.

        Raises GitError when another process keeps it for too long.
        """
        async with self._locks.setdefault(repo.common_dir, asyncio.Lock()):
            file = Path(repo.common_dir, "command-center.lock")
            try:
                descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            except OSError as error:
                raise GitError(f"{file}: cannot be opened: {error.strerror}") from error
            try:
                await _lock(descriptor, file)
                yield descriptor
            finally:
                os.close(descriptor)


async def _lock(descriptor: int, file: Path) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if loop.time() > deadline:
                raise GitError(
                    f"{file}: another process has held this lock for {PATIENCE:g} s"
                ) from None
        await asyncio.sleep(0.01)
