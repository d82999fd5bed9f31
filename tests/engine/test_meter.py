"""Following many files, and counting each once."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_center.domain.usage import NOTHING, Finding, Shape, Source, Tokens
from command_center.drivers.transcripts import FORMATS
from command_center.engine import meter as metering
from command_center.engine.meter import Changed, Meter, Watched
from command_center.store.usage import UsageStore
from tests.transcripts import block, message

PATTERNS = ("${config}/projects/**/*.jsonl",)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[UsageStore]:
    with UsageStore(tmp_path / "usage.sqlite") as store:
        yield store


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def watched(config: Path) -> Watched:
    source = Source("one", str(config))
    return Watched(source, Shape.MESSAGE_BLOCKS, PATTERNS, {"config": str(config)})


def transcript(config: Path, session: str, *lines: bytes) -> Path:
    path = config / "projects" / "-srv-wt" / f"{session}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(lines))
    return path


def whole(store: UsageStore) -> Tokens:
    return sum((total.tokens for total in store.totals()), NOTHING)


def test_a_tick_counts_what_grew(tmp_path: Path, store: UsageStore) -> None:
    path = transcript(tmp_path / "a", "s1", block("m1"))
    meter = Meter(store)
    meter.discover(watched(tmp_path / "a"))
    assert [row.tokens for row in meter.tick()] == [message()]
    assert meter.tick() == ()
    with path.open("ab") as file:
        file.write(block("m1", output=30) + block("m2"))
    assert sum((row.tokens for row in meter.tick()), NOTHING) == message() + Tokens(output=20)
    assert whole(store) == message() + message(30)


def test_a_fork_adds_only_what_is_its_own(tmp_path: Path, store: UsageStore) -> None:
    parent = transcript(tmp_path / "a", "s1", block("m1"), block("m2"))
    copied = (block("m1", session="s0"), block("m2", session="s0"))
    fork = transcript(tmp_path / "a", "s0", *copied, block("m3", session="s0"))
    os.utime(parent, (1000, 1000))
    os.utime(fork, (2000, 2000))
    meter = Meter(store)
    meter.discover(watched(tmp_path / "a"))
    meter.tick()
    assert {t.by[0]: t.messages for t in store.totals("session")} == {"s1": 2, "s0": 1}


class Unread:
    """A format that may be looked at only."""

    look = staticmethod(FORMATS[Shape.MESSAGE_BLOCKS].look)


def test_a_restart_reads_nothing_again(
    tmp_path: Path, store: UsageStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    transcript(tmp_path / "a", "s1", block("m1"))
    first = Meter(store)
    first.discover(watched(tmp_path / "a"))
    first.tick()
    monkeypatch.setattr(metering, "FORMATS", {Shape.MESSAGE_BLOCKS: Unread()})
    second = Meter(store)
    second.discover(watched(tmp_path / "a"))
    assert second.tick() == ()


def test_two_accounts_are_followed_side_by_side(tmp_path: Path, store: UsageStore) -> None:
    meter = Meter(store)
    for account, name in (("a", "m1"), ("b", "m2")):
        transcript(tmp_path / account, account, block(name, session=account))
        meter.discover(watched(tmp_path / account))
    meter.tick()
    accounts = {total.by: total.messages for total in store.totals("account")}
    assert accounts == {(str(tmp_path / "a"),): 1, (str(tmp_path / "b"),): 1}


def test_a_vanished_file_stops_nothing(tmp_path: Path, store: UsageStore) -> None:
    gone = transcript(tmp_path / "a", "s1", block("m1"))
    transcript(tmp_path / "a", "s2", block("m2"))
    meter = Meter(store)
    meter.discover(watched(tmp_path / "a"))
    gone.unlink()
    meter.tick()
    assert whole(store) == message()


@pytest.mark.parametrize("has_helper", [False, True])
def test_a_scan_tells_its_progress_and_counts_everything(
    has_helper: bool, tmp_path: Path, store: UsageStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metering, "BATCH", 4)
    monkeypatch.setattr(metering, "ROUND", 20_000)
    for number in range(60):
        transcript(tmp_path / "a", f"s{number}", block(f"m{number}"), block("shared"))
    meter = Meter(store)
    meter.discover(watched(tmp_path / "a"))
    told = list(meter.scan(has_helper=has_helper))
    assert len(told) > 2
    assert [progress.done for progress in told] == sorted({progress.done for progress in told})
    assert told[-1].done == told[-1].all
    assert whole(store) == message(count=61)
    assert meter.tick() == ()


@pytest.mark.parametrize("has_helper", [False, True])
def test_only_a_scan_with_a_helper_leaves_what_is_there_to_both(
    has_helper: bool, tmp_path: Path, store: UsageStore
) -> None:
    transcript(tmp_path / "a", "s1", block("m1"))
    meter = Meter(store)
    meter.discover(watched(tmp_path / "a"))
    before = gc.get_freeze_count()
    assert list(meter.scan(has_helper=has_helper))
    assert gc.isenabled()
    assert (gc.get_freeze_count() > before) is has_helper


def test_what_a_dead_helper_did_not_tell_is_read_later(
    tmp_path: Path, store: UsageStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        transcript(tmp_path / "a", f"s{number}", block(f"m{number}"))
    meter = Meter(store)
    meter.discover(watched(tmp_path / "a"))
    parent, read = os.getpid(), meter._found

    def die(changed: Changed) -> Iterator[Finding]:
        if os.getpid() != parent:
            os._exit(9)
        yield from read(changed)

    monkeypatch.setattr(meter, "_found", die)
    assert list(meter.scan(has_helper=True))
    assert 0 < whole(store).total < message(count=4).total
    meter.tick()
    assert whole(store) == message(count=4)
