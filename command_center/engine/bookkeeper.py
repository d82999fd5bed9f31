"""Counts what the fleet's agents spend, in a thread of its own, while they work."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from command_center.domain import events as ev
from command_center.domain.errors import LogError
from command_center.domain.model import Agent, Fleet, State
from command_center.domain.specs import AgentSpec
from command_center.domain.usage import Source
from command_center.engine.core import Engine
from command_center.engine.meter import Meter, Watched
from command_center.engine.recipes import config_dir
from command_center.store.usage import UsageStore

DISCOVER_SECONDS = 10.0
"""From one search for new files to the next, while there is work."""
AFTERMATH_SECONDS = 15.0
"""A CLI writes the end of a turn after it has said that the turn is over."""
REST_SECONDS = 60.0
"""Between two looks when every agent is idle: their helpers may write on."""
PENANCE_SECONDS = 600.0
"""After a failure, until counting is tried again."""


class Bookkeeper:
    """Owns the usage store. Nothing that happens here ends the supervisor."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, "usage")
        self._store: UsageStore | None = None
        self._meter: Meter | None = None
        self._fleet: Fleet | None = None
        self._looked_at = self._stirred_at = self._discovered_at = float("-inf")
        self._pause_until = float("-inf")
        self._has_complained = self._is_leaving = False

    async def look(self) -> None:
        """Count what was written since the last look; costs nothing while the fleet rests."""
        now = asyncio.get_running_loop().time()
        if now < self._pause_until or not self._is_due(now):
            return
        self._looked_at = now
        watched: list[Watched] = []
        if now - self._discovered_at >= DISCOVER_SECONDS:
            self._discovered_at = now
            watched = list(_watched(self._engine))
        if watched or self._meter is not None:
            await self._do(watched, now)

    async def close(self) -> None:
        """What is not counted yet will be by the next supervisor."""
        self._is_leaving = True
        if self._store is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._store.close)
        await asyncio.to_thread(self._thread.shutdown)

    def _is_due(self, now: float) -> bool:
        fleet = self._engine.fleet
        if fleet is not self._fleet or any(map(_is_at_work, fleet.agents.values())):
            self._fleet, self._stirred_at = fleet, now
        return now - self._stirred_at <= AFTERMATH_SECONDS or now - self._looked_at >= REST_SECONDS

    async def _do(self, watched: list[Watched], now: float) -> None:
        counting = asyncio.get_running_loop().run_in_executor(self._thread, self._count, watched)
        # A reader that trips over a transcript is a mistake of ours, whatever its kind.
        await asyncio.wait([counting])
        if (error := counting.exception()) is None:
            return
        self._pause_until = now + PENANCE_SECONDS
        if not isinstance(error, LogError) and isinstance(error, Exception):
            self._engine.confess(error)
        if not self._has_complained:
            self._has_complained = True
            text = f"what agents spend is not counted: {error}; all else goes on"
            self._engine.record(ev.Noticed(text, is_problem=True))

    def _count(self, watched: list[Watched]) -> None:
        """In the thread. Raises LogError."""
        if self._meter is None:
            self._store = UsageStore(self._engine.places.usage)
            self._meter = Meter(self._store)
        for some in watched:
            self._meter.discover(some)
        for _ in self._meter.scan():
            if self._is_leaving:
                return


def _watched(engine: Engine) -> Iterator[Watched]:
    """The files of the fleet's agents, and no older history of the user's."""
    since: dict[tuple[str, str], tuple[AgentSpec, float]] = {}
    for agent in engine.fleet.agents.values():
        spec = engine.spec_or_none(agent)
        if spec is not None and spec.usage is not None:
            account = spec.id, str(config_dir(spec, engine.environ)) if spec.config_dir else ""
            _, oldest = since.get(account, (spec, agent.created_at))
            since[account] = spec, min(oldest, agent.created_at)
    for (name, config), (spec, oldest) in since.items():
        assert spec.usage is not None
        values = {"config": config} if config else {}
        source = Source(name, config)
        yield Watched(source, spec.usage.format, spec.usage.paths, values, oldest)


def _is_at_work(agent: Agent) -> bool:
    return agent.has_process and agent.state is not State.IDLE
