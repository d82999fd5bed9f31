"""Reads the state files that CLIs keep about themselves."""

import os
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import NamedTuple

import msgspec

from command_center.domain import events as ev
from command_center.domain.model import Agent, Claim, Fleet, Phase, Source, State
from command_center.domain.signals import Published
from command_center.domain.specs import AgentSpec
from command_center.domain.text import one_line
from command_center.domain.wire import read_json
from command_center.engine.core import Engine
from command_center.engine.recipes import config_dir
from command_center.store.doorbell import CHANGES, Doorbell

LOOK_SECONDS = 0.2
HEARD_SECONDS = 1.0
"""Between two looks when every change rings."""


class Stamp(NamedTuple):
    inode: int
    mtime: float
    """Unix seconds."""


class StateFile(NamedTuple):
    agent: Agent
    rule: Published
    path: str


class StateFiles:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read: dict[str, Stamp] = {}
        """Each agent's file as it was last read."""
        self._fleet: Fleet | None = None
        self._kept: list[StateFile] = []
        """By the agents of `_fleet`."""
        self._paths: dict[str, tuple[tuple[str, int, str], str]] = {}
        """Where each agent's file is, and what that was made from."""
        self._bell = Doorbell(self._ring)
        self._is_heard = True
        self._has_rung = False

    @property
    def have_news(self) -> bool:
        """Whether a look is due at once."""
        return self._has_rung or self._engine.has_newcomer

    def pause(self) -> float:
        """Seconds from one look to the next when nothing rings."""
        return HEARD_SECONDS if self._is_heard else LOOK_SECONDS

    def close(self) -> None:
        self._bell.close()

    def look(self) -> None:
        """A file that has not changed is not opened."""
        self._has_rung = self._engine.has_newcomer = False
        if self._fleet is not self._engine.fleet:
            self._fleet = self._engine.fleet
            self._kept = list(self._all_kept(self._fleet))
            folders = {file.path.rpartition("/")[0] for file in self._kept}
            deaf = [folder for folder in folders if not self._bell.listen(folder, CHANGES)]
            self._is_heard = not deaf
        for file in self._kept:
            stamp = _stamp(file.path)
            if stamp != self._read.get(file.agent.id):
                self._engine.record(*self._news(file, stamp))

    def _ring(self) -> None:
        self._has_rung = True
        self._engine.changed.set()

    def _all_kept(self, fleet: Fleet) -> Iterator[StateFile]:
        for agent in fleet.agents.values():
            spec = self._engine.spec_or_none(agent) if agent.phase is Phase.LIVE else None
            if agent.pid and spec is not None and (rule := spec.signals.published) is not None:
                yield StateFile(agent, rule, self._path(agent, spec, rule))

    def _path(self, agent: Agent, spec: AgentSpec, rule: Published) -> str:
        made_from = rule.path, agent.pid, agent.session
        known = self._paths.get(agent.id)
        if known is None or known[0] != made_from:
            folder = config_dir(spec, self._engine.environ)
            state = self._engine.places.agent(agent.id)
            values = {"config": folder, "state": state, "pid": agent.pid, "session": agent.session}
            known = made_from, Template(rule.path).safe_substitute(values)
            self._paths[agent.id] = known
        return known[1]

    def _news(self, file: StateFile, stamp: Stamp | None) -> Iterator[ev.Event]:
        agent, rule, path = file
        if stamp is None:
            del self._read[agent.id]
            yield ev.ClaimWithdrawn(agent.id, agent.launch, Source.PUBLISHED)
            return
        try:
            fields = read_json(Path(path).read_bytes(), dict[str, object])
        except (OSError, msgspec.DecodeError):
            return
        self._read[agent.id] = stamp
        start = agent.pid_start if rule.start_key else ""
        if start and str(fields.get(rule.start_key)) != start:
            return
        session = str(fields.get(rule.session_key) or "")
        if session and session != agent.session:
            yield ev.SessionLearned(agent.id, session)
        # A time of the future would outlast every word that follows.
        mtime = min(stamp.mtime, self._engine.clock())
        if (claim := published_claim(rule, fields, mtime, path)) is not None:
            yield ev.StateClaimed(agent.id, agent.launch, claim)


def _stamp(path: str) -> Stamp | None:
    """None for a file that is not there, or not to be had."""
    try:
        # A Path would double the cost.
        found = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return None
    return Stamp(found.st_ino, found.st_mtime)


def published_claim(
    rule: Published, fields: dict[str, object], mtime: float, file: str
) -> Claim | None:
    said = fields.get(rule.state_key)
    state = rule.states.get(said) if isinstance(said, str) else None
    if state is None:
        return None
    word = str(fields.get(rule.reason_key) or "") if rule.reason_key else ""
    at, until = fields.get(rule.at_key), fields.get(rule.until_key)
    is_limited = state is State.LIMITED
    return Claim(
        Source.PUBLISHED,
        state,
        at / 1000 if isinstance(at, int | float) and 0 < at < mtime * 1000 else mtime,
        reason=one_line(rule.reasons.get(word, word), 200)
        if is_limited or state is State.WAITING
        else "",
        until=until / 1000 if is_limited and isinstance(until, int | float) else 0.0,
        evidence=one_line(f"{file}: {rule.state_key}={said} {word}", 300),
    )
