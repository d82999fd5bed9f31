"""The machine's file: what one process writes, others see, and how far back it reaches."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from command_center.domain.machine import GpuLoad, HostLoad, Point, Sample, TreeLoad
from command_center.store.machine import MINUTES_KEPT, SECONDS_KEPT, MachineStore, MachineView

START = 1_000_000_020
"""A whole minute."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "machine.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[MachineStore]:
    with closing(MachineStore(path)) as store:
        yield store


@pytest.fixture
def view(path: Path) -> Iterator[MachineView]:
    with closing(MachineView(path)) as view:
        yield view


def sample(at: float, cpu: float = 0.5) -> Sample:
    host = HostLoad(cpu, (cpu, cpu), memory_total=100, memory_available=60)
    gpus = (GpuLoad("0", use=87.0, memory_used=5, throttle=("heat",), is_hot=True),)
    return Sample(at, host, gpus, (TreeLoad("ada", 3, 1.5, 40),), absent=("no pressure",))


def test_the_newest_sample_is_told_once_and_whole(store: MachineStore, view: MachineView) -> None:
    store.save(sample(START))
    store.save(sample(START + 1))
    assert view.poll() == sample(START + 1)
    assert view.poll() is None


def test_nothing_is_told_before_there_is_a_file(view: MachineView) -> None:
    assert view.poll() is None
    assert view.history(["cpu"], 0) == {"cpu": []}


def test_a_history_is_told_by_the_second(store: MachineStore, view: MachineView) -> None:
    for second in range(3):
        store.save(sample(START + second, second / 4))
    told = view.history(["cpu", "memory", "gpu.0.hot", "gpu.0.watts"], START)
    assert told["cpu"] == [Point(START + 1, 0.25), Point(START + 2, 0.5)]
    assert told["memory"] == [Point(START + 1, 40.0), Point(START + 2, 40.0)]
    assert [point.value for point in told["gpu.0.hot"]] == [1.0, 1.0]
    assert told["gpu.0.watts"] == []


def test_trees_have_a_history_by_ten_seconds(store: MachineStore, view: MachineView) -> None:
    for second in range(25):
        # A look may come so late that a second has none.
        if second != 10:
            store.save(sample(START + second))
    told = view.history(["tree.ada.cpu"], 0)["tree.ada.cpu"]
    assert told == [Point(START + at, 1.5) for at in (0, 11, 20)]


def test_what_is_older_than_an_hour_is_told_by_the_minute(
    store: MachineStore, view: MachineView
) -> None:
    for second in range(0, SECONDS_KEPT + 120, 30):
        store.save(sample(START + second, 0.25 if second < 30 else 0.75))
    told = view.history(["cpu"], 0)["cpu"]
    assert told[0] == Point(START + 60, 0.5)
    assert told[1] == Point(START + 120, 0.75)
    assert [point.at for point in told] == sorted({point.at for point in told})


def test_the_file_keeps_a_day_and_no_more(store: MachineStore, view: MachineView) -> None:
    for minute in range(MINUTES_KEPT + 90):
        store.save(sample(START + minute * 60))
    told = view.history(["cpu"], 0)["cpu"]
    assert told[-1].at - told[0].at <= MINUTES_KEPT * 60


def test_a_file_that_cannot_be_read_is_made_anew(path: Path, view: MachineView) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database" * 100)
    with closing(MachineStore(path)) as store:
        store.save(sample(START))
    assert view.poll() == sample(START)
