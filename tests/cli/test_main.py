import subprocess
import sys

import pytest

from command_center.domain.model import State
from command_center.store.log import EventLog
from tests.cli.house import House

pytestmark = pytest.mark.usefixtures("home")

HEAVY = {"textual", "rich", "libtmux", "git", "asyncio", "psutil", "http", "ssl"}


def acc(*words: str) -> "subprocess.CompletedProcess[str]":
    command = (sys.executable, "-P", "-m", "command_center.cli.main", *words)
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("command", [["list"], ["show", "ada"], ["list", "--json"]])
def test_looking_at_the_fleet_imports_nothing_heavy(house: House, command: list[str]) -> None:
    house.add_agent("ada")
    house.say("ada", State.BUSY)
    code = (
        "import sys; from command_center.cli.main import main\n"
        f"main({command!r}, standalone_mode=False)\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "ada" in done.stdout
    assert HEAVY.intersection(done.stderr.split()) == set()


def test_a_mistyped_command_is_told_the_nearest() -> None:
    done = acc("lsit")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "acc: no command 'lsit'; did you mean `acc list`?\n"


@pytest.mark.parametrize(
    "words", [("--nonsense",), ("list", "--nonsense"), ("stop",), ("list", "--state", "happy")]
)
def test_a_wrong_command_line_is_one_line_on_stderr(words: tuple[str, ...]) -> None:
    done = acc(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("acc: ")
    assert done.stderr.count("\n") == 1


def test_a_log_of_a_newer_program_is_refused_without_a_traceback(house: House) -> None:
    EventLog(house.places.log).close()
    newer = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('PRAGMA user_version=99')"
    subprocess.run([sys.executable, "-c", newer, str(house.places.log)], check=True)
    done = acc("list")
    assert (done.returncode, done.stdout) == (1, "")
    assert "written by a newer Command Center" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_folder_that_may_not_be_read_is_named_without_a_traceback(house: House) -> None:
    house.places.log.mkdir(parents=True)
    done = acc("list")
    assert done.returncode == 1
    assert str(house.places.log) in done.stderr
    assert "Traceback" not in done.stderr


def test_the_version_is_the_packages() -> None:
    from command_center import __version__

    assert __version__ in acc("--version").stdout
