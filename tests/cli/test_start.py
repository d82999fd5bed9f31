"""The supervisor is started for real, in the private tmux server of the test's own home."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_center.cli.start import ensure_supervisor, supervisor_ensured
from command_center.cli.window import RESPAWN
from command_center.domain.errors import LogError, SupervisorUnreachable
from command_center.domain.intents import Shutdown
from command_center.domain.places import Places
from command_center.store.inbox import Inbox, send
from command_center.store.lock import supervisor_pid
from tests.cli.house import wait_for

PATIENCE = 60.0


@pytest.fixture
def places(home: Path) -> Iterator[Places]:
    places = Places.of({"COMMAND_CENTER_HOME": str(home)}, home)
    yield places
    tmux(places, "kill-server")
    wait_for(lambda: not supervisor_pid(places.lock), "the supervisor is gone")


def tmux(places: Places, *words: str) -> str:
    command = ("tmux", "-L", places.socket, *words)
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def windows(places: Places) -> list[str]:
    return tmux(places, "list-windows", "-a", "-F", "#{window_name} #{pane_dead}").splitlines()


def environment_of(pid: int) -> dict[str, str]:
    body = Path(f"/proc/{pid}/environ").read_text("utf-8", "surrogateescape")
    return dict(entry.partition("=")[::2] for entry in body.split("\0"))


def test_it_runs_in_its_window_and_only_once(places: Places) -> None:
    ensure_supervisor(places, PATIENCE)
    pid = supervisor_pid(places.lock)
    ensure_supervisor(places, PATIENCE)
    assert supervisor_pid(places.lock) == pid
    assert windows(places) == ["supervisor 0"]


async def test_a_dashboard_can_start_it_from_its_event_loop(places: Places) -> None:
    await supervisor_ensured(places)
    assert supervisor_pid(places.lock)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_it_has_the_callers_environment_but_not_the_callers_tmux(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_AGENTS_KEY", "k-123")
    monkeypatch.setenv("TMUX", "/nowhere,1,0")
    ensure_supervisor(places, PATIENCE)
    environment = environment_of(supervisor_pid(places.lock))
    assert environment["SOME_AGENTS_KEY"] == "k-123"
    assert environment["COMMAND_CENTER_HOME"] == os.environ["COMMAND_CENTER_HOME"]
    assert "/nowhere" not in environment.get("TMUX", "")


def test_a_supervisor_that_was_killed_comes_back_by_itself(places: Places) -> None:
    ensure_supervisor(places, PATIENCE)
    first = supervisor_pid(places.lock)
    os.kill(first, 9)
    wait_for(lambda: supervisor_pid(places.lock) not in (0, -1, first), "a new one", PATIENCE)
    assert windows(places) == ["supervisor 0"]


def test_a_window_whose_supervisor_has_left_is_used_again(places: Places) -> None:
    ensure_supervisor(places, PATIENCE)
    send(Inbox(places.inbox), Shutdown(), "test")
    wait_for(lambda: windows(places) == ["supervisor 1"], "it has left")
    ensure_supervisor(places, PATIENCE)
    assert windows(places) == ["supervisor 0"]


def test_an_agents_window_of_the_same_name_is_left_alone(places: Places) -> None:
    new = ("new-session", "-d", "-s", "command-center", "-n", "supervisor", "sleep 1000")
    tmux(places, "-f", "/dev/null", *new, ";", "set-option", "-w", "@acc_agent", "ada-1a2b")
    ensure_supervisor(places, PATIENCE)
    named = tmux(places, "list-windows", "-a", "-F", "#{window_name} #{@acc_agent}").splitlines()
    assert named.count("supervisor ada-1a2b") == 1
    assert named.count("supervisor ") == 1


def test_a_supervisor_that_cannot_start_tells_its_last_lines(places: Places) -> None:
    places.state.mkdir(parents=True)
    places.inbox.touch()
    with pytest.raises(SupervisorUnreachable, match="NotADirectoryError"):
        ensure_supervisor(places, patience=3)


def test_a_log_that_cannot_be_read_is_told_at_once(places: Places) -> None:
    places.log.mkdir(parents=True)
    with pytest.raises(LogError, match=r"log\.sqlite"):
        ensure_supervisor(places, PATIENCE)


def respawned(tmp_path: Path, script: str) -> "subprocess.CompletedProcess[str]":
    """Runs the respawn loop around `script`, with pauses that only say how long they are."""
    sleep = tmp_path / "bin" / "sleep"
    sleep.parent.mkdir()
    sleep.write_text('#!/bin/sh\necho "pause $1"\n')
    sleep.chmod(0o755)
    env = {**os.environ, "PATH": f"{sleep.parent}:{os.environ['PATH']}"}
    command = ("sh", "-c", RESPAWN, "supervisor", "sh", "-c", script)
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_a_crash_is_healed_five_times_with_growing_pauses(tmp_path: Path) -> None:
    done = respawned(tmp_path, "echo began; exit 7")
    lines = done.stdout.splitlines()
    assert done.returncode == 7
    assert lines.count("began") == 6
    assert [line for line in lines if line.startswith("pause")] == [
        f"pause {seconds}" for seconds in (1, 4, 9, 16, 25)
    ]
    assert lines[-1] == "The supervisor ended with status 7; 5 restarts did not help."


def test_a_clean_end_is_not_a_crash(tmp_path: Path) -> None:
    done = respawned(tmp_path, "echo began")
    assert (done.returncode, done.stdout) == (0, "began\n")
