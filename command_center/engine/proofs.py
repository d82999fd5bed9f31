"""What the news of an agent proves about prompts on their way to it."""

from collections.abc import Iterator

from command_center.domain import events as ev
from command_center.domain.model import Agent, Delivery, Fleet, Receipt, Source, State

UNDER_WAY = (Delivery.TYPING, Delivery.TYPED)


def follow_ups(before: Fleet, after: Fleet, event: ev.Event) -> Iterator[ev.PromptEvent]:
    """Receipts that `event` moves on, by the change of state it made."""
    if not isinstance(event, ev.SightEvent | ev.LifeEvent):
        return
    name = event.agent.id if isinstance(event, ev.AgentAdopted) else event.agent
    was, now = before.agents.get(name), after.agents.get(name)
    if was is None or now is None or was.state is now.state:
        return
    for receipt in now.receipts:
        if (moved := _moved(now, receipt)) is not None:
            yield moved


def _moved(agent: Agent, receipt: Receipt) -> ev.PromptEvent | None:
    ended = agent.state in (State.EXITED, State.LOST, State.PARKED)
    if receipt.delivery in UNDER_WAY:
        if ended:
            return ev.PromptUnsent(agent.id, receipt.id, f"{agent.state} before it took the prompt")
        if agent.state is State.BUSY and agent.since >= receipt.changed_at:
            return ev.PromptAccepted(agent.id, receipt.id, f"{agent.source}: busy")
    elif receipt.delivery is Delivery.ACCEPTED:
        if ended:
            return ev.PromptFinished(agent.id, receipt.id, str(agent.state))
        if agent.state in (State.IDLE, State.LIMITED):
            return ev.PromptFinished(agent.id, receipt.id, f"{agent.source}: {agent.state}")
    return None


def taken_by_hook(agent: Agent, prompt: str) -> ev.PromptAccepted | None:
    """The receipt that a CLI's own word about a submitted `prompt` proves accepted."""
    wanted = " ".join(prompt.split())
    for receipt in agent.receipts:
        if receipt.delivery in UNDER_WAY and " ".join(receipt.text.split()) == wanted:
            return ev.PromptAccepted(agent.id, receipt.id, f"{Source.HOOKS}: prompt submitted")
    return None
