"""The top line: who we are, how the fleet fares, and whether anything is wrong with us."""

from collections import Counter

from command_center.domain.model import Fleet
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.cells import Part
from command_center.tui.lines import PartsLine
from command_center.tui.sieve import Sieve
from command_center.tui.supervision import Health

NAME = "Command Center"


class Header(PartsLine):
    DROPS_WHOLE = True

    def show(self, fleet: Fleet, sieve: Sieve, health: Health, vitals: str, spent: str) -> None:
        """`vitals` is empty when nobody asked for them, `spent` while nothing is known."""
        counted = _counts(fleet, sieve)
        # A narrow line has no room for both the name and the counts.
        name = NAME if self.app.size.width >= 100 or not counted else "acc"
        right = [*_filters(fleet, sieve), *_own(health, vitals), (" ", theme.PLAIN)]
        bill = [(f"  {spent}", theme.QUIET)] if spent else []
        self.put([(f" {name}", theme.BRAND), *counted, *_only_repo(fleet), *bill], right)


def _counts(fleet: Fleet, sieve: Sieve) -> list[Part]:
    counts = Counter(
        agent.state for agent in fleet.agents.values() if sieve.repo in ("", agent.order.repo)
    )
    return [
        (f"  {look.glyph} {counts[state]} {state}", look.style)
        for state, look in theme.LOOKS.items()
        if counts[state]
    ]


def _only_repo(fleet: Fleet) -> list[Part]:
    """Several have head lines in the list."""
    used = {agent.order.repo for agent in fleet.agents.values()}
    names = [fleet.repos[repo].name for repo in used if repo in fleet.repos]
    return [(f"  in {one_line(names[0], 24)}", theme.QUIET)] if len(used) == len(names) == 1 else []


def _filters(fleet: Fleet, sieve: Sieve) -> list[Part]:
    parts: list[Part] = []
    if sieve.repo:
        repo = fleet.repos.get(sieve.repo)
        parts.append((f"  in {one_line(repo.name if repo else sieve.repo, 24)}", theme.KEY))
    if sieve.needle:
        parts.append((f"  /{one_line(sieve.needle, 24)}", theme.KEY))
    return parts


def _own(health: Health, vitals: str) -> list[Part]:
    parts: list[Part] = []
    if vitals:
        parts.append((f"  {vitals}", theme.QUIET))
    if health.is_problem:
        parts.append((f"  {theme.PROBLEM_GLYPH} {one_line(health.text, 80)}", theme.PROBLEM))
    elif health.text:
        parts.append((f"  {one_line(health.text, 60)}", theme.QUIET))
    return parts
