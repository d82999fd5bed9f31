"""What an agent asks: when a question opens, which one is open, and when it is over.

A question comes with its payload from a hook, or it is made from the reason of a waiting state.
It is over when the agent no longer waits, and when it waits for something else.
"""

from typing import assert_never

from msgspec.structs import replace

from command_center.domain import events as ev
from command_center.domain.asks import Kind, Question
from command_center.domain.ladder import SAME_MOMENT
from command_center.domain.model import Agent, Fleet, State


def question_id(at: float) -> str:
    """Of a question asked at `at`, in Unix seconds; no agent asks two within a millisecond."""
    return f"{int(at) * 1000 + int(at % 1 * 1000):x}"


def question_in(agent: Agent, state: State, reason: str, at: float) -> Question | None:
    """What `agent`, in its old state still, asks when a word of `at` brings it into `state`."""
    known = agent.question
    if state is not State.WAITING:
        # A hook speaks before the dialog stands, and then the agent does not wait yet.
        is_over = agent.state is State.WAITING or not agent.has_process
        is_past = known is not None and at > known.since + SAME_MOMENT
        return None if is_over or is_past else known
    if known is not None and known.is_told and at <= known.since + SAME_MOMENT:
        return known
    if agent.state is State.WAITING and reason == agent.reason:
        return known
    text = reason or "it waits for you"
    if known is not None and not known.is_told and _refines(reason, agent):
        return replace(known, kind=_kind(reason), text=text)
    return Question(question_id(at), _kind(reason), text, at)


def questioned(agent: Agent, event: ev.QuestionEvent) -> Agent:
    known = agent.question
    if isinstance(event, ev.QuestionAsked):
        if event.launch != agent.launch or (known and _is_older(event.question, known)):
            return agent
        return replace(agent, question=replace(event.question, is_told=True))
    if known is None or event.question != known.id:
        return agent
    match event:
        case ev.AnswerIntended():
            taken = replace(known, answer=event.verdict, intent=event.intent)
            return replace(agent, question=taken)
        case ev.AnswerGiven():
            return replace(agent, question=None)
        case ev.AnswerFailed():
            return replace(agent, question=replace(known, answer="", intent=""))
        case _:
            assert_never(event)


def alike(fleet: Fleet, question: Question) -> list[tuple[Agent, Question]]:
    """Everyone who asks for the same kind and tool, with what they ask."""
    same = (question.kind, question.tool)
    asking = ((agent, agent.asks) for agent in fleet.agents.values())
    return [(a, asks) for a, asks in asking if asks and (asks.kind, asks.tool) == same]


def _refines(reason: str, agent: Agent) -> bool:
    """Whether another source says more of the same dialog, such as the command it is about."""
    return agent.state is State.WAITING and reason.startswith(agent.reason)


def _is_older(question: Question, known: Question) -> bool:
    """A hook's payload says more than another source's word about the same moment."""
    return question.since + (0 if known.is_told else SAME_MOMENT) <= known.since


def _kind(reason: str) -> Kind:
    # Commands and questions have that word in them, too.
    if reason.removeprefix("permission: ").startswith("trust this "):
        return Kind.TRUST
    if reason.startswith("login"):
        return Kind.AUTH
    return Kind.PERMISSION if reason.startswith("permission") else Kind.QUESTION
