"""The truth ladder: which of several sources is believed about an agent.

The highest source that has spoken is believed, except that it yields to a newer word from
below: a source that does not tell every change (`Claim.is_complete` is false) to anybody's,
one that does to another that tells every change too, for a state file is often written after
the same news came through the terminal. Limits are a matter of their own. A CLI at its limit is
idle to itself, so a word from anywhere that tells of the limit refines one of idleness. And a
limit is over with anybody's newer word: that a person cancelled the wait may stand nowhere but in
the transcript.

A question that was asked through our tools is no rung: the CLI runs a tool meanwhile and is busy to
itself. While it is open, a busy agent waits.
"""

from collections.abc import Iterable
from itertools import combinations

from msgspec.structs import replace

from command_center.domain.model import Claim, Source, State

PATIENCE = 1.0
"""Seconds in which every source that tells all changes has told of one."""
SAME_MOMENT = 2.0
"""Seconds between two sources' words about one change."""

RANK = {source: rank for rank, source in enumerate(Source)}


def verdict(claims: Iterable[Claim]) -> Claim | None:
    """The claim to believe; None when nobody has spoken."""
    told = sorted(claims, key=lambda c: RANK[c.source])
    everyone = [claim for claim in told if claim.source is not Source.TOOLS]
    asked = next((c for c in told if c.source is Source.TOOLS), None)
    believed: Claim | None = None
    has_complete = False
    for claim in everyone:
        is_heard = claim.is_complete or not has_complete
        if believed is None or (is_heard and claim.at > believed.at):
            believed = claim
        has_complete = has_complete or claim.is_complete
    return _asking(_refined(everyone, believed) if believed is not None else None, asked)


def _asking(believed: Claim | None, asked: Claim | None) -> Claim | None:
    if believed is None or asked is None:
        return believed or asked
    is_quiet = believed.state in (State.BUSY, State.UNKNOWN) or believed.at <= asked.at
    return asked if is_quiet else believed


def _refined(everyone: list[Claim], believed: Claim) -> Claim:
    if believed.state is State.IDLE:
        limits = (c for c in everyone if c.state is State.LIMITED)
        believed = next((c for c in limits if c.at >= believed.at - SAME_MOMENT), believed)
    if believed.state is not State.LIMITED:
        return believed
    begun = max(c.at for c in everyone if c.state is State.LIMITED)
    ends = (c for c in everyone if c.state is not State.LIMITED and c.at > begun + SAME_MOMENT)
    return max(ends, key=lambda c: c.at, default=believed)


def dispute(claims: Iterable[Claim], now: float) -> tuple[Claim, Claim] | None:
    """Two sources that tell every change and contradict each other, the higher one first.

    None as long as one of them may be about to follow. A limit is idleness to who does not know.
    """
    told = sorted((c for c in claims if c.is_complete), key=lambda c: RANK[c.source])
    if len(told) < 2 or now - max(c.at for c in told) < PATIENCE:
        return None
    pairs = combinations(told, 2)
    return next(((a, b) for a, b in pairs if _plainly(a.state) is not _plainly(b.state)), None)


def _plainly(state: State) -> State:
    return State.IDLE if state is State.LIMITED else state


def detail(claims: Iterable[Claim], winner: Claim) -> str:
    """The fullest reason that any source gives for the believed state, about the same moment."""
    beside = (c for c in claims if (c.source is Source.TOOLS) is (winner.source is Source.TOOLS))
    down = sorted(beside, key=lambda c: RANK[c.source])
    agreeing = (c for c in down if c.state is winner.state and c.at >= winner.at - SAME_MOMENT)
    return max((c.reason for c in (winner, *agreeing)), key=len)


def heard(claims: tuple[Claim, ...], word: Claim) -> tuple[Claim, ...]:
    """The claims after `word`; an older word of the same source never replaces a newer one."""
    same = next((c for c in claims if c.source is word.source), None)
    if same is not None and same.at > word.at:
        return claims
    return (*(c for c in claims if c.source is not word.source), word)


def of_now(claims: tuple[Claim, ...], now: float) -> tuple[Claim, ...]:
    """The claims with none from the future: a clock that was set back must not outlast all news."""
    if all(c.at <= now + SAME_MOMENT for c in claims):
        return claims
    return tuple(replace(c, at=min(c.at, now - SAME_MOMENT)) for c in claims)


def withdrawn(claims: tuple[Claim, ...], source: Source) -> tuple[Claim, ...]:
    return tuple(c for c in claims if c.source is not source)


def unlimited(claims: tuple[Claim, ...], at: float) -> tuple[Claim, ...]:
    """The claims at `at`: who told of a limit until then has told of idleness from then on."""
    return tuple(
        replace(c, state=State.IDLE, at=c.until, reason="", until=0.0) if is_over(c, at) else c
        for c in claims
    )


def is_over(claim: Claim, at: float) -> bool:
    return claim.state is State.LIMITED and 0 < claim.until <= at


def why(claims: Iterable[Claim]) -> list[tuple[Claim, str]]:
    """Every claim from the top of the ladder down, with the reason it won or lost."""
    everyone = sorted(claims, key=lambda c: RANK[c.source])
    winner = verdict(everyone)
    if winner is None:
        return []
    last_heard = next((c for c in everyone if c.is_complete), winner)
    return [(claim, _why(claim, winner, last_heard)) for claim in everyone]


def _why(claim: Claim, winner: Claim, last_heard: Claim) -> str:
    if claim is winner:
        return "believed"
    if claim.source is Source.TOOLS:
        return f"open, but {winner.source} spoke later"
    if winner.source is Source.TOOLS:
        return "runs a tool of ours, and tools says that it waits"
    if claim.state is State.IDLE and winner.state is State.LIMITED:
        return f"idle, and {winner.source} says why"
    if claim.state is State.LIMITED and winner.at > claim.at:
        return f"the limit is over: {winner.source} spoke later"
    if RANK[claim.source] < RANK[winner.source] and claim.is_complete:
        return f"{winner.source}, which tells every change too, spoke later"
    if RANK[claim.source] < RANK[winner.source]:
        return f"does not tell every change, and {winner.source} spoke later"
    if claim.at > winner.at:
        return f"newer, but {last_heard.source} stands higher"
    return f"lower and older than {winner.source}"
