"""What becomes of a prompt: each step only forward, each with its proof."""

from typing import assert_never

from msgspec.structs import replace

from command_center.domain import events as ev
from command_center.domain.model import Agent, Delivery, Receipt

KEPT_RECEIPTS = 20
"""Of one agent."""
_FORWARD = (
    Delivery.QUEUED,
    Delivery.HELD,
    Delivery.TYPING,
    Delivery.TYPED,
    Delivery.ACCEPTED,
    Delivery.FINISHED,
    Delivery.UNSENT,
    Delivery.DROPPED,
)


def prompted(agent: Agent, event: ev.PromptEvent, at: float) -> Agent:
    if isinstance(event, ev.PromptQueued):
        if agent.receipt(event.prompt) is not None:
            return agent
        queued = Receipt(event.prompt, event.text, at, Delivery.QUEUED, at, by=event.by)
        return replace(agent, receipts=_kept((*agent.receipts, queued)))
    receipt = agent.receipt(event.prompt)
    if receipt is None or receipt.delivery.is_over:
        return agent
    delivery, proof = _delivery(event)
    if _FORWARD.index(delivery) < _FORWARD.index(receipt.delivery):
        return agent
    if isinstance(event, ev.PromptAccepted) and event.at:
        at = event.at
    changed = replace(receipt, delivery=delivery, proof=proof, changed_at=at)
    return replace(
        agent,
        receipts=tuple(changed if r.id == event.prompt else r for r in agent.receipts),
        is_unseen=agent.is_unseen or delivery is Delivery.FINISHED,
    )


def _delivery(
    event: ev.PromptHeld
    | ev.PromptTyping
    | ev.PromptTyped
    | ev.PromptAccepted
    | ev.PromptFinished
    | ev.PromptUnsent
    | ev.PromptDropped,
) -> tuple[Delivery, str]:
    match event:
        case ev.PromptHeld():
            return Delivery.HELD, event.reason
        case ev.PromptTyping():
            return Delivery.TYPING, ""
        case ev.PromptTyped():
            return Delivery.TYPED, event.proof
        case ev.PromptAccepted():
            return Delivery.ACCEPTED, event.proof
        case ev.PromptFinished():
            return Delivery.FINISHED, event.proof
        case ev.PromptUnsent():
            return Delivery.UNSENT, event.reason
        case ev.PromptDropped():
            return Delivery.DROPPED, event.reason
        case _:
            assert_never(event)


def _kept(receipts: tuple[Receipt, ...]) -> tuple[Receipt, ...]:
    """At most KEPT_RECEIPTS, but never forgetting one that is still under way."""
    surplus = len(receipts) - KEPT_RECEIPTS
    if surplus <= 0:
        return receipts
    over = [r.id for r in receipts if r.delivery.is_over][:surplus]
    return tuple(r for r in receipts if r.id not in over)
