"""`acc machine`: what the supervisor measured, or what can be measured here."""

import os
import time
from contextlib import closing
from pathlib import Path

import pytest

from command_center.domain.machine import GIB, GpuLoad, HostLoad, Process, Sample, TreeLoad
from command_center.drivers.gpu import SIMULATED
from command_center.store.machine import MachineStore
from tests.cli.house import House
from tests.gitrepo import write


def measured(house: House, owner: str, age: float) -> None:
    host = HostLoad(0.25, (0.25, 0.25), 16 * GIB, 12 * GIB, load=(1.0, 2.0, 3.0))
    processes = (Process(1, owner=owner), Process(2, "Xorg"))
    gpu = GpuLoad("0", name="H200", use=87.0, watts=612.3, processes=processes, runs=("R3",))
    trees = (TreeLoad(owner, 4, 1.5, GIB), TreeLoad("R3", 2, 2.0, 2 * GIB))
    sample = Sample(time.time() - age, host, (gpu,), trees, absent=("no pressure",))
    with closing(MachineStore(house.places.machine)) as store:
        store.save(sample)


def test_what_the_supervisor_measured_is_shown_with_names(house: House) -> None:
    owner = house.add_agent("ada")
    measured(house, owner, age=0.0)
    result = house.run("machine")
    shown = " ".join(result.stdout.split())
    assert "memory 4.0 GiB of 16.0 GiB" in shown
    assert "0 H200 87% 612 W R3, ada, Xorg 2" in shown
    assert shown.endswith("R3 200% 2.0 GiB 2 ada 150% 1.0 GiB 4")
    assert result.stderr == "acc: no pressure\n"


def test_programs_get_the_same_as_json(house: House) -> None:
    measured(house, house.add_agent("ada"), age=0.0)
    [told] = house.rows("machine")
    assert told["kind"] == "machine"
    assert told["trees"][0]["name"] == "ada"  # type: ignore[index]
    assert told["gpus"][0]["use"] == 87.0  # type: ignore[index]


def test_without_a_fresh_sample_it_is_measured_here(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured(house, house.add_agent("ada"), age=60.0)
    write(tmp_path / "gpus.json", '{"frames": [[{"id": "0", "name": "Made", "use": 3.0}]]}')
    monkeypatch.setenv(SIMULATED, str(tmp_path / "gpus.json"))
    [told] = house.rows("machine")
    assert told["gpus"] == [{"id": "0", "name": "Made", "driver": "simulated", "use": 3.0}]
    assert told["is_simulated"] is True
    assert told["at"] > time.time() - 30  # type: ignore[operator]
    assert len(told["host"]["cpus"]) == os.cpu_count()  # type: ignore[index]
    assert "NAME (simulated)" in house.run("machine").stdout
