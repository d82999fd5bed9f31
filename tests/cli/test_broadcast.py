from pathlib import Path

import pytest

from command_center.domain import events as ev
from command_center.domain.intents import Send
from command_center.domain.model import Diff, State
from tests.cli.house import House, Supervising
from tests.cli.tasks import refused, taken


@pytest.fixture
def three(house: House) -> House:
    """ada and cleo are idle, bob is busy; cleo has uncommitted work."""
    for number, name in enumerate(("ada", "bob", "cleo")):
        house.add_agent(name, pane=f"%{number}")
        house.say(name, State.BUSY if name == "bob" else State.IDLE)
    house.write(ev.DiffMeasured("cleo-1a2b", Diff(uncommitted=2)))
    return house


def test_named_agents_each_get_the_prompt_once(three: House) -> None:
    with Supervising(three, taken) as supervising:
        result = three.run("broadcast", "ada", "bob", "ada", "stop; #(x)", "--yes")
    assert supervising.taken == [Send("ada-1a2b", "stop; #(x)"), Send("bob-1a2b", "stop; #(x)")]
    assert result.stdout == "ada prompted\nbob prompted\n"


def test_all_that_are_idle_with_nothing_to_do_get_it(three: House, tmp_path: Path) -> None:
    (tmp_path / "p").write_text("hello\n")
    with Supervising(three, taken) as supervising:
        three.run("broadcast", "--all-idle", "-f", str(tmp_path / "p"), "-y")
    assert supervising.taken == [Send("ada-1a2b", "hello")]


def test_nothing_is_sent_before_somebody_agrees(three: House) -> None:
    result = three.run("broadcast", "ada", "bob", "hello")
    assert (result.exit_code, three.intents()) == (2, [])
    assert "this prompts 2 agents (ada, bob); --yes agrees" in result.stderr


@pytest.mark.parametrize(
    "words", [("hello",), ("--all-idle", "ada", "hello"), ("ada", " "), (), ("--all-idle",)]
)
def test_half_a_request_is_no_request(three: House, words: tuple[str, ...]) -> None:
    result = three.run("broadcast", *words, "--yes")
    assert (result.exit_code, three.intents()) == (2, [])


def test_with_nobody_idle_nobody_is_asked(house: House) -> None:
    result = house.run("broadcast", "--all-idle", "hello", "--yes")
    assert (result.exit_code, "no agent is idle" in result.stderr) == (3, True)


def test_a_refusal_is_told_for_each(three: House) -> None:
    with Supervising(three, refused):
        result = three.run("broadcast", "ada", "hello", "--yes")
    assert (result.exit_code, result.stderr) == (1, "acc: ada: broadcast refused: no such luck\n")
