"""Looks at the world again and again: panes, screens, diffs."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from command_center.domain import events as ev
from command_center.domain.errors import CommandCenterError, TmuxUnreachable
from command_center.domain.ladder import is_over
from command_center.domain.model import Agent, Claim, Diff, Fleet, Phase, Source, State
from command_center.domain.signals import Screen
from command_center.domain.text import one_line
from command_center.drivers.diffstat import GitWatch, diff_stat
from command_center.drivers.tmux import PaneInfo, Panes
from command_center.engine.adoption import adopt_panes
from command_center.engine.core import Engine
from command_center.engine.diff_pace import DiffPace
from command_center.engine.meanings import first_match, timed
from command_center.engine.proofs import UNDER_WAY

DIFFS_AT_ONCE = 2
QUICK_SECONDS = 0.05
"""Between two looks at the screens of panes that write."""
QUICK_PANES = 10
"""Of which that many are read so often; the more there are, the rarer the looks."""
SCREEN_SECONDS = 0.5
"""Between two looks at all other screens."""
WRITING_SECONDS = 3.0
"""For which a pane that has written is taken to go on; tmux tells whole seconds."""
STILL_SECONDS = 0.1
"""For which a screen has not changed that stands still."""
LAG_SECONDS = 0.5
"""After which a screen that has not changed contradicts what was heard meanwhile."""


class Sight(NamedTuple):
    """The end of a screen, and since when it has looked like that, in Unix seconds."""

    tail: list[str]
    since: float


class Watcher:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sights: dict[str, Sight] = {}
        self._all_read_at = 0.0
        self._writing = 0
        """Panes that write and whose screens are read."""
        self._git = GitWatch()
        self._fleet: Fleet | None = None
        self._worktrees: dict[Path, Agent] = {}
        """Of the agents of `_fleet`, those whose diff is measured."""
        self._pace = DiffPace()
        self._wrote: dict[str, int] = {}
        """When each pane last wrote anything."""

    def end_limits(self) -> None:
        """Of agents whose CLI said when it goes on, and that time has come."""
        now = self._engine.clock()
        for agent in self._engine.fleet.agents.values():
            if agent.state is State.LIMITED and any(is_over(c, now) for c in agent.claims):
                self._engine.record(ev.LimitEnded(agent.id, agent.launch))

    async def look_at_panes(self) -> bool:
        """False when tmux did not answer, which says nothing about any pane."""
        engine = self._engine
        asked = [a for a in engine.fleet.agents.values() if a.phase is Phase.LIVE]
        seen = await engine.tmux.panes()
        if not isinstance(seen, Panes):
            return False
        standing = {pane.pane_id: pane for pane in seen.panes}
        engine.record(*(event for agent in asked for event in pane_events(agent, standing)))
        now = engine.clock()
        for pane in seen.panes:
            if pane.agent and self._pace.is_due(pane.agent, pane.last_activity, now):
                engine.stirred.add(pane.agent)
        self._wrote = {pane.pane_id: pane.last_activity for pane in seen.panes}
        await adopt_panes(engine, seen.panes)
        return True

    def pause(self) -> float:
        """Seconds from one look at screens to the next."""
        if not self._writing:
            return SCREEN_SECONDS
        return min(SCREEN_SECONDS, QUICK_SECONDS * -(-self._writing // QUICK_PANES))

    async def read_screens(self) -> None:
        """Rules on the visible screen, for agents whose state nothing better tells.

        And for waiting ones: what a dialog asks often stands nowhere else. Panes that write are
        read at every call.
        """
        ruled = self._ruled()
        for agent in self._engine.fleet.agents.values():
            if agent.pane not in ruled and self._sights.pop(agent.id, None) is not None:
                self._engine.record(*withdrawal(agent))
        now = self._engine.clock()
        due = self._writing_of(ruled, now)
        self._writing = len(due)
        if not 0 <= now - self._all_read_at < SCREEN_SECONDS - QUICK_SECONDS / 2:
            due, self._all_read_at = list(ruled), now
        try:
            seen = await self._engine.tmux.capture(due) if due else {}
        except TmuxUnreachable:
            return
        for pane, lines in seen.items():
            name, screen = ruled[pane]
            tail, was = lines[-screen.lines :], self._sights.get(name)
            sight = was if was is not None and was.tail == tail else Sight(tail, now)
            self._sights[name] = sight
            looked_at = self._engine.fleet.agents.get(name)
            if looked_at is not None and looked_at.pane == pane:
                self._engine.record(*screen_events(looked_at, screen, sight, now))
        self._writing = len(self._writing_of(ruled, now))

    def _writing_of(self, ruled: dict[str, tuple[str, Screen]], now: float) -> list[str]:
        """The panes that write; a screen that has changed tells sooner than tmux does."""

        def last(pane: str, name: str) -> float:
            sight = self._sights.get(name)
            return max(self._wrote.get(pane, 0), sight.since if sight else 0)

        return [p for p, (name, _) in ruled.items() if now - last(p, name) < WRITING_SECONDS]

    def _ruled(self) -> dict[str, tuple[str, Screen]]:
        """By pane, the agents whose screens tell something."""
        ruled: dict[str, tuple[str, Screen]] = {}
        for agent in self._engine.fleet.agents.values():
            spec = self._engine.spec_or_none(agent) if agent.phase is Phase.LIVE else None
            if spec is not None and spec.signals.screen is not None and not is_told(agent):
                ruled[agent.pane] = (agent.id, spec.signals.screen)
        return ruled

    async def measure_diffs(self) -> None:
        """Diff stats of worktrees whose git metadata changed since the last look."""
        engine = self._engine
        if self._fleet is not engine.fleet:
            self._fleet = engine.fleet
            self._worktrees = {
                Path(agent.order.worktree): agent
                for agent in engine.fleet.agents.values()
                if agent.base_commit and agent.phase is not Phase.LAUNCHING
            }
        agents = self._worktrees
        changed = self._git.changed(agents)
        changed |= {path for path, agent in agents.items() if agent.id in engine.stirred}
        # A fresh one rings again when its index is refreshed, or is stirred until then.
        changed = {path for path in changed if agents[path].id not in engine.fresh}
        engine.stirred &= engine.fresh
        limit = asyncio.Semaphore(DIFFS_AT_ONCE)

        async def measure(agent: Agent) -> None:
            async with limit:
                try:
                    diff = await diff_stat(Path(agent.order.worktree), agent.base_commit)
                except (CommandCenterError, OSError):
                    return
                self._note_diff(agent.id, diff)

        await asyncio.gather(*(measure(agents[path]) for path in changed))

    def _note_diff(self, name: str, diff: Diff) -> None:
        agent = self._engine.fleet.agents.get(name)
        if agent is None:
            return
        has_news = agent.diff != diff
        self._pace.note(name, has_news=has_news)
        if has_news:
            self._engine.record(ev.DiffMeasured(name, diff))


def pane_events(agent: Agent, standing: dict[str, PaneInfo]) -> Iterator[ev.Event]:
    """`agent` is as it was before the look, so that a pane opened meanwhile is not missed."""
    pane = standing.get(agent.pane)
    if pane is None:
        yield ev.PaneVanished(agent.id, agent.launch)
    elif pane.is_reaped:
        yield ev.ProcessEnded(agent.id, agent.launch, pane.dead_status, pane.dead_signal)


def screen_events(
    agent: Agent, screen: Screen, sight: Sight, at: float
) -> Iterator[ev.StateClaimed | ev.ClaimWithdrawn]:
    """What is on the screen counts while it is there; `idle` only where it stands still.

    A screen lags behind what a hook or a title tells: it may show the box of the turn before.
    """
    rule = first_match(screen.rules, "\n".join(sight.tail))
    if rule is None:
        # A box that took our prompt is gone before anybody says so.
        if not (agent.state is State.IDLE and is_being_told(agent)):
            yield from withdrawal(agent)
    elif rule.state is not State.IDLE or at - sight.since >= STILL_SECONDS:
        claim = Claim(
            Source.SCREEN,
            rule.state,
            at,
            reason=one_line(rule.reason, 200),
            evidence="\n".join(one_line(line, 200) for line in sight.tail[-5:]),
            is_complete=False,
        )
        said = _screen_claim(agent)
        is_news = said is None or (said.state, said.reason) != (claim.state, claim.reason)
        is_old = said is not None and said.at < agent.since
        if (is_news or is_old) and not _lags(agent, claim, sight):
            yield ev.StateClaimed(agent.id, agent.launch, timed(claim, "\n".join(sight.tail)))


def _lags(agent: Agent, claim: Claim, sight: Sight) -> bool:
    """Whether a screen from before the last news contradicts it too early."""
    is_older = sight.since <= agent.since and claim.state is not agent.state
    return is_older and claim.at - agent.since < LAG_SECONDS


def withdrawal(agent: Agent) -> Iterator[ev.ClaimWithdrawn]:
    if _screen_claim(agent) is not None:
        yield ev.ClaimWithdrawn(agent.id, agent.launch, Source.SCREEN)


def is_being_told(agent: Agent) -> bool:
    """Whether a prompt is on its way into its box."""
    return any(receipt.delivery in UNDER_WAY for receipt in agent.receipts)


def _screen_claim(agent: Agent) -> Claim | None:
    return next((c for c in agent.claims if c.source is Source.SCREEN), None)


def is_told(agent: Agent) -> bool:
    """Whether a source that tells every change has said all there is to say."""
    told = any(c.is_complete and c.source is not Source.SCREEN for c in agent.claims)
    return told and agent.state is not State.WAITING
