import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from command_center.domain import events as ev
from command_center.drivers.glass import attach_argv
from command_center.drivers.tmux import SESSION
from tests.cli.house import House, wait_for

SCRIPT = r"printf 'one\n\033[31mtwo\033[0m\n\n漢字\n'; exec sleep 1000"


@pytest.fixture
def pane(house: House) -> Iterator[str]:
    """A pane in the private server that shows a few lines."""
    tmux = ("tmux", "-u", "-L", house.places.socket, "-f", "/dev/null")
    new = ("new-session", "-d", "-s", SESSION, "-P", "-F", "#{pane_id}", "--", "sh", "-c", SCRIPT)
    made = subprocess.run((*tmux, *new), capture_output=True, text=True, check=True)
    pane = made.stdout.strip()
    capture = (*tmux, "capture-pane", "-p", "-t", pane)
    wait_for(lambda: "漢字" in subprocess.check_output(capture, text=True), "the lines stand")
    yield pane
    subprocess.run((*tmux, "kill-server"), capture_output=True, check=False)


def test_peek_prints_what_the_pane_shows(house: House, pane: str) -> None:
    house.add_agent("ada", pane=pane)
    assert house.run("peek", "ada").stdout == "one\ntwo\n\n漢字\n"


def test_peek_prints_only_the_last_lines_when_asked(house: House, pane: str) -> None:
    house.add_agent("ada", pane=pane)
    assert house.run("peek", "ada", "-n", "1").stdout == "漢字\n"
    assert house.rows("peek", "ada")[0]["lines"] == ["one", "two", "", "漢字"]


def test_an_agent_without_a_pane_says_how_to_get_one(house: House) -> None:
    agent = house.add_agent("ada")
    house.write(ev.StopIntended(agent), ev.AgentParked(agent))
    for command in ("peek", "attach"):
        result = house.run(command, "ada")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "start it with `acc resume ada`" in result.stderr


@pytest.mark.usefixtures("pane")
def test_a_pane_that_is_gone_is_told(house: House) -> None:
    house.add_agent("ada", pane="%77")
    result = house.run("peek", "ada")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cannot show pane %77" in result.stderr


def test_attach_shows_the_pane_in_this_terminal(house: House, pane: str) -> None:
    house.add_agent("ada", pane=pane)
    outer = ("tmux", "-u", "-L", f"{house.places.socket}-outer", "-f", "/dev/null")
    acc = (sys.executable, "-P", "-m", "command_center.cli.main", "attach", "ada")
    subprocess.run((*outer, "new-session", "-d", "-x", "80", "-y", "20", "--", *acc), check=True)
    try:
        capture = (*outer, "capture-pane", "-p")
        wait_for(lambda: "漢字" in subprocess.check_output(capture, text=True), "it is shown")
    finally:
        subprocess.run((*outer, "kill-server"), capture_output=True, check=False)


def test_attach_opens_the_terminal_that_is_configured(house: House) -> None:
    house.add_agent("ada", pane="%7")
    told = house.home / "told"
    script = f'printf "%s\\n" "$@" >"{told}"; exec sleep 2'
    words = ", ".join(map(json.dumps, ("sh", "-c", script, "sh", "-e", "{command}")))
    house.places.config.mkdir(parents=True, exist_ok=True)
    house.places.settings.write_text(f"terminal = [{words}]", "utf-8")
    assert house.run("attach", "--terminal", "ada").exit_code == 0
    assert told.read_text().split("\n")[:-1] == ["-e", *attach_argv(house.places.socket, "%7")]


def test_attach_in_a_terminal_says_how_to_configure_one(house: House) -> None:
    house.add_agent("ada", pane="%7")
    result = house.run("attach", "--terminal", "ada")
    assert (result.exit_code, result.stdout) == (3, "")
    assert str(house.places.settings) in result.stderr
