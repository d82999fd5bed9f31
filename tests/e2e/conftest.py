"""A command center of its own for each module, and dashboards that look at it."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from command_center.drivers.tmux_turns import turn_file
from command_center.store.lock import supervisor_pid
from tests.center import Center
from tests.e2e.screen import LARGE, SMALL, Screen, Size, until
from tests.e2e.stage import Stage
from tests.gitrepo import IDENTITY, make_repository

Open = Callable[..., Stage]
Crew = Callable[[str], str]


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    """Nobody supervises it until a dashboard or a command starts to."""
    folder = tmp_path_factory.mktemp("e2e")
    center = Center(folder / "home", make_repository(folder), os.environ | IDENTITY)
    center.places.settings.write_text('spec = "echo"\n', "utf-8")
    yield center
    # It would start a new server in place of the one that is gone.
    if (supervisor := supervisor_pid(center.places.lock)) > 0:
        with suppress(ProcessLookupError):
            os.kill(supervisor, signal.SIGTERM)
        until(lambda: supervisor_pid(center.places.lock) != supervisor, "the supervisor left")
    center.close()
    turn_file(center.places.socket).unlink(missing_ok=True)
    turn_file(center.places.socket).with_name(center.places.socket).unlink(missing_ok=True)


@pytest.fixture(scope="module")
def open_dashboard(center: Center, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Starts `acc` in the repository, after `before`; all are ended with the module."""
    folder = tmp_path_factory.mktemp("streams")
    opened: list[Screen] = []

    def start(size: Size = LARGE, *before: str) -> Stage:
        screen = Screen(folder, size, center.repo, center.environ(), before)
        opened.append(screen)
        screen.until_shown("n new", "q quit")
        return Stage(center, screen)

    yield start
    for screen in opened:
        screen.close()


@pytest.fixture(scope="module", params=[SMALL, LARGE], ids=["80x24", "200x60"])
def size(request: pytest.FixtureRequest) -> Size:
    size = request.param
    assert isinstance(size, Size)
    return size


@pytest.fixture(scope="module")
def stage(size: Size, open_dashboard: Open) -> Iterator[Stage]:
    """Shared by a module's tests: each has agents of its own and leaves no dialog open."""
    stage = open_dashboard(size)
    yield stage
    stage.screen.close()


@pytest.fixture
def calm(stage: Stage) -> None:
    """No filter, no zoom, nobody typed to, whatever the test before this one did."""
    stage.screen.escape()
    stage.screen.until_shown("n new")


@pytest.fixture
def crew(size: Size) -> Crew:
    """Makes a name of its own for each size."""
    return lambda name: f"{name}{size.width}"
