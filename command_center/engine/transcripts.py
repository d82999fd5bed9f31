"""Follows the transcripts of live agents: what their last records say of them, and what they do."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import closing, suppress
from string import Template
from typing import NamedTuple

from command_center.domain import events as ev
from command_center.domain.model import Agent, Claim, Fleet, Phase, Source, State
from command_center.domain.signals import Transcript
from command_center.domain.specs import AgentSpec
from command_center.domain.text import one_line
from command_center.domain.trails import Trace
from command_center.drivers.trails import TRAILS, Line, Tail
from command_center.drivers.transcripts import files
from command_center.engine.core import Engine
from command_center.engine.meanings import first_match, timed
from command_center.engine.recipes import config_dir
from command_center.store.doorbell import GROWTH, Doorbell

WORK_SECONDS = 0.25
"""Between two looks while somebody is at work."""
REST_SECONDS = 1.0
LEAST_SECONDS = 0.05
"""Between two looks, however fast a file grows."""
SEARCH_SECONDS = 1.0
"""From a change of an agent's state to the second search for its file; then twice as long each."""
RAREST_SECONDS = 60.0
STALLED_SECONDS = 5.0
"""After which another file is looked for that grows instead."""
LONGEST_DOING = 200
LONGEST_REASON = 200


class Followed(NamedTuple):
    agent: Agent
    spec: AgentSpec
    how: Transcript


class Search:
    """When to look for a file again: at once when its agent has changed, then ever more rarely."""

    def __init__(self) -> None:
        self._key = ("", 0.0)
        self._at = self._pause = 0.0

    def is_due(self, agent: Agent, now: float) -> bool:
        key = agent.launch, agent.since
        if key == self._key and 0 <= now - self._at < self._pause:
            return False
        self._pause = min(2 * self._pause, RAREST_SECONDS) if key == self._key else SEARCH_SECONDS
        self._key, self._at = key, now
        return True


class Transcripts:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._tails: dict[str, Tail] = {}
        """By agent; of another file as soon as there is a newer one."""
        self._searched: dict[str, Search] = {}
        """By agent, the search for its file."""
        self._fleet: Fleet | None = None
        self._followed: list[Followed] = []
        self._bell: Doorbell | None = None

    async def follow(self) -> None:
        """Looks at once when a file grows that tells a state, and now and then at all of them."""
        grown = asyncio.Event()
        with closing(Doorbell(grown.set)) as self._bell:
            while True:
                grown.clear()
                self.look()
                await asyncio.sleep(LEAST_SECONDS)
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.pause() - LEAST_SECONDS):
                        await grown.wait()

    def pause(self) -> float:
        """Seconds from one look to the next."""
        is_at_work = any(f.agent.state is not State.IDLE for f in self._followed)
        return WORK_SECONDS if is_at_work else REST_SECONDS

    def look(self) -> None:
        """Costs a stat for each agent; what has not grown is not opened."""
        if self._fleet is not self._engine.fleet:
            self._fleet = self._engine.fleet
            self._followed = list(_followed(self._engine))
            self._forget(self._fleet)
        for followed in self._followed:
            if (tail := self._tail(followed)) is None:
                continue
            try:
                lines = tail.new_lines()
            except OSError:
                # Not there yet, or away for a moment.
                continue
            if lines:
                if self._bell is not None and followed.how.rules:
                    self._bell.listen(tail.path, GROWTH)
                self._take(followed, tail, lines)

    def _forget(self, fleet: Fleet) -> None:
        for known in (self._tails, self._searched, self._engine.doings):
            for gone in known.keys() - fleet.agents.keys():
                del known[gone]

    def _tail(self, followed: Followed) -> Tail | None:
        agent, spec, how = followed
        tail = self._tails.get(agent.id)
        if tail is None or agent.state is not State.IDLE:
            path = self._found(agent, spec, how, tail) if how.path else agent.transcript
            if path and (tail is None or tail.path != path):
                tail = self._tails[agent.id] = Tail(path)
        return tail

    def _found(self, agent: Agent, spec: AgentSpec, how: Transcript, tail: Tail | None) -> str:
        """Empty when there is none yet, or no search is due."""
        now = self._engine.clock()
        is_growing = tail is not None and now - tail.grew_at < STALLED_SECONDS
        if is_growing or not self._searched.setdefault(agent.id, Search()).is_due(agent, now):
            return ""
        values = {
            "config": str(config_dir(spec, self._engine.environ)),
            "state": str(self._engine.places.agent(agent.id)),
            "worktree": agent.order.worktree,
        }
        if agent.session:
            values |= {"session": agent.session, "short_session": agent.session[:8]}
        elif "session}" in how.path:
            return ""
        # Without wildcards there is one place, and looking there is looking for it.
        if not any(wild in how.path for wild in "*?["):
            return Template(how.path).safe_substitute(values)
        return max(files((how.path,), values), key=_changed, default="")

    def _take(self, followed: Followed, tail: Tail, lines: list[Line]) -> None:
        agent, _, how = followed
        claims: list[Claim] = []
        for line in lines:
            if (trace := TRAILS[how.format](line.body)) is None:
                continue
            if trace.doing is not None:
                self._engine.doings[agent.id] = _doing(agent, trace.doing)
            at = min(trace.at or tail.grew_at, self._engine.clock())
            claim = trace_claim(how, trace, at, f"{tail.path}:{line.offset}")
            if claim is not None:
                # Of several that say the same the newest counts.
                if claims and _said(claims[-1]) == _said(claim):
                    claims.pop()
                claims.append(claim)
        if agent.transcript != tail.path:
            self._engine.record(ev.SessionLearned(agent.id, transcript=tail.path))
        for claim in claims:
            self._tell(self._engine.fleet.agents[agent.id], claim)

    def _tell(self, agent: Agent, claim: Claim) -> None:
        """Unless it says what is known already: most records of a turn do."""
        last = next((c for c in agent.claims if c.source is Source.TRANSCRIPT), None)
        is_news = last is None or _said(last) != _said(claim) or last.at < agent.since
        # What was written before the process started is about another incarnation.
        if is_news and claim.at >= max(agent.started_at, last.at if last else 0.0):
            self._engine.record(ev.StateClaimed(agent.id, agent.launch, claim))


def trace_claim(how: Transcript, trace: Trace, at: float, evidence: str) -> Claim | None:
    rule = first_match(how.rules, trace.told)
    if rule is None:
        return None
    claim = Claim(
        Source.TRANSCRIPT,
        rule.state,
        at,
        reason=one_line(rule.reason, LONGEST_REASON),
        evidence=one_line(evidence, 400),
        is_complete=how.is_complete,
    )
    return timed(claim, trace.text)


def _followed(engine: Engine) -> Iterator[Followed]:
    for agent in engine.fleet.agents.values():
        # Before its process is known, nothing tells its words from those of the one before it.
        is_there = agent.phase is Phase.LIVE and agent.pid > 0
        spec = engine.spec_or_none(agent) if is_there else None
        if spec is not None and (how := spec.signals.transcript) is not None:
            yield Followed(agent, spec, how)


def _said(claim: Claim) -> tuple[State, str]:
    return claim.state, claim.reason


def _doing(agent: Agent, doing: str) -> str:
    """Plain, and with paths as they are seen from the worktree."""
    return one_line(doing.replace(f"{agent.order.worktree}/", ""), LONGEST_DOING)


def _changed(path: str) -> float:
    try:
        return os.stat(path).st_mtime  # noqa: PTH116
    except OSError:
        return 0.0
