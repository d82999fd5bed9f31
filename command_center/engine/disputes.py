"""Keeps what was on the screen when sources disagreed about an agent, once per dispute."""

from collections.abc import Iterator
from pathlib import Path

from command_center.domain.cases import Scrub, case_of
from command_center.domain.errors import TmuxUnreachable
from command_center.domain.ladder import dispute
from command_center.domain.model import Agent, Claim, Fleet, Phase
from command_center.engine.core import Engine

KEPT = 50
"""Files; older ones make room."""


class Disputes:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._fleet: Fleet | None = None
        self._quiet = 0
        """Looks at this very fleet so far."""
        self._known: dict[str, tuple[Claim, Claim]] = {}
        """By agent, the dispute that is written down."""

    async def look(self) -> None:
        """Costs nothing while nothing happens."""
        fleet, now = self._engine.fleet, self._engine.clock()
        self._quiet = self._quiet + 1 if fleet is self._fleet else 0
        self._fleet = fleet
        # By then every word is old enough to be disputed.
        if self._quiet > 2:
            return
        found = dict(_disputed(fleet, now))
        news = {name: pair for name, pair in found.items() if self._known.get(name) != pair}
        self._known = found
        for name, (higher, lower) in news.items():
            about = f"{higher.source} says {higher.state}, {lower.source} says {lower.state}"
            await self._keep(fleet.agents[name], about, now)

    async def _keep(self, agent: Agent, about: str, now: float) -> None:
        try:
            screens = await self._engine.tmux.capture([agent.pane])
        except TmuxUnreachable:
            screens = {}
        repo = self._engine.fleet.repos.get(agent.order.repo)
        scrub = Scrub.of(agent, Path.home(), repo.root if repo else "")
        case = case_of(agent, agent.claims, screens.get(agent.pane, []), now, scrub, about)
        folder = self._engine.places.disputes
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / f"{agent.id}-{now:.0f}.jsonl").write_text(case, "utf-8")
        for old in sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime)[:-KEPT]:
            old.unlink()


def _disputed(fleet: Fleet, now: float) -> Iterator[tuple[str, tuple[Claim, Claim]]]:
    for agent in fleet.agents.values():
        if agent.phase is Phase.LIVE and len(agent.claims) > 1:
            pair = dispute(agent.claims, now)
            if pair is not None:
                yield agent.id, pair
