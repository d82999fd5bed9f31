"""A private tmux server for each test."""

import secrets
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from command_center.drivers.tmux import TmuxServer
from command_center.drivers.tmux_turns import turn_file


@contextmanager
def private_socket() -> Iterator[str]:
    """The name of a tmux socket nobody else uses; its server and files end with the block."""
    name = f"cc-test-{secrets.token_hex(6)}"
    yield name
    subprocess.run(("tmux", "-L", name, "kill-server"), capture_output=True, check=False)
    turn_file(name).unlink(missing_ok=True)
    turn_file(name).with_name(name).unlink(missing_ok=True)


@pytest.fixture
def socket() -> Iterator[str]:
    with private_socket() as name:
        yield name


@pytest.fixture
def users_socket() -> Iterator[str]:
    """Of the tmux that a user runs the dashboard in."""
    with private_socket() as name:
        yield name


@pytest_asyncio.fixture
async def server(socket: str, tmp_path: Path) -> AsyncIterator[TmuxServer]:
    """A running server whose first window sleeps."""
    server = TmuxServer(socket)
    await server.ensure(("sleep", "100000"), cwd=tmp_path)
    yield server
    await server.close()
