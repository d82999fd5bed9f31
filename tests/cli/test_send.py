from collections.abc import Iterable
from pathlib import Path

import pytest

from command_center.domain import events as ev
from command_center.domain.intents import Intent, Send
from tests.cli.house import House, Reply, Supervising

PROMPT = "a 'b' \"c\" #(d) ;\n\n\t`e` $f 🙂 \\"


def leading_to(*steps: ev.Event) -> Reply:
    """The prompt is queued as `p9`, and then `steps` happen to it."""

    def reply(intent: str, asked: Intent) -> Iterable[ev.Event]:
        assert isinstance(asked, Send)
        yield ev.IntentTaken(intent, "Send")
        yield ev.PromptQueued(asked.agent, "p9", asked.text)
        yield ev.IntentDone(intent, asked.agent, "p9")
        yield from steps

    return reply


ADA = "ada-1a2b"
ACCEPTED = (ev.PromptTyping(ADA, "p9"), ev.PromptAccepted(ADA, "p9", "osc7501: busy"))


@pytest.fixture
def ada(house: House) -> House:
    house.add_agent("ada")
    return house


def test_an_accepted_prompt_is_told_with_its_proof(ada: House) -> None:
    with Supervising(ada, leading_to(*ACCEPTED)) as supervising:
        result = ada.run("send", "ada", "do it")
    assert (result.exit_code, result.stdout) == (0, "ada: accepted osc7501: busy\n")
    assert supervising.taken == [Send(ADA, "do it")]


def test_a_prompt_from_standard_input_keeps_every_byte(ada: House) -> None:
    ada.run("send", "ada", "-", "--wait", "none", stdin=PROMPT + "\n")
    assert ada.intents() == [Send(ADA, PROMPT)]


def test_a_prompt_from_a_file_keeps_every_byte(ada: House, tmp_path: Path) -> None:
    (tmp_path / "prompt.md").write_bytes(PROMPT.encode())
    ada.run("send", "ada", "-f", str(tmp_path / "prompt.md"), "--wait", "none")
    assert ada.intents() == [Send(ADA, PROMPT)]


@pytest.mark.parametrize("words", [[], [" \n"], ["x", "-f", "y"]])
def test_no_prompt_or_two_are_refused(ada: House, words: list[str]) -> None:
    result = ada.run("send", "ada", *words)
    assert (result.exit_code, ada.intents()) == (2, [])


def test_the_end_of_the_turn_can_be_waited_for(ada: House) -> None:
    finished = ev.PromptFinished(ADA, "p9", "osc7501: idle")
    with Supervising(ada, leading_to(*ACCEPTED, finished)):
        [row] = ada.rows("send", "ada", "do it", "--wait", "finished")
    assert (row["delivery"], row["proof"]) == ("finished", "osc7501: idle")


def test_a_prompt_that_was_not_taken_is_a_failure(ada: House) -> None:
    with Supervising(ada, leading_to(ev.PromptUnsent(ADA, "p9", "nothing shows it"))):
        result = ada.run("send", "ada", "do it")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "acc: ada: prompt unsent: nothing shows it\n"


def test_a_held_prompt_says_why_when_time_is_up(ada: House) -> None:
    with Supervising(ada, leading_to(ev.PromptHeld(ADA, "p9", "it waits for you"))):
        result = ada.run("send", "ada", "do it", "--timeout", "1")
    assert (result.exit_code, result.stdout) == (4, "")
    assert "held: it waits for you" in result.stderr


def test_a_refused_prompt_says_why(ada: House) -> None:
    def reply(intent: str, asked: Intent) -> Iterable[ev.Event]:
        del asked
        yield ev.IntentRefused(intent, "no such luck", ADA)

    with Supervising(ada, reply):
        result = ada.run("send", "ada", "do it")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "acc: ada: prompt refused: no such luck\n"
