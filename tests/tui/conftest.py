"""A private tmux server for each test of the live pane, a glass to look through, a world."""

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from command_center.drivers.glass import Glass
from command_center.drivers.tmux import TmuxServer
from tests.drivers.conftest import private_socket
from tests.tui.world import World


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[TmuxServer]:
    with private_socket() as name:
        server = TmuxServer(name)
        await server.ensure(("sleep", "100000"), cwd=tmp_path)
        yield server
        await server.close()


@pytest_asyncio.fixture
async def glass(server: TmuxServer) -> AsyncIterator[Glass]:
    glass = Glass(server.socket)
    yield glass
    await glass.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local time is that of Greenwich."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()
