"""The present figures: what one process writes, others see."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from command_center.domain.gauges import CatchUp, Gauge
from command_center.domain.usage import Context, Tokens
from command_center.store.gauges import GaugeStore, GaugeView

ADA = Gauge(
    "ada",
    1.0,
    doing="Edit a.py",
    spent=Tokens(1, 2, 3, 4, 5, 6),
    money=1.25,
    context=Context(10, 200),
    rate=3.5,
    trend=(0.0, 3.5),
    busy_s=9.0,
)
BOB = Gauge("bob", 1.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "gauges.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[GaugeStore]:
    with closing(GaugeStore(path)) as store:
        yield store


@pytest.fixture
def view(path: Path) -> Iterator[GaugeView]:
    with closing(GaugeView(path)) as view:
        yield view


def test_a_file_that_does_not_exist_yet_is_no_news(view: GaugeView) -> None:
    assert view.poll() is None


def test_what_is_saved_is_seen_once(store: GaugeStore, view: GaugeView) -> None:
    store.save({"ada": ADA, "bob": BOB})
    assert view.poll() == {"ada": ADA, "bob": BOB}
    assert view.poll() is None


def test_saving_the_same_again_is_no_news(store: GaugeStore, view: GaugeView) -> None:
    store.save({"ada": ADA})
    view.poll()
    store.save({"ada": ADA})
    assert view.poll() is None


def test_an_agent_that_did_not_change_is_the_same_object(
    store: GaugeStore, view: GaugeView
) -> None:
    store.save({"ada": ADA, "bob": BOB})
    before = view.poll()
    store.save({"ada": ADA, "bob": Gauge("bob", 2.0)})
    after = view.poll()
    assert before is not None
    assert after is not None
    assert after["ada"] is before["ada"]
    assert after["bob"].at == 2.0


def test_an_agent_that_is_gone_loses_its_gauge(store: GaugeStore, view: GaugeView) -> None:
    store.save({"ada": ADA, "bob": BOB})
    store.save({"bob": BOB})
    assert view.poll() == {"bob": BOB}


def test_a_new_writer_clears_what_an_older_one_left(path: Path, view: GaugeView) -> None:
    with closing(GaugeStore(path)) as store:
        store.save({"ada": ADA})
    with closing(GaugeStore(path)) as store:
        assert view.poll() == {"ada": ADA}
        store.save({"bob": BOB})
        assert view.poll() == {"bob": BOB}


def test_how_far_the_history_is_read_is_told_until_it_is(
    store: GaugeStore, view: GaugeView
) -> None:
    store.save({}, CatchUp(5, 10))
    assert view.poll() == {}
    assert view.catch_up == CatchUp(5, 10)
    store.save({})
    assert view.poll() == {}
    assert view.catch_up is None


def test_a_file_that_is_no_database_is_made_anew(path: Path, view: GaugeView) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database" * 500)
    with closing(GaugeStore(path)) as store:
        store.save({"ada": ADA})
        assert view.poll() == {"ada": ADA}


def test_a_file_that_was_replaced_is_followed(path: Path, view: GaugeView) -> None:
    with closing(GaugeStore(path)) as store:
        store.save({"ada": ADA})
    view.poll()
    path.unlink()
    with closing(GaugeStore(path)) as store:
        store.save({"bob": BOB})
        assert view.poll() == {"bob": BOB}


def test_the_file_stays_small(store: GaugeStore, path: Path) -> None:
    for second in range(2000):
        store.save({"ada": Gauge("ada", float(second), trend=tuple([float(second)] * 60))})
    size = sum(file.stat().st_size for file in path.parent.iterdir())
    assert size < 8 * 2**20
