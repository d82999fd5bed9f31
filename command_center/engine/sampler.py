"""Measures the machine once a second while somebody looks or runs exist, and raises alarms."""

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from command_center.domain import events as ev
from command_center.domain.alarms import Alarm, Waiting, conditions, rules, standing
from command_center.domain.errors import CommandCenterError, SpecError
from command_center.domain.machine import Sample, StandingAlarm, figures
from command_center.domain.model import Fleet
from command_center.domain.runs import Run, RunLife
from command_center.drivers.executors import LOCAL
from command_center.engine.core import Engine
from command_center.engine.machine import Machine
from command_center.store.lock import is_client_near
from command_center.store.machine import MachineStore

SECONDS = 1.0
GAP_SECONDS = 5.0
"""Without a look for so long, the next only begins to measure anew."""
QUIET_SECONDS = 600.0
"""For how long an alarm must not have stood to be said again."""
PENANCE_SECONDS = 60.0


class Sampler:
    """Owns the machine's store. Nothing that happens here ends the supervisor."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, "machine")
        self._machine: Machine | None = None
        self._store: MachineStore | None = None
        self._looked_at = self._pause_until = float("-inf")
        self._rules = self._rules_or_shipped()
        self._held: dict[str, StandingAlarm] = {}
        self._said: dict[str, float] = {}
        """Until when each alarm stood last."""

    async def look(self) -> None:
        """Once a second; costs next to nothing while nobody wants to know."""
        now = asyncio.get_running_loop().time()
        if now < self._pause_until or not self._is_wanted():
            return
        is_first = now - self._looked_at > GAP_SECONDS
        self._looked_at = now
        doing = asyncio.get_running_loop().run_in_executor(
            self._thread, self._measure, self._engine.fleet, is_first
        )
        # A counter that nobody has thought of is a mistake of ours, whatever its kind.
        await asyncio.wait([doing])
        if (error := doing.exception()) is None:
            self._say(doing.result())
            return
        if isinstance(error, Exception) and not isinstance(error, (CommandCenterError, OSError)):
            self._engine.confess(error)
        self._pause_until = now + PENANCE_SECONDS
        self._engine.notice_once(f"the machine is not measured: {error}; all else goes on")

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        await asyncio.to_thread(self._thread.shutdown)

    def _is_wanted(self) -> bool:
        runs = self._engine.fleet.runs.values()
        return any(not run.life.is_over for run in runs) or is_client_near(
            self._engine.places.lock.parent
        )

    def _measure(self, fleet: Fleet, is_first: bool) -> Sample | None:
        """In the thread. Raises LogError, OSError."""
        engine = self._engine
        if self._machine is None or self._store is None:
            self._machine = Machine(engine.places, engine.environ)
            self._store = MachineStore(engine.places.machine)
        sample = self._machine.look(fleet, engine.clock())
        if is_first:
            self._held = {}
            return None
        told, now = figures(sample), sample.at
        self._held = conditions(self._rules, told, _waiting(fleet.runs.values()), now, self._held)
        sample = replace(sample, alarms=standing(self._rules, self._held, now))
        self._store.save(sample)
        return sample

    def _say(self, sample: Sample | None) -> None:
        """To the engine; each alarm once, however long it stands, and a driver that broke."""
        self._engine.sample = sample
        if sample is None:
            return
        for alarm in sample.alarms:
            stood_until = self._said.get(alarm.id, float("-inf"))
            self._said[alarm.id] = sample.at
            if sample.at - stood_until > QUIET_SECONDS:
                self._engine.record(ev.Noticed(alarm.text, is_problem=True))
        if self._machine is not None and self._machine.gpus.is_broken:
            self._engine.notice_once(self._machine.gpus.absent)

    def _close(self) -> None:
        if self._machine is not None:
            self._machine.close()
        if self._store is not None:
            self._store.close()

    def _rules_or_shipped(self) -> tuple[Alarm, ...]:
        try:
            return rules(self._engine.settings.alarms)
        except SpecError as error:
            self._engine.notice_once(f"{error}; the shipped alarms are used meanwhile")
            return rules(())


def _waiting(runs: Iterable[Run]) -> Waiting:
    queued = [r for r in runs if r.life is RunLife.QUEUED and r.order.executor == LOCAL]
    return Waiting(len(queued), sum(run.order.demand.gpus > 0 for run in queued))
