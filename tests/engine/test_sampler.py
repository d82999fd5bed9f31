"""The machine under a real supervisor: measured while somebody looks, with owners and alarms."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from command_center.domain.machine import Sample
from command_center.domain.run_intents import CancelRun
from command_center.domain.runs import Demand, RunOrder
from command_center.drivers.gpu import SIMULATED
from command_center.store.lock import Presence
from command_center.store.machine import MachineView
from command_center.store.runs import RunLedger
from tests.center import Center
from tests.engine.test_runs import queued
from tests.gitrepo import commit, write

SLEEPER = """
import os, sys, time
print(f"gpu: {os.environ['CUDA_VISIBLE_DEVICES']}", flush=True)
time.sleep(600)
"""


@pytest.fixture
def gpus(center: Center, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data of three simulated GPUs, the first of them idle."""
    file = center.home / "gpus.json"
    show(file, *({"id": str(number), "use": 50.0 * number} for number in range(3)))
    monkeypatch.setenv(SIMULATED, str(file))
    return file


@pytest.fixture(autouse=True)
def hasty(center: Center) -> None:
    """CPU slots for three runs, and alarms about idle GPUs that do not wait."""
    rule = '[[alarm]]\nid = "idle-gpu"\nfigure = "gpu.*.use"\nunder = 1\nfor_s = 1\nqueued = 1\n'
    write(center.places.settings, f"[runs]\nslots = 3\n{rule}")


@pytest.fixture
def onlooker(center: Center) -> Iterator[None]:
    """As a dashboard is one."""
    presence = Presence(center.places.lock.parent)
    yield
    presence.leave()


@pytest.fixture
def blocked(center: Center) -> None:
    """A folder lies where the machine's file should be."""
    center.places.machine.mkdir(parents=True)


def show(file: Path, *gpus: dict[str, object]) -> None:
    total = {"memory_total": 80 << 30}
    made = file.with_suffix(".new")
    made.write_text(json.dumps({"frames": [[{**total, **gpu} for gpu in gpus]]}))
    made.replace(file)


async def sample_until(center: Center, holds: Callable[[Sample], object]) -> Sample:
    view = MachineView(center.places.machine)
    found: list[Sample] = []

    def seen() -> bool:
        if (sample := view.poll()) is not None:
            found.append(sample)
        return bool(found) and bool(holds(found[-1]))

    try:
        await center.until(lambda _: seen(), 60)
    finally:
        view.close()
    return found[-1]


def curves(center: Center, run: str) -> list[float | None]:
    """The newest use and memory of the run's GPUs in its ledger."""
    with RunLedger(center.places.ledger) as ledger:
        told = [ledger.curve(run, f"system.{name}") for name in ("gpu_percent", "gpu_gib")]
    return [curve[-1].value for curve in told if curve]


@pytest.mark.usefixtures("onlooker")
async def test_an_agents_processes_are_counted_for_it(supervised: Center) -> None:
    agent = await supervised.launch()
    sample = await sample_until(supervised, lambda s: (t := s.tree(agent.id)) and t.cpu is not None)
    tree = sample.tree(agent.id)
    assert tree is not None
    assert tree.processes >= 1
    assert tree.memory > 1 << 20
    assert 0 < sample.host.memory_available < sample.host.memory_total


async def test_nothing_is_measured_while_nobody_looks_and_nothing_runs(supervised: Center) -> None:
    await supervised.launch()
    assert not supervised.places.machine.exists()


@pytest.mark.usefixtures("onlooker")
async def test_a_machine_that_cannot_be_measured_holds_up_nothing_else(
    center: Center, blocked: None, supervised: Center
) -> None:
    del blocked
    fleet = await supervised.until(lambda f: any("not measured" in n.text for n in f.notices))
    assert [n.is_problem for n in fleet.notices if "not measured" in n.text] == [True]
    assert (await center.launch("go on")).name


async def test_each_gpus_processes_are_named_after_the_run_that_has_it(
    gpus: Path, supervised: Center
) -> None:
    write(supervised.repo / "sleeper.py", SLEEPER)
    commit(supervised.repo, "sleep")
    order = RunOrder((sys.executable, "sleeper.py"), demand=Demand(cpus=1, gpus=1))
    names = await queued(supervised, order, order, order)
    logs = {name: supervised.places.run(name, 1) / "log.txt" for name in names}
    await supervised.until(
        lambda _: all(log.exists() and log.read_text() for log in logs.values()), 60
    )
    assert sorted(log.read_text() for log in logs.values()) == ["gpu: 0\n", "gpu: 1\n", "gpu: 2\n"]
    shown: list[dict[str, object]] = []
    for name, log in logs.items():
        child = json.loads((log.parent / "started.json").read_text())["child"]
        held = supervised.fleet.runs[name].devices
        assert held is not None
        used_by = [{"pid": child, "memory": 3 << 30}, {"pid": os.getpid()}]
        shown += [{"id": gpu, "use": 90.0, "processes": used_by} for gpu in held.gpus]
    show(gpus, *shown)
    sample = await sample_until(supervised, lambda s: any(g.processes for g in s.gpus))
    for gpu in sample.gpus:
        [name] = gpu.runs
        assert [process.owner for process in gpu.processes] == [name, ""]
    assert sample.is_simulated
    assert {gpu.driver for gpu in sample.gpus} == {"simulated"}
    await supervised.until(lambda _: all(curves(supervised, n) == [90.0, 3.0] for n in names))
    for name in names:
        await supervised.answer(CancelRun(name))
    await supervised.until(lambda fleet: all(fleet.runs[name].life.is_over for name in names), 60)


async def test_an_alarm_is_said_once_however_long_it_stands(
    gpus: Path, center: Center, supervised: Center
) -> None:
    del gpus
    [name] = await queued(center, RunOrder(("true",), demand=Demand(gpus=4)))
    sample = await sample_until(supervised, lambda s: s.alarms)
    assert [alarm.id for alarm in sample.alarms] == ["idle-gpu gpu.0"]
    assert sample.alarms[0].text.startswith("GPU 0 at 0 % for ")
    assert sample.alarms[0].text.endswith(" while 1 run is queued")
    later = await sample_until(supervised, lambda s: s.at > sample.at + 2)
    assert later.alarms[0].since == sample.alarms[0].since
    said = [notice.text for notice in supervised.fleet.notices if "GPU 0 at" in notice.text]
    assert len(said) == 1
    await supervised.answer(CancelRun(name))
