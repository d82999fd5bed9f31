"""A log played back at any speed, from our own log and from files of anybody."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from command_center.domain import events as ev
from command_center.domain.errors import LogError
from command_center.domain.model import Claim, Order, Repo, Source, State
from command_center.domain.reduce import replay
from command_center.store.log import EventLog
from command_center.store.replay import ReplayView
from command_center.store.tape import FileTape, LogTape, Tape, exported

NOON = 1_800_000_000.0
ORDER = Order("able", "shop", "agents/ada", "HEAD", "/trees/ada")
BUSY, IDLE = State.BUSY, State.IDLE


def said(number: int) -> ev.Event:
    claim = Claim(Source.PUBLISHED, IDLE if number % 2 else BUSY, NOON + number, str(number))
    return ev.StateClaimed("ada", "ada-1", claim)


def record(log: EventLog, count: int) -> None:
    """An agent that says something every second, `count` events in all."""
    log.append(ev.RepositoryAdded(Repo("shop", "shop", "/src", "/src/.git")), at=NOON)
    log.append(ev.LaunchIntended("ada", "ada", "ada-1", ORDER), at=NOON + 1)
    log.append(ev.PaneOpened("ada", "ada-1", "%1"), at=NOON + 2)
    for number in range(3, count):
        log.append(said(number), at=NOON + number)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    log = EventLog(tmp_path / "events.db")
    yield log
    log.close()


@pytest.fixture(params=["log", "file"])
def tape(request: pytest.FixtureRequest, log: EventLog) -> Iterator[Tape]:
    record(log, 1200)
    tape: Tape = LogTape(log.path)
    if request.param == "file":
        file = log.path.with_suffix(".jsonl")
        file.write_bytes(b"".join(exported(tape.records(0, 1200))))
        tape = FileTape(file)
    yield tape
    tape.close()


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_replay_shows_the_fleet_as_it_stood_and_plays_on(tape: Tape) -> None:
    clock = Clock()
    view = ReplayView(tape, since=NOON + 10.5, clock=clock)
    view.prepare()
    fleet = view.poll()
    assert fleet is not None
    assert (fleet.agents["ada"].reason, fleet.seq) == ("10", 11)
    assert view.poll() is None
    clock.now += 2
    fleet = view.poll()
    assert fleet is not None
    assert fleet.agents["ada"].reason == "12"


def test_a_replay_runs_at_its_speed_and_stops_at_the_end(tape: Tape) -> None:
    clock = Clock()
    view = ReplayView(tape, clock=clock, speed=60.0)
    clock.now += 2
    assert view.now == NOON + 120
    view.change_speed(+1)
    clock.now += 1
    assert (view.speed, view.now) == (300.0, NOON + 420)
    clock.now += 1000
    assert (view.now, view.is_over) == (NOON + 1199, True)
    view.turn()
    assert (view.now, view.is_playing) == (NOON, True)


def test_a_paused_replay_stands_still_and_steps_event_by_event(tape: Tape) -> None:
    clock = Clock()
    view = ReplayView(tape, since=NOON + 100.5, clock=clock)
    view.turn()
    clock.now += 50
    assert view.now == NOON + 100.5
    for step, at in ((1, 101), (1, 102), (-1, 101), (-5000, 0), (5000, 1199)):
        view.step(step)
        assert view.now == NOON + at


@pytest.fixture(scope="module")
def long_tape(tmp_path_factory: pytest.TempPathFactory) -> LogTape:
    log = EventLog(tmp_path_factory.mktemp("long") / "events.db")
    record(log, 1700)
    log.close()
    return LogTape(log.path)


@settings(max_examples=20)
@given(places=st.lists(st.integers(-5, 1800), min_size=1, max_size=8))
def test_scrubbing_shows_what_reducing_from_the_start_does(
    long_tape: LogTape, places: list[int]
) -> None:
    view = ReplayView(long_tape)
    view.prepare()
    view.turn()
    for place in places:
        view.seek(NOON + place)
        view.poll()
        count = min(max(place, 0) + 1, 1700)
        assert view.fleet == replay(long_tape.records(0, count))


def test_what_is_not_prepared_yet_is_shown_as_soon_as_it_is(long_tape: LogTape) -> None:
    view = ReplayView(long_tape, since=NOON + 1650)
    view.turn()
    view.prepare(600)
    fleet = view.poll()
    assert fleet is not None
    assert 600 <= fleet.seq < 1650
    assert 0.3 < view.prepared < 1
    view.prepare()
    fleet = view.poll()
    assert fleet is not None
    assert (fleet.seq, view.prepared) == (1651, 1)


def test_a_clock_that_was_set_back_loses_no_event(log: EventLog) -> None:
    record(log, 5)
    log.append(said(7), at=NOON - 3600)
    log.append(said(8), at=NOON + 5)
    view = ReplayView(LogTape(log.path), since=NOON + 4)
    view.prepare()
    fleet = view.poll()
    assert fleet is not None
    assert fleet.agents["ada"].reason == "7"


def test_what_is_logged_later_is_not_in_the_replay(log: EventLog) -> None:
    record(log, 10)
    view = ReplayView(LogTape(log.path), since=NOON + 9)
    view.prepare()
    log.append(said(11), at=NOON + 9)
    fleet = view.poll()
    assert fleet is not None
    assert fleet.seq == 10


def test_an_exported_log_reads_back_word_for_word(log: EventLog, tmp_path: Path) -> None:
    record(log, 10)
    log.append(ev.Noticed("\x1b[31m красный \n 漢字"), at=NOON + 10)
    tape = LogTape(log.path)
    file = tmp_path / "x.jsonl"
    file.write_bytes(b"".join(exported(tape.records(0, 11))))
    assert list(FileTape(file).records(0, 11)) == list(tape.records(0, 11))


GOOD = b'{"seq":1,"at":1.5,"version":1,"event":{"type":"Noticed","text":"x"}}\n'


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "the file is empty"),
        (b"not json\n", "line 1: not an event of ours"),
        (GOOD + b"{}\n", "line 2: not an event of ours"),
        (GOOD + GOOD, "line 2: event 1 comes after event 1"),
        (GOOD.replace(b"Noticed", b"Exploded"), "line 1: not an event of ours"),
        (GOOD.replace(b'"version":1', b'"version":99'), "event of version 99"),
        (GOOD.replace(b"1.5", b"-1"), "the time -1.0 is none"),
        (GOOD.replace(b"1.5", b"1e99"), "the time 1e+99 is none"),
        (GOOD.replace(b'"seq":1', b'"seq":1,"more":2'), "unknown field `more`"),
        (GOOD[:-20], "line 1: not an event of ours"),
        (b"[" * 100_000, "line 1: not an event of ours"),
        (b"\xff\xfe" + GOOD, "line 1: not an event of ours"),
    ],
)
def test_a_file_that_is_no_log_is_told_by_its_line(tmp_path: Path, body: bytes, told: str) -> None:
    file = tmp_path / "x.jsonl"
    file.write_bytes(body)
    with pytest.raises(LogError) as caught:
        FileTape(file)
    assert str(caught.value).startswith(str(file))
    assert told in str(caught.value)


def test_a_missing_file_and_a_missing_log_are_told(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="No such file"):
        FileTape(tmp_path / "gone")
    with pytest.raises(LogError, match="there is no log yet"):
        LogTape(tmp_path / "gone.db")


def test_a_log_without_events_is_nothing_to_replay(log: EventLog) -> None:
    with pytest.raises(LogError, match="nothing to replay"):
        ReplayView(LogTape(log.path))
