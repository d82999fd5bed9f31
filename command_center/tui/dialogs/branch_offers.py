"""What a field for a branch offers while a name is typed."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.suggester import Suggester

from command_center.domain.errors import GitError
from command_center.domain.text import one_line

Branches = Callable[[Path], Awaitable[list[str]]]
"""Of the repository that a folder is in, the one to offer first in front. Raises GitError."""


class BranchOffers(Suggester):
    """Reads the branches of a folder once, and late: git may take a while."""

    def __init__(self, branches: Branches, folder: Callable[[], str]) -> None:
        """`folder` is what another field says now."""
        super().__init__(use_cache=False, case_sensitive=True)
        self._branches = branches
        self._folder = folder
        self._known: dict[str, list[str]] = {}
        self._reading = asyncio.Lock()

    async def get_suggestion(self, value: str) -> str | None:
        async with self._reading:
            names = await self._names(self._folder().strip())
        return next((name for name in names if name.startswith(value) and name != value), None)

    async def _names(self, folder: str) -> list[str]:
        if folder not in self._known:
            try:
                found = await self._branches(Path(folder).expanduser().absolute())
            except GitError:
                # The form says what is wrong with the folder.
                return []
            self._known[folder] = [name for name in found if one_line(name) == name]
        return self._known[folder]
