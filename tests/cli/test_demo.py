"""`acc demo` with the real engine, the real tmux and the real demo agents."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_center.cli.demo import TASKS
from command_center.cli.demo_repository import create, is_ours
from command_center.domain.errors import PathTaken
from command_center.domain.places import Places
from command_center.store.lock import supervisor_pid
from tests.cli.house import House, wait_for
from tests.gitrepo import run_git

PATIENCE = 90.0


@pytest.fixture
def free_house(house: House) -> Iterator[House]:
    """A house whose supervisor may start; it is gone afterwards."""
    house.lock.release()
    yield house
    tmux(house.places, "kill-server")
    wait_for(lambda: not supervisor_pid(house.places.lock), "the supervisor is gone")


def tmux(places: Places, *words: str) -> None:
    subprocess.run(("tmux", "-L", places.socket, *words), capture_output=True, check=False)


def states(house: House) -> dict[str, int]:
    found = [str(row["state"]) for row in house.rows("list")]
    return {state: found.count(state) for state in found}


def test_four_agents_finish_and_are_cleaned_away(free_house: House) -> None:
    house = free_house
    root = house.places.data / "demo"
    result = house.run("demo", "--no-dashboard", "--timeout", str(PATIENCE))
    assert result.exit_code == 0, result.output
    assert "no model" in result.stdout
    wait_for(lambda: states(house) == {"idle": 2, "waiting": 2}, "two ask", PATIENCE)
    again = house.run("demo", "--no-dashboard")
    assert "goes on with its 4 agents" in again.stdout
    assert len(house.rows("list")) == 4
    for row in house.rows("list", "--state", "waiting"):
        assert "permission" in str(row["reason"])
        tmux(house.places, "send-keys", "-t", str(row["pane"]), "y")
    wait_for(lambda: states(house) == {"idle": 4}, "all are done", PATIENCE)
    assert len(run_git(root, "log", "--branches", "--format=%s").splitlines()) == 2 + len(TASKS)
    cleaned = house.run("demo", "--clean", "--timeout", str(PATIENCE))
    assert cleaned.exit_code == 0, cleaned.output
    assert not root.exists()
    assert house.rows("list") == []


def test_a_folder_of_somebody_else_is_never_used(house: House, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    result = house.run("demo", "--dir", str(tmp_path / "mine"))
    assert result.exit_code == 1
    assert "not empty and not a demo" in result.stderr
    with pytest.raises(PathTaken):
        create(tmp_path / "mine")


def test_a_repository_of_somebody_else_is_never_cleaned(house: House, repo: Path) -> None:
    result = house.run("demo", "--clean", "--dir", str(repo))
    assert result.exit_code == 3
    assert (repo / "src").exists()


def test_changes_in_the_demo_repository_keep_it(house: House, tmp_path: Path) -> None:
    root = tmp_path / "demo"
    create(root)
    (root / "thesis.txt").touch()
    result = house.run("demo", "--clean", "--dir", str(root))
    assert result.exit_code == 1
    assert "thesis.txt" in result.stderr
    assert is_ours(root)


def test_the_repository_has_two_commits_and_no_change(tmp_path: Path) -> None:
    create(tmp_path / "demo")
    create(tmp_path / "demo")
    assert run_git(tmp_path / "demo", "rev-list", "--count", "HEAD") == "2"
    assert run_git(tmp_path / "demo", "status", "--porcelain") == ""
