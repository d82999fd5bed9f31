"""A home of its own for every test of the command line."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.house import House
from tests.gitrepo import make_repository


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("COMMAND_CENTER_HOME", str(folder))
    monkeypatch.setenv("TERM", "xterm-256color")
    return folder


@pytest.fixture
def house(home: Path) -> Iterator[House]:
    house = House(home)
    yield house
    house.lock.release()
    kill = ("tmux", "-L", house.places.socket, "kill-server")
    subprocess.run(kill, capture_output=True, check=False)


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository that is the current folder."""
    root = make_repository(tmp_path)
    monkeypatch.chdir(root)
    return root
