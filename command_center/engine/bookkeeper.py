"""Counts what the fleet's agents spend and measures how they work, in a thread of its own."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from string import Template

from command_center.domain import events as ev
from command_center.domain.errors import LogError
from command_center.domain.gauges import CatchUp
from command_center.domain.model import Agent, Fleet, State
from command_center.domain.niches import OURS
from command_center.domain.specs import Usage
from command_center.domain.usage import RateWindow, Shape, Source
from command_center.engine.core import Engine
from command_center.engine.gauger import Gauger
from command_center.engine.meter import Meter, Watched
from command_center.engine.recipes import config_dir
from command_center.engine.tellings import Telling
from command_center.store.gauges import GaugeStore
from command_center.store.usage import UsageStore

COUNT_SECONDS = 2.0
"""From one look at the transcripts to the next, while there is work."""
DISCOVER_SECONDS = 10.0
"""From one search for new files to the next, while there is work."""
AFTERMATH_SECONDS = 15.0
"""A CLI writes the end of a turn after it has said that the turn is over."""
REST_SECONDS = 60.0
"""Between two looks when every agent is at rest: their helpers may write on."""
PENANCE_SECONDS = 600.0
"""After a failure, until the same is tried again."""
OWN = frozenset({"state", "worktree"})
LONG = 32 * 1024 * 1024
"""Bytes that take long enough to read that somebody may want to know how far it is."""


class Bookkeeper:
    """Owns the usage store and the gauges. Nothing that happens here ends the supervisor."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, "usage")
        self._first_fleet = engine.fleet
        self._store: UsageStore | None = None
        self._meter: Meter | None = None
        self._gauges: GaugeStore | None = None
        self._gauger: Gauger | None = None
        self._fleet: Fleet | None = None
        self._counted_at = self._gauged_at = self._discovered_at = float("-inf")
        self._stirred_at = float("-inf")
        self._pauses: dict[str, float] = {}
        self._accounts: set[Source] = set()
        """Those of the fleet; the store may know others of the same user."""
        self._is_leaving = False

    async def look(self) -> None:
        """Once a second: count and measure what is new; costs nothing while the fleet rests."""
        now = asyncio.get_running_loop().time()
        is_astir = self._is_astir(now)
        if now - self._counted_at >= (COUNT_SECONDS if is_astir else REST_SECONDS):
            self._counted_at = now
            await self._count_news(now)
        is_moving = is_astir or (self._gauger is not None and self._gauger.is_flowing)
        if is_moving or now - self._gauged_at >= REST_SECONDS:
            self._gauged_at = now
            await self._do("what agents do is not measured", self._measure, now)

    async def close(self) -> None:
        """What is not counted yet will be by the next supervisor."""
        self._is_leaving = True
        for store in (self._store, self._gauges):
            if store is not None:
                await asyncio.get_running_loop().run_in_executor(self._thread, store.close)
        await asyncio.to_thread(self._thread.shutdown)

    def _is_astir(self, now: float) -> bool:
        fleet = self._engine.fleet
        if fleet is not self._fleet or any(map(_is_at_work, fleet.agents.values())):
            self._fleet, self._stirred_at = fleet, now
        return now - self._stirred_at <= AFTERMATH_SECONDS

    async def _count_news(self, now: float) -> None:
        watched: list[Watched] = []
        if now - self._discovered_at >= DISCOVER_SECONDS:
            self._discovered_at = now
            watched = list(_watched(self._engine))
        if watched or self._meter is not None:
            tellings, self._engine.tellings = self._engine.tellings, []
            count = partial(self._count, watched, tellings)
            await self._do("what agents spend is not counted", count, now)

    async def _do(self, failure: str, step: Callable[[], None], now: float) -> None:
        if now < self._pauses.get(failure, now):
            return
        doing = asyncio.get_running_loop().run_in_executor(self._thread, step)
        # A reader that trips over a transcript is a mistake of ours, whatever its kind.
        await asyncio.wait([doing])
        if (error := doing.exception()) is None:
            return
        if not isinstance(error, LogError) and isinstance(error, Exception):
            self._engine.confess(error)
        if failure not in self._pauses:
            text = f"{failure}: {error}; all else goes on"
            self._engine.record(ev.Noticed(text, is_problem=True))
        self._pauses[failure] = now + PENANCE_SECONDS

    def _count(self, watched: list[Watched], tellings: list[Telling]) -> None:
        """In the thread. Raises LogError."""
        if self._store is None or self._meter is None:
            self._store = UsageStore(self._engine.places.usage)
            self._meter = Meter(self._store)
        for some in watched:
            self._meter.discover(some)
            self._accounts.add(some.source)
        for each in tellings:
            self._store.note(each.source, each.seen, each.windows)
        clock = self._engine.clock
        told_at, gauger = clock(), self._ready()
        gauger.take(self._store, (), clock())
        if tellings:
            gauger.look()
        for progress in self._meter.scan():
            gauger.take(self._store, progress.rows, clock())
            if progress.all >= LONG and clock() - told_at >= 1.0:
                told_at = clock()
                self._measure(CatchUp(progress.done, progress.all))
            if self._is_leaving:
                return
        windows = defaultdict[str, tuple[RateWindow, ...]](tuple)
        for source, window in self._store.windows():
            if source in self._accounts:
                windows[source.spec] += (window,)
        self._engine.windows = windows

    def _measure(self, catch_up: CatchUp | None = None) -> None:
        """In the thread. Raises LogError."""
        engine = self._engine
        engine.gauges = self._ready().tick(engine.fleet, engine.doings, engine.clock(), catch_up)

    def _ready(self) -> Gauger:
        """The gauger; it begins with the fleet as it was before this supervisor did anything."""
        if self._gauger is None or self._gauges is None:
            self._gauges = GaugeStore(self._engine.places.gauges)
            self._gauger = Gauger(self._gauges, self._first_fleet, self._engine.clock())
        return self._gauger


def _watched(engine: Engine) -> Iterator[Watched]:
    """The files of the fleet's agents, and no older history of the user's; and our own calls."""
    if (calls := engine.places.calls).exists():
        values = {"calls": str(calls)}
        yield Watched(Source(OURS, OURS), Shape.MESSAGE_BLOCKS, ("${calls}",), values)
    since: dict[Source, tuple[Usage, float]] = {}
    for agent in engine.fleet.agents.values():
        spec = engine.spec_or_none(agent)
        if spec is None or spec.usage is None:
            continue
        config = str(config_dir(spec, engine.environ)) if spec.config_dir else ""
        source = Source(spec.id, config)
        _, oldest = since.get(source, (spec.usage, agent.created_at))
        since[source] = spec.usage, min(oldest, agent.created_at)
        if own := _paths(spec.usage, are_own=True):
            state, worktree = str(engine.places.agent(agent.id)), agent.order.worktree
            values = {"config": config, "state": state, "worktree": worktree}
            yield Watched(source, spec.usage.format, own, values, agent.created_at)
    for source, (usage, oldest) in since.items():
        if paths := _paths(usage, are_own=False):
            values = {"config": source.account} if source.account else {}
            yield Watched(source, usage.format, paths, values, oldest)


def _paths(usage: Usage, *, are_own: bool) -> tuple[str, ...]:
    """Those with a place in them that each agent has for itself, or all others."""
    return tuple(
        path for path in usage.paths if bool(OWN & {*Template(path).get_identifiers()}) is are_own
    )


def _is_at_work(agent: Agent) -> bool:
    return agent.has_process and agent.state not in (State.IDLE, State.WAITING)
