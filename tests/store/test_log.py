import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from command_center.domain import events as ev
from command_center.domain.errors import LogError, LogTooNew
from command_center.domain.model import Claim, Fleet, Source, State
from command_center.domain.reduce import replay
from command_center.store.log import SCHEMA, EventLog
from command_center.store.view import View
from tests.strategies import LAUNCHED, events

WRITER = """
import sys
from pathlib import Path
from command_center.domain import events as ev
from command_center.store.log import EventLog
log = EventLog(Path(sys.argv[1]))
n = int(sys.argv[2])
while True:
    log.append(ev.Noticed(f"{n} left"), ev.Noticed(f"{n} right"), at=float(n))
    print(n, flush=True)
    n += 1
"""

# The log itself refuses to take an intent twice.
events_but_taken = events.filter(lambda event: not isinstance(event, ev.IntentTaken))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "log.sqlite"


@pytest.fixture
def log(path: Path) -> Iterator[EventLog]:
    with closing(EventLog(path)) as log:
        yield log


def logged(path: Path) -> list[ev.Record]:
    with closing(View(path)) as view:
        return list(view.records())


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """As on a full disk: a write beyond `size` bytes fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_was_appended_is_read_in_order(log: EventLog, path: Path) -> None:
    first = log.append(*LAUNCHED, at=1.5)
    second = log.append(ev.AgentHidden("a"), at=2.5)
    assert [record.seq for record in first + second] == [1, 2, 3]
    assert logged(path) == first + second


@settings(max_examples=40)
@given(st.lists(events_but_taken, max_size=20), st.integers(min_value=0))
def test_a_snapshot_and_the_rest_are_the_whole(happened: list[ev.Event], cut: int) -> None:
    cut %= len(happened) + 1
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(EventLog(Path(folder) / "log.sqlite")) as log,
    ):
        records = log.append(*LAUNCHED, *happened[:cut], at=1.0)
        log.save_snapshot(log.load())
        records += log.append(*happened[cut:], at=2.0)
        assert log.load() == replay(records)


def test_a_snapshot_spares_reading_the_events_before_it(log: EventLog, path: Path) -> None:
    log.append(*LAUNCHED, at=1.0)
    fleet = log.load()
    log.save_snapshot(fleet)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE event SET body = 'broken'")
    assert log.load() == fleet


@pytest.mark.parametrize("damage", ["version = version + 1", "body = x'81'", "body = x'a1ff'"])
def test_a_snapshot_that_cannot_be_used_is_not_needed(
    log: EventLog, path: Path, damage: str
) -> None:
    records = log.append(*LAUNCHED, at=1.0)
    log.save_snapshot(Fleet(seq=1))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"UPDATE snapshot SET {damage}")
    assert log.load() == replay(records)


@pytest.mark.parametrize(
    "unwritable",
    [
        ev.Noticed("not text: \ud800"),
        ev.StateClaimed("a", "a", Claim(Source.OSC, State.IDLE, float("inf"))),
    ],
)
def test_all_events_of_an_append_are_logged_or_none(log: EventLog, unwritable: ev.Event) -> None:
    with pytest.raises(LogError, match=f"{type(unwritable).__name__} cannot be logged"):
        log.append(ev.IntentTaken("i", "Launch"), *LAUNCHED, unwritable, at=1.0)
    assert logged(log.path) == []
    assert not log.has_taken("i")
    assert [record.seq for record in log.append(*LAUNCHED, at=1.0)] == [1, 2]


def test_a_full_disk_loses_nothing_and_the_log_goes_on_after_it(log: EventLog) -> None:
    log.append(*LAUNCHED, at=1.0)
    log.append(ev.Noticed("x" * 100_000), ev.Noticed("y" * 100_000), at=2.0)
    with no_file_larger_than(300_000), pytest.raises(LogError, match=r"log\.sqlite: "):
        log.append(ev.Noticed("x" * 100_000), ev.Noticed("y" * 100_000), at=2.0)
    known = logged(log.path)
    [more] = log.append(ev.AgentHidden("a"), at=3.0)
    assert logged(log.path) == [*known, more]
    assert [record.seq for record in known] == [1, 2, 3, 4]


def test_a_killed_writer_loses_nothing_it_has_acknowledged(path: Path) -> None:
    acknowledged = -1
    for kills in range(5):
        command = [sys.executable, "-c", WRITER, str(path), str(acknowledged + 1)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            for _ in range(20 + 7 * kills):
                acknowledged = int(writer.stdout.readline())
            writer.kill()
            acknowledged = max([acknowledged, *map(int, writer.stdout.read().split())])
        texts = [r.event.text for r in logged(path) if isinstance(r.event, ev.Noticed)]
        assert texts[0::2] == [f"{n} left" for n in range(len(texts) // 2)]
        assert texts[1::2] == [f"{n} right" for n in range(len(texts) // 2)]
        assert len(texts) // 2 in (acknowledged + 1, acknowledged + 2)
        acknowledged = len(texts) // 2 - 1


def test_an_intent_is_taken_once_and_for_all(log: EventLog, path: Path) -> None:
    assert not log.has_taken("i")
    log.append(ev.IntentTaken("i", "Launch"), at=1.0)
    assert log.has_taken("i")
    with closing(EventLog(path)) as again:
        assert again.has_taken("i")
        with pytest.raises(LogError):
            again.append(ev.IntentTaken("i", "Launch"), at=2.0)


def test_all_readers_see_the_same(log: EventLog, path: Path) -> None:
    with closing(View(path)) as one, closing(View(path)) as other:
        for event in (*LAUNCHED, ev.AgentHidden("a")):
            log.append(event, at=1.0)
            seen = one.poll()
            assert seen is not None
            assert seen == other.poll() == log.load()


def test_a_log_of_a_newer_program_is_refused_with_the_way_out(path: Path) -> None:
    EventLog(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version={SCHEMA + 1}")
    for open_log in (EventLog, lambda path: View(path).poll()):
        with pytest.raises(LogTooNew) as refused:
            open_log(path)
        assert f"{path}: written by a newer Command Center" in str(refused.value)
        assert "upgrade with" in str(refused.value)


def test_an_event_of_a_newer_program_is_refused(log: EventLog, path: Path) -> None:
    log.append(*LAUNCHED, at=1.0)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE event SET version = 99 WHERE seq = 2")
    with pytest.raises(LogError, match=r"event 2: .*; upgrade Command Center"):
        log.load()


def test_a_file_that_is_no_log_is_named(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("a letter to my aunt" * 100)
    with pytest.raises(LogError, match=r"log\.sqlite: .* move the file away"):
        EventLog(path)


def test_a_log_that_cannot_be_opened_is_named(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(LogError, match=r"log\.sqlite: unable to open"):
        EventLog(path)
