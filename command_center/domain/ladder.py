"""The truth ladder: which of several sources is believed about an agent.

The highest source that has spoken is believed, except that a source which does not tell
every change (`Claim.is_complete` is false) yields to any word that is newer than its own.
"""

from collections.abc import Iterable

from command_center.domain.model import Claim, Source

_SAME_MOMENT = 2.0
"""Seconds between two sources' words about one change."""

RANK = {source: rank for rank, source in enumerate(Source)}


def verdict(claims: Iterable[Claim]) -> Claim | None:
    """The claim to believe; None when nobody has spoken."""
    believed: Claim | None = None
    for claim in sorted(claims, key=lambda c: RANK[c.source]):
        if believed is None or (not believed.is_complete and claim.at > believed.at):
            believed = claim
    return believed


def detail(claims: Iterable[Claim], winner: Claim) -> str:
    """The fullest reason that any source gives for the believed state, about the same moment."""
    agreeing = (c for c in claims if c.state is winner.state and c.at >= winner.at - _SAME_MOMENT)
    return max((c.reason for c in (winner, *agreeing)), key=len)


def heard(claims: tuple[Claim, ...], word: Claim) -> tuple[Claim, ...]:
    """The claims after `word`; an older word of the same source never replaces a newer one."""
    same = next((c for c in claims if c.source is word.source), None)
    if same is not None and same.at > word.at:
        return claims
    return (*(c for c in claims if c.source is not word.source), word)


def withdrawn(claims: tuple[Claim, ...], source: Source) -> tuple[Claim, ...]:
    return tuple(c for c in claims if c.source is not source)


def why(claims: Iterable[Claim]) -> list[tuple[Claim, str]]:
    """Every claim from the top of the ladder down, with the reason it won or lost."""
    everyone = sorted(claims, key=lambda c: RANK[c.source])
    winner = verdict(everyone)
    return [(claim, _why(claim, winner)) for claim in everyone]


def _why(claim: Claim, winner: Claim | None) -> str:
    if winner is None or claim is winner:
        return "believed"
    if RANK[claim.source] < RANK[winner.source]:
        return f"does not tell every change, and {winner.source} spoke later"
    if claim.at > winner.at:
        return f"newer, but {winner.source} stands higher"
    return f"lower and older than {winner.source}"
