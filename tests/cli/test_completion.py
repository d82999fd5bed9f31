import os
import subprocess
import sys

import pytest

from command_center.domain import events as ev
from tests.cli.house import House


def completed(*words: str) -> list[str]:
    """What bash would offer for the last of `words`."""
    asked = {"COMP_WORDS": " ".join(("acc", *words)), "COMP_CWORD": str(len(words))}
    env = {**os.environ, **asked, "_ACC_COMPLETE": "bash_complete"}
    code = "from command_center.cli.main import main; main(prog_name='acc')"
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_the_bash_script_is_bash(house: House) -> None:
    script = house.run("completion", "bash").stdout
    assert "_ACC_COMPLETE=bash_complete" in script
    assert "_COMMAND_CENTER_COMPLETE=bash_complete" in script
    subprocess.run(["bash", "-n", "-c", script], check=True)


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_scripts_too(house: House, shell: str) -> None:
    assert f"_ACC_COMPLETE={shell}_complete" in house.run("completion", shell).stdout


@pytest.mark.usefixtures("house")
def test_commands_are_offered() -> None:
    assert completed("re") == ["resume", "remove", "replay"]


def test_agents_are_offered_by_name(house: House) -> None:
    house.add_agent("ada")
    house.add_agent("alan")
    house.add_agent("zed")
    assert completed("show", "a") == ["ada", "alan"]


def test_undo_offers_the_removed(house: House) -> None:
    house.add_agent("ada")
    house.write(ev.AgentRemoved(house.add_agent("zed"), {}))
    assert completed("undo", "") == ["zed"]


@pytest.mark.usefixtures("house")
def test_specs_are_offered() -> None:
    assert completed("launch", "dem") == ["demo"]
