"""One look at this machine: what it does, and for which agents and runs."""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace

from command_center.domain.machine import GpuLoad, HostLoad, Process, Sample
from command_center.domain.model import Fleet
from command_center.domain.places import Places
from command_center.domain.runs import Run
from command_center.drivers.executors import LOCAL
from command_center.drivers.executors.local import minder_of
from command_center.drivers.gpu import Gpus
from command_center.drivers.machine import Host
from command_center.drivers.processes import Root, Trees, name_of


class Machine:
    """Reads and decides nothing. For one thread; owns a GPU driver's session: close it."""

    def __init__(self, places: Places, environ: Mapping[str, str]) -> None:
        self.gpus = Gpus(environ)
        self._host = Host((places.data, places.state, Path.home()))
        self._trees = Trees()
        self._minders: dict[str, int] = {}
        """By the handle of a run's attempt."""

    def look(self, fleet: Fleet, at: float) -> Sample:
        """`at` is now in Unix seconds. The first look only begins to measure what are rates.

        Raises OSError where the kernel tells nothing.
        """
        now = time.monotonic()
        host, gpus = self._host.look(now), self.gpus.read()
        trees = self._trees.look(dict(self._roots(fleet)), now)
        users = _users(fleet)
        return Sample(
            at,
            host,
            tuple(self._with_owners(gpu, users[gpu.id] + users[gpu.uuid]) for gpu in gpus),
            trees,
            absent=tuple(_absent(host, gpus, self.gpus.absent)),
            is_simulated=self.gpus.is_simulated,
        )

    def close(self) -> None:
        self.gpus.close()

    def _roots(self, fleet: Fleet) -> Iterator[tuple[str, Root]]:
        for agent in fleet.agents.values():
            if agent.has_process and agent.pid:
                yield agent.id, Root(agent.pid, agent.pid_start)
        handles = {run.handle: run.id for run in _held_here(fleet) if run.handle}
        self._minders = {
            handle: self._minders.get(handle) or minder_of(handle) for handle in handles
        }
        for handle, pid in self._minders.items():
            if pid:
                yield handles[handle], Root(pid)

    def _with_owners(self, gpu: GpuLoad, runs: tuple[str, ...]) -> GpuLoad:
        processes = tuple(
            Process(one.pid, one.name or name_of(one.pid), one.memory, self._trees.owner(one.pid))
            for one in gpu.processes
        )
        return replace(gpu, processes=processes, runs=runs)


def _held_here(fleet: Fleet) -> Iterator[Run]:
    runs = fleet.runs.values()
    return (run for run in runs if run.life.holds_lease and run.order.executor == LOCAL)


def _users(fleet: Fleet) -> defaultdict[str, tuple[str, ...]]:
    """The runs that hold a lease on each GPU, by its index or UUID, as they were told it."""
    users = defaultdict[str, tuple[str, ...]](tuple)
    for run in _held_here(fleet):
        for gpu in run.devices.gpus if run.devices else ():
            users[gpu] += (run.id,)
    return users


def _absent(host: HostLoad, gpus: tuple[GpuLoad, ...], no_gpu: str) -> Iterator[str]:
    if no_gpu:
        yield no_gpu
    if host.pressure.cpu is None:
        yield "the kernel keeps no pressure figures (PSI)"
    lacking = [
        word
        for word, values in (
            ("use", [gpu.use for gpu in gpus]),
            ("memory", [gpu.memory_used for gpu in gpus]),
            ("power", [gpu.watts for gpu in gpus]),
            ("temperature", [gpu.celsius for gpu in gpus]),
            ("clock", [gpu.clock for gpu in gpus]),
        )
        if gpus and all(value is None for value in values)
    ]
    if lacking:
        yield f"the GPU's driver does not tell its {', '.join(lacking)}"
