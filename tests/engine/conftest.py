"""A supervised command center for each test."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from command_center.domain.intents import Shutdown
from command_center.engine.supervisor import run
from tests.center import Center
from tests.gitrepo import isolate_git, make_repository


@pytest.fixture
def center(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Center]:
    """Nobody supervises it yet."""
    isolate_git(monkeypatch)
    monkeypatch.setenv("COMMAND_CENTER_HOME", str(tmp_path / "home"))
    center = Center(tmp_path / "home", make_repository(tmp_path))
    yield center
    center.close()


@pytest_asyncio.fixture
async def supervised(center: Center) -> AsyncIterator[Center]:
    """A supervisor runs in the test's own loop and leaves at the end."""
    supervisor = asyncio.create_task(run(center.places))
    await center.until(lambda fleet: fleet.supervisor > 0 or supervisor.done())
    yield center
    center.ask(Shutdown())
    assert await asyncio.wait_for(supervisor, 40) == 0
