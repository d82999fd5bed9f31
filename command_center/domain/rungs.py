"""The truth ladder of one agent, rung by rung, for whoever asks why."""

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from command_center.domain import events as ev
from command_center.domain.ladder import why
from command_center.domain.model import Agent, Claim, Source

LOOKED_BACK = 2000
"""Records of the log among which words that count no longer are searched."""


class Rung(Struct, frozen=True):
    source: Source
    verdict: str
    """Why it is believed or not."""
    claim: Claim | None = None
    """Its last word; None if it has not spoken."""


def rungs(
    agent: Agent, read: Collection[Source] | None = None, past: Mapping[Source, Claim] | None = None
) -> list[Rung]:
    """Every source from the most to the least trusted.

    `read` are those that the agent's spec reads, None when that is not known. `past` are words of
    this incarnation, of which those that still count are in the agent too.
    """
    told = {
        claim.source: Rung(claim.source, verdict, claim) for claim, verdict in why(agent.claims)
    }
    return [
        told.get(source) or _silent(source, agent, read, past or {})
        for source in Source
        if source is not Source.TOOLS or source in told
    ]


def _silent(
    source: Source,
    agent: Agent,
    read: Collection[Source] | None,
    past: Mapping[Source, Claim],
) -> Rung:
    if source is Source.PROCESS:
        runs = (
            f"runs as process {agent.pid}" if agent.pid else f"none; by our records {agent.phase}"
        )
        return Rung(source, runs)
    if source in past:
        return Rung(source, "does not count any more: what it told of is gone", past[source])
    if read is not None and source not in read:
        return Rung(source, "not read for this kind of agent")
    return Rung(source, "has not spoken")


def past_words(records: Iterable[ev.Record], agent: Agent) -> dict[Source, Claim]:
    """The last word of each source about the present incarnation."""
    return {
        event.claim.source: event.claim
        for event in (record.event for record in records)
        if isinstance(event, ev.StateClaimed)
        and (event.agent, event.launch) == (agent.id, agent.launch)
    }
