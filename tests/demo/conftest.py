"""The demo agent in a worktree and a terminal of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.demo.terminal import Terminal
from tests.gitrepo import make_repository

Open = Callable[..., Terminal]


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    return make_repository(tmp_path)


@pytest.fixture
def open_terminal(worktree: Path) -> Iterator[Open]:
    """Starts agents in the worktree without pauses; they are ended with the test."""
    opened: list[Terminal] = []

    def start(*words: str, folder: Path = worktree, env: dict[str, str] | None = None) -> Terminal:
        opened.append(Terminal(folder, "--pace=0", *words, env=env))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()
