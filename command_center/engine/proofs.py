"""What the news of an agent proves about prompts on their way to it."""

from collections.abc import Iterator

from command_center.domain import events as ev
from command_center.domain.model import Agent, Claim, Delivery, Fleet, Receipt, Source, State

UNDER_WAY = (Delivery.TYPING, Delivery.TYPED)
ENDED = (State.EXITED, State.LOST, State.PARKED)
TURN_OVER = (State.IDLE, State.LIMITED)
END_KNOWN = ", its end is known"
"""What a proof of a turn that a limit ended says more, where the limit's end was told."""


def follow_ups(before: Fleet, after: Fleet, event: ev.Event) -> Iterator[ev.PromptEvent]:
    """Receipts that `event` moves on.

    Any source's word counts, believed or not: a turn can be shorter than the time between
    two looks at the highest one.
    """
    elsewhere = (
        ev.HouseEvent
        | ev.AgentAdopted
        | ev.TaskEvent
        | ev.RunEvent
        | ev.SearchEvent
        | ev.BudgetEvent
        | ev.ComebackEvent
    )
    if isinstance(event, elsewhere | ev.PromptEvent):
        return
    was, now = before.agents.get(event.agent), after.agents.get(event.agent)
    if was is None or now is None:
        return
    for receipt in now.receipts:
        if now.state in ENDED and was.state is not now.state:
            moved = _at_the_end(now, receipt)
        elif isinstance(event, ev.StateClaimed) and event.claim in now.claims:
            moved = _by_claim(now, receipt, event.claim)
        else:
            return
        if moved is not None:
            yield moved


def _at_the_end(agent: Agent, receipt: Receipt) -> ev.PromptEvent | None:
    if receipt.delivery in UNDER_WAY:
        return ev.PromptUnsent(agent.id, receipt.id, f"{agent.state} before it took the prompt")
    if receipt.delivery is Delivery.ACCEPTED:
        return ev.PromptFinished(agent.id, receipt.id, str(agent.state))
    return None


def _by_claim(agent: Agent, receipt: Receipt, claim: Claim) -> ev.PromptEvent | None:
    if claim.at < receipt.changed_at:
        return None
    proof = f"{claim.source}: {claim.state}{END_KNOWN if claim.until else ''}"
    # Before the end of typing Enter was not pressed: some are busy once more while they start.
    if receipt.delivery is Delivery.TYPED and claim.state is State.BUSY:
        return ev.PromptAccepted(agent.id, receipt.id, proof, claim.at)
    if receipt.delivery is Delivery.ACCEPTED and claim.state in TURN_OVER:
        return ev.PromptFinished(agent.id, receipt.id, proof)
    return None


def taken_by_hook(agent: Agent, prompt: str, at: float) -> ev.PromptAccepted | None:
    """The receipt that a CLI's own word about a submitted `prompt` proves accepted."""
    wanted = " ".join(prompt.split())
    for receipt in agent.receipts:
        if receipt.delivery in UNDER_WAY and " ".join(receipt.text.split()) == wanted:
            return ev.PromptAccepted(agent.id, receipt.id, f"{Source.HOOKS}: prompt submitted", at)
    return None
