"""Whoever looks sees the same, whatever is killed."""

import os
import signal
from collections.abc import Callable

import psutil
import pytest

from command_center.domain.intents import Send
from command_center.domain.model import State
from command_center.store.lock import supervisor_pid
from tests.center import Center
from tests.e2e.conftest import Open
from tests.e2e.screen import LARGE, SMALL, until
from tests.e2e.stage import Stage, is_alive


@pytest.fixture(scope="module")
def stages(open_dashboard: Open) -> tuple[Stage, Stage]:
    """Two users' dashboards on one fleet."""
    return open_dashboard(SMALL), open_dashboard(LARGE)


def test_a_launch_here_appears_there_and_on_the_command_line(stages: tuple[Stage, Stage]) -> None:
    here, there = stages
    here.screen.press("n")
    here.screen.until_shown("1 × Echo")
    here.screen.press("Tab")
    here.screen.until_shown("tab moves on · ctrl+s launches")
    here.screen.type_text("appear everywhere")
    here.screen.until_shown("appear everywhere")
    here.screen.press("C-s")
    until(lambda: here.center.fleet.agents, "the agent is launched")
    [agent] = here.center.fleet.agents.values()
    for stage in stages:
        stage.screen.until_row(agent.name, "idle")
    assert here.listed() == {agent.name: "idle"}
    there.acc("launch", "echo", "--name=typed", "--prompt=from the command line")
    for stage in stages:
        stage.screen.until_row("typed", "idle")


def test_a_change_of_state_is_seen_by_all(stages: tuple[Stage, Stage]) -> None:
    here, there = stages
    here.launch("shared")
    here.center.ask(Send(here.agent("shared").id, "[ask]"))
    for stage in stages:
        stage.screen.until_row("shared", "waiting")
        assert stage.listed()["shared"] == "waiting"
    there.screen.choose("shared")
    there.screen.press("Enter")
    there.screen.until_shown("every other key goes to shared")
    there.screen.press("y", "C-]")
    for stage in stages:
        stage.screen.until_row("shared", "idle")
        assert stage.listed()["shared"] == "idle"
    there.screen.escape()
    there.screen.until_hidden(" /shared")


def test_a_killed_dashboard_harms_nobody(stages: tuple[Stage, Stage]) -> None:
    here, there = stages
    agent = here.launch("survivor", "task")
    os.kill(here.screen.pid, signal.SIGKILL)
    here.screen.until(lambda _: here.screen.is_over)
    there.screen.until_row("survivor", "idle")
    assert is_alive(agent.pid)
    here.screen.start_again()
    here.screen.until_shown("n new")
    for name, state in there.listed().items():
        here.screen.until_row(name, state)
    assert here.agent("survivor").pid == agent.pid


def kill_it(center: Center) -> None:
    os.kill(supervisor_pid(center.places.lock), signal.SIGKILL)


def kill_its_window(center: Center) -> None:
    supervisor = psutil.Process(supervisor_pid(center.places.lock))
    respawn = supervisor.parent()
    assert respawn is not None
    respawn.kill()
    supervisor.kill()


@pytest.mark.parametrize("kill", [kill_it, kill_its_window])
def test_a_killed_supervisor_is_followed_by_another(
    stages: tuple[Stage, Stage], kill: Callable[[Center], None]
) -> None:
    stage, center, name = stages[0], stages[0].center, kill.__name__.replace("_", "-")
    agent = stage.launch(name, "before")
    killed = supervisor_pid(center.places.lock)
    kill(center)
    center.ask(Send(agent.id, "meanwhile"))
    until(lambda: supervisor_pid(center.places.lock) not in (0, -1, killed), "another one runs")
    stage.until_received(name, "before", "meanwhile")
    for each in stages:
        each.screen.choose(name)
        each.screen.until_row(name, "idle")
        each.screen.escape()
    assert stage.agent(name).pid == agent.pid
    assert is_alive(agent.pid)


def test_a_killed_tmux_server_loses_no_conversation(stages: tuple[Stage, Stage]) -> None:
    here, there = stages
    agent = here.launch("phoenix", "before")
    here.center.tmux("kill-server")
    for stage in stages:
        stage.screen.choose("phoenix")
        stage.screen.until_row("phoenix", "lost")
    here.screen.press("r")
    for stage in stages:
        stage.screen.until_row("phoenix", "idle")
    here.until_state("phoenix", State.IDLE)
    there.acc("send", "phoenix", "after")
    there.until_received("phoenix", "before", "after")
    assert here.agent("phoenix").session == agent.session
    assert here.agent("phoenix").order.worktree == agent.order.worktree
