"""The turns of agents: from the proof that a prompt was accepted to the proof that it is done."""

from bisect import bisect_right
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from command_center.domain import events as ev

LATE_S = 5.0
"""A CLI writes the last record of a turn around the time at which it says that it is over."""


class Turn(Struct, frozen=True):
    agent: str
    number: int
    """From 1, in the order in which the agent's prompts were accepted."""
    prompt: str
    """What was asked, whole and verbatim; empty when it is not known."""
    began: float
    """Unix seconds."""
    ended: float = 0.0
    """0 while it goes on."""


def turns_by_agent(records: Iterable[ev.Record]) -> dict[str, list[Turn]]:
    """The turns of each agent, in the order in which they began."""
    texts: dict[str, str] = {}
    places: dict[str, tuple[str, int]] = {}
    turns: dict[str, list[Turn]] = {}
    for record in records:
        match record.event:
            case ev.LaunchIntended(prompt=prompt, order=order):
                texts[prompt] = order.prompt
            case ev.PromptQueued(prompt=prompt, text=text):
                texts[prompt] = text
            case ev.PromptAccepted(agent=agent, prompt=prompt, at=at) if prompt not in places:
                known = turns.setdefault(agent, [])
                places[prompt] = agent, len(known)
                text = texts.pop(prompt, "")
                known.append(Turn(agent, len(known) + 1, text, at or record.at))
            case ev.PromptFinished(prompt=prompt) if prompt in places:
                agent, place = places[prompt]
                turns[agent][place] = replace(turns[agent][place], ended=record.at)
            case _:
                pass
    return turns


def turn_at(turns: list[Turn], at: float) -> Turn | None:
    """The one of an agent's turns that was under way; None between two.

    A prompt that is accepted while a turn goes on takes over what comes after it.
    """
    place = bisect_right(turns, at, key=lambda turn: turn.began)
    turn = turns[place - 1] if place else None
    is_over = turn is not None and turn.ended and at > turn.ended + LATE_S
    return None if is_over else turn
