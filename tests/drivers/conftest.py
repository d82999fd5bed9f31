"""A private tmux server for each test."""

import secrets
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from command_center.drivers.tmux import TmuxServer
from command_center.drivers.tmux_turns import turn_file


@pytest.fixture
def socket() -> Iterator[str]:
    """The name of a tmux socket that is this test's own; the server is ended afterwards."""
    name = f"cc-test-{secrets.token_hex(6)}"
    yield name
    subprocess.run(("tmux", "-L", name, "kill-server"), capture_output=True, check=False)
    turn_file(name).unlink(missing_ok=True)
    turn_file(name).with_name(name).unlink(missing_ok=True)


@pytest_asyncio.fixture
async def server(socket: str, tmp_path: Path) -> AsyncIterator[TmuxServer]:
    """A running server whose first window sleeps."""
    server = TmuxServer(socket)
    await server.ensure(("sleep", "100000"), cwd=tmp_path)
    yield server
    await server.close()
