import fcntl
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_center.store.lock import Presence, SupervisorLock, is_client_near, supervisor_pid

HOLDER = """
import sys
from pathlib import Path
from command_center.store.lock import Presence, SupervisorLock
path = Path(sys.argv[1])
lock, presence = SupervisorLock(path), Presence(path.parent)
print(lock.acquire(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "supervisor.lock"


@pytest.fixture
def holder(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the lock and is a client, until it is killed."""
    with started(HOLDER, path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        yield process
        process.kill()


def started(code: str, path: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_lock_that_never_was_is_free(path: Path) -> None:
    assert supervisor_pid(path) == 0


def test_one_supervisor_holds_the_lock(path: Path, holder: "subprocess.Popen[str]") -> None:
    assert not SupervisorLock(path).acquire()
    assert supervisor_pid(path) == holder.pid


def test_the_lock_dies_with_its_holder(path: Path, holder: "subprocess.Popen[str]") -> None:
    holder.kill()
    holder.wait()
    assert supervisor_pid(path) == 0
    lock = SupervisorLock(path)
    assert lock.acquire()
    assert supervisor_pid(path) == os.getpid()
    lock.release()


def test_a_released_lock_is_free(path: Path) -> None:
    lock = SupervisorLock(path)
    assert lock.acquire()
    lock.release()
    assert supervisor_pid(path) == 0


def test_a_look_at_the_lock_does_not_keep_a_supervisor_out(path: Path) -> None:
    with path.open("w") as look:
        fcntl.flock(look, fcntl.LOCK_SH)
        end = threading.Timer(0.05, fcntl.flock, (look, fcntl.LOCK_UN))
        end.start()
        lock = SupervisorLock(path)
        assert lock.acquire()
        end.join()
        lock.release()


def test_a_client_is_near_until_it_leaves(tmp_path: Path) -> None:
    assert not is_client_near(tmp_path)
    presence = Presence(tmp_path)
    assert is_client_near(tmp_path)
    presence.leave()
    assert not is_client_near(tmp_path)


def test_a_killed_client_is_not_near(path: Path, holder: "subprocess.Popen[str]") -> None:
    assert is_client_near(path.parent)
    holder.kill()
    holder.wait()
    assert not is_client_near(path.parent)
