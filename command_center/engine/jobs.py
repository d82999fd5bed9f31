"""A run as its executor gets it, and the end of what it printed."""

from pathlib import Path

from command_center.domain.runs import Devices, Run
from command_center.domain.text import plain
from command_center.domain.verdicts import TAIL_BYTES
from command_center.drivers.executors import Job
from command_center.engine.core import Engine


def job_of(engine: Engine, run: Run) -> Job:
    """The newest attempt, with its seed and its name filled in."""
    order = run.order
    words = {"${seed}": str(order.seed) if order.seed is not None else "", "${run}": run.id}
    env = {key: _filled(value, words) for key, value in order.env.items()}
    if order.seed is not None:
        env.setdefault("SEED", str(order.seed))
    return Job(
        id=f"{run.id}.{run.attempt}",
        argv=tuple(_filled(word, words) for word in order.command),
        folder=str(engine.places.run(run.id, run.attempt)),
        env=env,
        repo=engine.fleet.repos.get(order.repo),
        commit=order.commit,
        place=order.folder,
        demand=order.demand,
        ration=order.ration,
        devices=run.devices or Devices(cpus=order.demand.cpus),
    )


def _filled(word: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        word = word.replace(name, value)
    return word


def tail_of(log: Path) -> str:
    """Its last bytes; nothing without a log."""
    try:
        with log.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - TAIL_BYTES))
            return plain(file.read().decode("utf-8", "replace"))
    except FileNotFoundError:
        return ""
