"""Runs in a log, a ledger and folders, as the supervisor and its executors would leave them."""

import math

from msgspec.structs import replace

from command_center.domain import run_events as rev
from command_center.domain.metrics import Point
from command_center.domain.runs import Contention, Demand, Devices, Ration, RunLife, RunOrder
from command_center.store.runs import Position, RunLedger
from tests.tui.world import World

ORDER = RunOrder(
    ("python", "train.py", "--lr=0.003"),
    repo="shop",
    commit="0123456789abcdef0123456789abcdef01234567",
    name="train",
    config={"lr": 0.003},
    metric="val_bpb",
    ration=Ration(wall_s=600.0),
    seed=0,
)
STEPS = 40


def queued(world: World, name: str, order: RunOrder = ORDER, *, ago: float = 600.0) -> str:
    world.happen(rev.RunQueued(name, order, "you"), ago=ago)
    return name


def running(
    world: World,
    name: str,
    order: RunOrder = ORDER,
    *,
    ago: float = 120.0,
    gpus: tuple[str, ...] = (),
) -> str:
    queued(world, name, order, ago=ago + 60)
    world.happen(rev.LeaseGranted(name, Devices(gpus, order.demand.cpus), 1), ago=ago + 1)
    world.happen(rev.RunStarted(name, "handle"), ago=ago)
    return name


def ended(
    world: World,
    name: str,
    result: float | None,
    order: RunOrder = ORDER,
    *,
    life: RunLife = RunLife.DONE,
    reason: str = "",
    ago: float = 30.0,
    is_seen: bool = False,
) -> str:
    running(world, name, order, ago=ago + 90)
    figures: dict[str, float | None] = {} if result is None else {order.metric: result}
    noise = Contention(1.0, 0.25)
    code = 0 if life is RunLife.DONE else 1
    world.happen(rev.RunEnded(name, life, reason, code, figures, noise), ago=ago)
    if is_seen:
        world.happen(rev.RunSeen(name), ago=ago)
    return name


def tell(world: World, name: str, metric: str, *values: float, attempt: int = 1) -> None:
    """Values of the metric at steps 10, 20 and so on, as they would be read from the log."""
    points = [
        Point(metric, 10.0 * (place + 1), value if math.isfinite(value) else None, world.now)
        for place, value in enumerate(values)
    ]
    with RunLedger(world.places.ledger, is_writer=True) as ledger:
        ledger.record(name, attempt, "log", points, Position(1, None))


def learn(
    world: World, name: str, end: float, *, metric: str = "train_bpb", start: float = 8.0
) -> None:
    """A curve that falls from `start` to `end`."""
    values = (end + (start - end) * math.exp(-step / 8) for step in range(STEPS))
    tell(world, name, metric, *values)


def use(world: World, name: str, cpus: float = 1.0, gib: float = 0.5) -> None:
    points = [
        Point(f"system.{metric}", 2.0 * step, value * (1 + 0.1 * (step % 3)), world.now)
        for step in range(30)
        for metric, value in (("memory_gib", gib), ("cpus", cpus))
    ]
    with RunLedger(world.places.ledger, is_writer=True) as ledger:
        ledger.record(name, 1, "system", points, Position())
    folder = world.places.run(name, 1)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "now.json").write_text('{"wall_s": 60, "cpu_s": 58.5, "memory_bytes": 536870912}')


def print_(world: World, name: str, text: str) -> None:
    """What the run has printed."""
    folder = world.places.run(name, 1)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log.txt").open("a", newline="") as log:
        log.write(text)


def afternoon(world: World) -> None:
    """One of everything."""
    world.repo("shop")
    sweep = replace(ORDER, sweep="s1a2b3", name="lr sweep")
    for number, (rate, result) in enumerate(((0.001, 2.991), (0.003, 2.874), (0.01, 3.104)), 1):
        order = replace(sweep, config={"lr": rate, "depth": 4}, seed=number)
        ended(world, f"R{number}", result, order, ago=900.0 - number, is_seen=True)
        learn(world, f"R{number}", result)
        learn(world, f"R{number}", result + 0.1, metric="val_bpb")
    crash = "RuntimeError: the loss is no number"
    ended(world, "R4", None, ORDER, life=RunLife.CRASHED, reason=crash, ago=300)
    learn(world, "R4", 4.0)
    memory = replace(ORDER, demand=Demand(cpus=2, memory_gib=1.0))
    ended(world, "R5", None, memory, life=RunLife.OUT_OF_MEMORY, reason="over 1 GiB", ago=200)
    ended(world, "R6", 2.9412, replace(ORDER, seed=6), ago=40)
    learn(world, "R6", 2.9412)
    gpu = replace(ORDER, demand=Demand(cpus=4, gpus=1), name="gpu preset", config={"size": "gpu"})
    running(world, "R7", gpu, gpus=("0",))
    learn(world, "R7", 3.2)
    learn(world, "R7", 120_000.0, metric="tokens_per_second", start=1000.0)
    use(world, "R7", 3.7, 6.2)
    lines = "".join(f"step: {10 * step} | train_bpb: {8 - step / 9:.4f}\n" for step in range(40))
    print_(world, "R7", f"loading\r\x1b[31mloading 50%\rloaded\x1b[0m\n{lines}")
    running(world, "R8", replace(ORDER, ration=Ration(cpu_s=36.0), name="", seed=None), ago=25)
    for number in (9, 10):
        queued(world, f"R{number}", replace(sweep, config={"lr": 0.03, "depth": number}), ago=20)
        world.happen(rev.RunWaits(f"R{number}", "waits for 1 CPU slot"), ago=19)
