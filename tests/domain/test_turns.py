"""Turns, from the log."""

from command_center.domain import events as ev
from command_center.domain.turns import Turn, turn_at, turns_by_agent
from tests.strategies import LAUNCHED, recorded

TALK = (
    ev.PromptQueued("a", "p1", "first\nline two"),
    ev.PromptAccepted("a", "p1", "hook", at=100.0),
    ev.PromptFinished("a", "p1", "hook"),
    ev.PromptQueued("a", "p2", "second"),
    ev.PromptAccepted("a", "p2", "hook", at=300.0),
)


def told(*happened: ev.Event, at: float) -> list[ev.Record]:
    return [ev.Record(record.seq, at, record.event) for record in recorded(happened)]


def test_a_turn_lasts_from_the_acceptance_of_its_prompt_to_its_end() -> None:
    turns = turns_by_agent(told(*TALK, at=200.0))
    assert turns == {
        "a": [Turn("a", 1, "first\nline two", 100.0, 200.0), Turn("a", 2, "second", 300.0)]
    }


def test_a_message_belongs_to_the_turn_in_which_it_came() -> None:
    turns = turns_by_agent(told(*TALK, at=200.0))["a"]
    found = [turn_at(turns, at) for at in (99.0, 100.0, 203.0, 250.0, 300.0, 9000.0)]
    assert [turn.number if turn else 0 for turn in found] == [0, 1, 1, 0, 2, 2]


def test_a_prompt_proved_twice_is_one_turn() -> None:
    again = ev.PromptAccepted("a", "p1", "transcript", at=101.0)
    assert len(turns_by_agent(told(*TALK[:2], again, at=200.0))["a"]) == 1


def test_the_first_turn_has_the_prompt_of_the_launch() -> None:
    launch = next(event for event in LAUNCHED if isinstance(event, ev.LaunchIntended))
    accepted = ev.PromptAccepted(launch.agent, launch.prompt, "hook", at=5.0)
    [turn] = turns_by_agent(told(launch, accepted, at=9.0))[launch.agent]
    assert turn.prompt == launch.order.prompt
