"""Questions that agents ask through our own tools: a part of the union in `events`.

The CLI itself is busy meanwhile, for it runs a tool. So the open question is a claim of the source
`tools`, which makes a busy agent a waiting one, and `Agent.plea` holds its words.
"""

from typing import TypeAlias, assert_never

from msgspec.structs import replace

from command_center.domain.asks import Question
from command_center.domain.ladder import heard, verdict, withdrawn
from command_center.domain.model import Agent, Claim, Phase, Source, State
from command_center.domain.prompt_events import Happening
from command_center.domain.text import one_line


class PleaMade(Happening, frozen=True):
    agent: str
    launch: str
    question: Question
    """Its id is that of the intent which asks, and which is done when the answer is there."""


class PleaEnded(Happening, frozen=True):
    agent: str
    plea: str
    by: str = ""
    """Who answered; empty: the agent no longer waits."""
    answer: str = ""


PleaEvent: TypeAlias = PleaMade | PleaEnded


def pleaded(agent: Agent, event: PleaEvent) -> Agent:
    match event:
        case PleaMade():
            if event.launch != agent.launch or agent.plea is not None:
                return agent
            asked = event.question
            reason = f"question: {one_line(asked.text, 200)}"
            word = Claim(Source.TOOLS, State.WAITING, asked.since, reason, "tool ask_user", False)
            return replace(agent, plea=asked, claims=heard(agent.claims, word))
        case PleaEnded():
            is_ours = agent.plea is not None and agent.plea.id == event.plea
            return unasked(agent) if is_ours else agent
        case _:
            assert_never(event)


def unasked(agent: Agent) -> Agent:
    return replace(agent, plea=None, claims=withdrawn(agent.claims, Source.TOOLS))


def is_moot(agent: Agent) -> bool:
    """Whether nobody waits for the answer any more: the turn that asked is over."""
    if agent.plea is None:
        return False
    believed = verdict(withdrawn(agent.claims, Source.TOOLS))
    is_over = believed is not None and believed.state in (State.IDLE, State.LIMITED)
    return agent.phase is not Phase.LIVE or (
        is_over and believed is not None and believed.at > agent.plea.since
    )
