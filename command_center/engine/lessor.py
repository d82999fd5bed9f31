"""Hands out leases: looks what there is and what it costs, and lets the pure rules decide."""

import time
from collections.abc import Iterator

from msgspec.structs import replace

from command_center.domain import run_events as rev
from command_center.domain.errors import CommandCenterError
from command_center.domain.leases import Gpu, Grant, Pool, Price, leases
from command_center.domain.model import Repo, State
from command_center.domain.runs import Run, RunLife, RunOrder, Site
from command_center.drivers.executors import LOCAL, Capacity, Executor, executor
from command_center.drivers.refs import ref_value
from command_center.engine.core import Engine
from command_center.engine.luggage import AT_WORK, laden
from command_center.engine.results import told

CAPACITY_SECONDS = 60.0
AGAIN_SECONDS = 10.0
"""To the next look after one that failed."""
DAY_SECONDS = 86400.0


class Lessor:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._executors: dict[str, Executor] = {}
        self._capacities: dict[str, Capacity] = {}
        self._looked_at: dict[str, float] = {}
        self._tips: dict[str, str] = {}
        """Commits for which runs waited, by the run."""
        self._seen: object = None

    def executor(self, name: str) -> Executor:
        """Raises SpecError."""
        if name not in self._executors:
            self._executors[name] = executor(name, self._engine.settings.executors)
        return self._executors[name]

    async def look(self) -> None:
        """What executors have, and whether agents made the commits that runs wait for."""
        engine = self._engine
        queued = [r for r in engine.fleet.runs.values() if r.life is RunLife.QUEUED]
        if queued and engine.settings.runs.day_usd:
            # What was spent a day ago is forgotten without news.
            self._stir()
        for name in {run.order.executor for run in queued}:
            # A cluster may take its time, and then the others shall not wait.
            engine.later(self._measure(name))
        for run in queued:
            if run.order.after and not run.attempt and run.id not in self._tips:
                await self._look_at_branch(run)

    def tick(self) -> list[Run]:
        """Grant and explain whatever has changed; the runs that have got their lease just now."""
        engine = self._engine
        if engine.fleet.runs is self._seen:
            return []
        runs = engine.fleet.runs
        queued = [run for run in runs.values() if run.life is RunLife.QUEUED]
        holding = [run for run in runs.values() if run.life.holds_lease]
        for name in {run.order.executor for run in queued} - self._looked_at.keys():
            engine.later(self._measure(name))
        pools = {name: self._pool(name, capacity) for name, capacity in self._capacities.items()}
        events: list[rev.RunEvent] = []
        for word in leases(queued, holding, pools, dict(self._blocked(queued))):
            run = runs[word.run]
            if isinstance(word, Grant):
                commit = self._tips.pop(run.id, "")
                events.append(
                    rev.LeaseGranted(run.id, word.devices, run.attempt + 1, commit),
                )
            elif run.reason != word.reason:
                events.append(rev.RunWaits(run.id, word.reason))
        engine.record(*events)
        self._seen = engine.fleet.runs
        return [
            engine.fleet.runs[event.run] for event in events if isinstance(event, rev.LeaseGranted)
        ]

    def has_room(self, order: RunOrder) -> bool:
        """Whether a run would get its lease if it were queued now."""
        engine, name = self._engine, order.executor
        if name not in self._capacities:
            engine.later(self._measure(name))
            return False
        runs = [*engine.fleet.runs.values()]
        queued = [run for run in runs if run.life is RunLife.QUEUED]
        holding = [run for run in runs if run.life.holds_lease]
        asked = Run("R0", order, engine.clock())
        pools = {name: self._pool(name, self._capacities[name])}
        words = leases([*queued, asked], holding, pools, dict(self._blocked(queued)))
        return any(isinstance(word, Grant) and word.run == asked.id for word in words)

    async def _measure(self, name: str) -> None:
        now = time.monotonic()
        if now - self._looked_at.get(name, -CAPACITY_SECONDS) < CAPACITY_SECONDS:
            return
        self._looked_at[name] = now
        known = self._engine.fleet.sites.get(name, Site())
        try:
            found = await self.executor(name).capacity()
        except (CommandCenterError, OSError) as error:
            self._looked_at[name] = now - CAPACITY_SECONDS + AGAIN_SECONDS
            self._engine.notice_once(f"runs on '{name}' wait: {error}")
            site = replace(known, problem=str(error))
        else:
            site = Site(found.cpus, len(found.gpus))
            if found != self._capacities.get(name):
                self._capacities[name] = found
                self._stir()
        if site != known:
            self._engine.record(rev.ExecutorMeasured(name, site))

    async def _look_at_branch(self, run: Run) -> None:
        agent = self._engine.fleet.agents.get(run.order.after)
        if agent is None or agent.state is State.STARTING or agent.state in AT_WORK:
            # What it commits before the end of its turn is not yet what it means.
            return
        repo = self._engine.fleet.repos[run.order.repo]
        try:
            tip = await ref_value(repo.root, f"refs/heads/{agent.order.branch}")
        except (CommandCenterError, OSError) as error:
            self._engine.notice_once(f"{run.id} waits: {error}")
            return
        if tip and tip != run.order.commit:
            await self._lade(run, repo, tip, agent.order.worktree)

    async def _lade(self, run: Run, repo: Repo, tip: str, place: str) -> None:
        """Let it go at `tip` with what it brings; without that it would not be what was asked."""
        engine = self._engine
        try:
            self._tips[run.id] = await laden(run.order, repo, tip, place)
        except (CommandCenterError, OSError) as error:
            if engine.fleet.runs[run.id].life is RunLife.QUEUED:
                ended = rev.RunEnded(run.id, RunLife.CRASHED, str(error))
                engine.record(ended, *told(engine, run, RunLife.CRASHED, {}))
        self._stir()

    def _stir(self) -> None:
        self._seen = None
        self._engine.changed.set()

    def _blocked(self, queued: list[Run]) -> Iterator[tuple[str, str]]:
        agents = self._engine.fleet.agents
        for run in queued:
            if run.order.after and not run.attempt and run.id not in self._tips:
                agent = agents.get(run.order.after)
                name = agent.name if agent else "an agent that is gone"
                awaited = "the next commit" if run.order.commit else "the end of the turn"
                yield run.id, f"waits for {awaited} of {name}"

    def _pool(self, name: str, capacity: Capacity) -> Pool:
        settings = self._engine.settings.runs
        price = None
        if settings.day_usd:
            left = settings.day_usd - self._spent()
            price = Price(settings.cpu_hour_usd, settings.gpu_hour_usd, left)
        if name != LOCAL:
            itself, most = capacity.queues_itself, capacity.most_runs
            return Pool(capacity.cpus, capacity.gpus, False, itself, most, price)
        gpus = capacity.gpus
        if settings.gpus is not None:
            known = {gpu.id: gpu for gpu in gpus}
            gpus = tuple(known.get(gpu, Gpu(gpu)) for gpu in settings.gpus)
        return Pool(settings.slots or capacity.cpus, gpus, settings.share_gpus, price=price)

    def _spent(self) -> float:
        """Dollars of the attempts that ended within a day."""
        settings, now = self._engine.settings.runs, self._engine.clock()
        price = Price(settings.cpu_hour_usd, settings.gpu_hour_usd, 0.0)
        return sum(
            price.rate(run.order.demand) * (run.earlier_s + run.took_s) / 3600
            for run in self._engine.fleet.runs.values()
            if run.since > now - DAY_SECONDS
        )
