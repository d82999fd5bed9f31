"""Who gets which devices now: pure, and the same answer for the same question.

Higher priority first; then whoever holds least; then whoever has waited longest. A run that does
not fit sets what is free aside for itself, so that smaller ones behind it cannot starve it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from command_center.domain.runs import Demand, Devices, Run, RunOrder

GPU_WEIGHT = 8
"""CPU slots that a GPU counts as between owners."""


class Gpu(Struct, frozen=True):
    id: str
    """As CUDA_VISIBLE_DEVICES takes it."""
    gib: float = 0.0
    """Its memory; 0 where unknown."""


class Price(Struct, frozen=True):
    """Dollars per hour of a slot, and what of them may still be spent."""

    cpu_hour: float
    gpu_hour: float
    left: float

    def of(self, order: RunOrder) -> float | None:
        """The most that it can cost; None when nothing limits it."""
        demand, ration = order.demand, order.ration
        walls = [ration.wall_s] if ration.wall_s else []
        if ration.gpu_s and demand.gpus:
            walls.append(ration.gpu_s / demand.gpus)
        return self.rate(demand) * min(walls) / 3600 if walls else None

    def rate(self, demand: Demand) -> float:
        return demand.cpus * self.cpu_hour + demand.gpus * self.gpu_hour


class Pool(Struct, frozen=True):
    """What one executor has in all."""

    cpus: int
    gpus: tuple[Gpu, ...] = ()
    shares_gpus: bool = False
    """Whether runs that say how much GPU memory they need may have one together."""
    queues_itself: bool = False
    most_runs: int = 0
    """Of ours, in its queue and at work together; 0: no limit."""
    price: Price | None = None


class Grant(Struct, frozen=True):
    run: str
    devices: Devices


class Wait(Struct, frozen=True):
    run: str
    reason: str


def leases(
    queued: Iterable[Run],
    holding: Sequence[Run],
    pools: Mapping[str, Pool],
    blocked: Mapping[str, str],
) -> list[Grant | Wait]:
    """A word for each queued run. `blocked` says why some may not start, whatever is free.

    Reasons do not name what changes from one moment to the next: they are logged.
    """
    rooms = {name: _Room(pool, name, holding) for name, pool in pools.items()}
    words: list[Grant | Wait] = []
    for run in _in_turn(queued, holding, words):
        room, demand = rooms.get(run.order.executor), run.order.demand
        if reason := blocked.get(run.id, ""):
            words.append(Wait(run.id, reason))
        elif room is None:
            words.append(Wait(run.id, f"executor '{run.order.executor}' is not ready"))
        elif reason := room.never(run.order) or room.too_dear(run.order):
            words.append(Wait(run.id, reason))
        elif (devices := room.take(run.order)) is not None:
            words.append(Grant(run.id, devices))
        else:
            room.set_aside(demand)
            words.append(Wait(run.id, room.waits(demand)))
    return words


def _in_turn(
    queued: Iterable[Run], holding: Iterable[Run], words: Sequence[Grant | Wait]
) -> Iterator[Run]:
    """One after the other; what the last one was granted counts for the next choice."""
    held: defaultdict[str, int] = defaultdict(int)
    for run in holding:
        held[_owner(run)] += _weight(run.order.demand)
    lines: defaultdict[str, list[Run]] = defaultdict(list)
    for run in sorted(queued, key=_place, reverse=True):
        lines[_owner(run)].append(run)
    while lines:
        owner = min(
            lines, key=lambda o: (-lines[o][-1].order.priority, held[o], _place(lines[o][-1]))
        )
        run = lines[owner].pop()
        if not lines[owner]:
            del lines[owner]
        yield run
        if isinstance(words[-1], Grant):
            held[owner] += _weight(run.order.demand)


def _place(run: Run) -> tuple[int, float, int]:
    return -run.order.priority, run.queued_at, run.number


def _owner(run: Run) -> str:
    return run.order.agent or run.by


def _weight(demand: Demand) -> int:
    return demand.cpus + GPU_WEIGHT * demand.gpus


def _wanted(demand: Demand) -> Iterator[str]:
    yield f"{demand.cpus} CPU slot{'s' if demand.cpus > 1 else ''}"
    if demand.gpus:
        memory = f" with {demand.gpu_gib:g} GiB" if demand.gpu_gib else ""
        yield f"{demand.gpus} GPU{'s' if demand.gpus > 1 else ''}{memory}"


class _Room:
    """What is free of one pool, while it is handed out."""

    def __init__(self, pool: Pool, name: str, holding: Iterable[Run]) -> None:
        self._pool = pool
        self._cpus = pool.cpus
        self._places = pool.most_runs or None
        self._gib = {gpu.id: gpu.gib for gpu in pool.gpus}
        self._whole = dict.fromkeys(self._gib, True)
        self._money = pool.price.left if pool.price else 0.0
        for run in holding:
            if run.order.executor == name and run.devices is not None:
                self._cpus -= run.devices.cpus
                self._fill_place()
                self._hold(run.devices.gpus, run.order.demand.gpu_gib)
                self._pay(run.order)

    def never(self, order: RunOrder) -> str:
        """Why the pool can never carry it out; empty: it can."""
        demand, pool = order.demand, self._pool
        if pool.queues_itself:
            return ""
        if demand.cpus > pool.cpus:
            return f"needs {demand.cpus} CPU slots; there are {pool.cpus}"
        fit = [gpu for gpu in pool.gpus if not gpu.gib or gpu.gib >= demand.gpu_gib]
        if demand.gpus > len(fit):
            memory = f" with {demand.gpu_gib:g} GiB" if demand.gpu_gib else ""
            return f"needs {demand.gpus} GPUs{memory}; there are {len(fit)}"
        return ""

    def too_dear(self, order: RunOrder) -> str:
        price = self._pool.price
        if price is None or not price.rate(order.demand):
            return ""
        if (cost := price.of(order)) is None:
            return "needs a limit of time, because runs cost money here"
        if cost > self._money:
            return f"may cost {cost:.2f} dollars, more than is left for today"
        return ""

    def take(self, order: RunOrder) -> Devices | None:
        demand = order.demand
        if self._pool.queues_itself:
            return self._take_place(order)
        gpus = self._free_gpus(demand)
        if demand.cpus > self._cpus or len(gpus) < demand.gpus:
            return None
        self._cpus -= demand.cpus
        chosen = gpus[: demand.gpus]
        self._hold(chosen, demand.gpu_gib)
        self._pay(order)
        return Devices(tuple(chosen), demand.cpus)

    def _take_place(self, order: RunOrder) -> Devices | None:
        if self._places == 0:
            return None
        self._fill_place()
        self._pay(order)
        return Devices(cpus=order.demand.cpus)

    def _fill_place(self) -> None:
        if self._places:
            self._places -= 1

    def _pay(self, order: RunOrder) -> None:
        if self._pool.price:
            self._money -= self._pool.price.of(order) or 0.0

    def waits(self, demand: Demand) -> str:
        if most := self._pool.queues_itself and self._pool.most_runs:
            return f"waits until fewer than {most} of ours are there"
        return f"waits for {' and '.join(_wanted(demand))}"

    def set_aside(self, demand: Demand) -> None:
        self._cpus = max(0, self._cpus - demand.cpus)
        self._hold(self._free_gpus(demand)[: demand.gpus], demand.gpu_gib)

    def _free_gpus(self, demand: Demand) -> list[str]:
        """Those that it may have, the fullest ones first, so that whole ones stay whole."""
        if not demand.gpus:
            return []
        if self._pool.shares_gpus and demand.gpu_gib:
            fit = [gpu for gpu, gib in self._gib.items() if gib >= demand.gpu_gib]
            return sorted(fit, key=lambda gpu: self._gib[gpu])
        sizes = {gpu.id: gpu.gib for gpu in self._pool.gpus}
        return [
            gpu
            for gpu, is_whole in self._whole.items()
            if is_whole and (not sizes[gpu] or sizes[gpu] >= demand.gpu_gib)
        ]

    def _hold(self, gpus: Iterable[str], gib: float) -> None:
        for gpu in gpus:
            if gpu in self._gib:
                is_shared = self._pool.shares_gpus and gib
                self._gib[gpu] = self._gib[gpu] - gib if is_shared else 0.0
                self._whole[gpu] = False
