"""Counting once, whatever was read twice, and whatever happens in between."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace

from command_center.domain.errors import LogError, LogTooNew
from command_center.domain.usage import (
    NOTHING,
    PROMPT_SIZES,
    Context,
    Cursor,
    Finding,
    RateWindow,
    SessionSeen,
    Source,
    Tokens,
    UsageRow,
    prompt_size,
)
from command_center.store.usage import LocalDays, UsageStore
from command_center.store.usage_schema import MIGRATIONS
from command_center.store.usage_view import Step, UsageView
from tests.transcripts import counted

ADA, BOB = Source("one", "/srv/a"), Source("one", "/srv/b")
NOON = 1795176000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "usage.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[UsageStore]:
    with UsageStore(path, day=lambda at: f"day {at // 86400:.0f}") as store:
        yield store


def row(key: int, output: int = 10, session: str = "s1", at: float = NOON) -> UsageRow:
    return UsageRow(key, session, "model-1", at, Tokens(100, output))


def found(*rows: UsageRow, path: str = "f", offset: int = 0) -> Finding:
    return Finding(path, Cursor(offset=offset), rows)


def whole(view: UsageView) -> Tokens:
    return sum((total.tokens for total in view.totals()), NOTHING)


def test_a_file_that_is_only_just_being_made_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "new.sqlite").touch()
    with UsageView(tmp_path / "new.sqlite") as view:
        assert view.totals("session") == []


def test_a_message_is_counted_once_whatever_files_it_is_in(store: UsageStore) -> None:
    assert len(store.record(ADA, [found(row(1), row(2)), found(row(1, session="s2"))])) == 2
    assert store.record(ADA, [found(row(2, session="s2"))]) == []
    [total] = store.totals("session")
    assert (total.by, total.tokens, total.messages) == (("s1",), Tokens(200, 20), 2)


def test_a_message_that_grew_adds_the_difference_to_its_first_session(store: UsageStore) -> None:
    store.record(ADA, [found(row(1, 10))])
    assert store.record(ADA, [found(row(1, 90, "s2"))]) == [
        UsageRow(1, "s1", "model-1", NOON, Tokens(output=80))
    ]
    [total] = store.totals("session")
    assert (total.tokens, total.messages) == (Tokens(100, 90), 1)


def test_an_older_record_of_a_message_takes_nothing_away(store: UsageStore) -> None:
    store.record(ADA, [found(row(1, 90))])
    assert store.record(ADA, [found(row(1, 10))]) == []
    assert whole(store) == Tokens(100, 90)


def test_a_message_that_outgrew_its_size_moves_with_all_its_tokens(store: UsageStore) -> None:
    store.record(ADA, [found(UsageRow(1, "s1", "m", NOON, Tokens(200_000, 5)))])
    store.record(ADA, [found(UsageRow(1, "s1", "m", NOON, Tokens(200_001, 5)))])
    sums = {total.by: (total.messages, total.tokens) for total in store.totals("size")}
    assert sums["200000",] == (1, Tokens(200_001, 5))
    assert sums["199999",] == (0, NOTHING)


def test_two_accounts_are_told_apart_and_share_no_message(store: UsageStore) -> None:
    store.record(ADA, [found(row(1))])
    store.record(BOB, [found(row(1), row(2))])
    assert {total.by: total.messages for total in store.totals("account")} == {
        ("/srv/a",): 1,
        ("/srv/b",): 1,
    }


def test_a_restart_knows_what_was_read_and_counted(path: Path) -> None:
    with UsageStore(path) as store:
        store.record(ADA, [found(row(1), offset=7)])
    with UsageStore(path) as store:
        assert store.cursors() == {"f": Cursor(offset=7)}
        assert store.record(ADA, [found(row(1))]) == []
        assert whole(store) == Tokens(100, 10)


def test_counts_and_positions_are_saved_together_or_not_at_all(store: UsageStore) -> None:
    too_much = UsageRow(2, "s1", "model-1", NOON, Tokens(2**70))
    with pytest.raises(LogError):
        store.record(ADA, [found(row(1), offset=7), found(too_much)])
    assert store.cursors() == {}
    assert whole(store) == NOTHING
    store.record(ADA, [found(row(1), offset=7)])
    assert whole(store) == Tokens(100, 10)


def test_a_clock_that_jumps_moves_no_message_to_another_day(store: UsageStore) -> None:
    store.record(ADA, [found(row(1), row(2, at=NOON + 10**7), row(3, at=NOON - 10**7))])
    store.record(ADA, [found(row(4, at=0.0))])
    days = {total.by[0]: total.messages for total in store.totals("day")}
    assert sorted(days.values()) == [1, 1, 1, 1]


def test_totals_cover_the_days_asked_for(store: UsageStore) -> None:
    store.record(ADA, [found(row(1), row(2, at=NOON + 86400))])
    assert [total.messages for total in store.totals(since="day 20778")] == [1]
    assert store.totals(since="day 30000") == []


def test_a_conversation_is_summed_over_any_time(store: UsageStore) -> None:
    store.record(ADA, [found(row(1), row(2, at=NOON + 60), row(3, session="s2"))])
    assert store.spent("s1", NOON, NOON + 60) == Tokens(100, 10)
    assert store.spent("s3", NOON, NOON + 60) == NOTHING


def test_a_series_has_one_sum_per_step_and_model(store: UsageStore) -> None:
    store.record(ADA, [found(row(1), row(2, at=NOON + 1), row(3, at=NOON + 60))])
    assert store.series(NOON, NOON + 3600, 60) == [
        Step(NOON, "s1", "model-1", 0, Tokens(200, 20)),
        Step(NOON + 60, "s1", "model-1", 0, Tokens(100, 10)),
    ]


@pytest.mark.parametrize(
    "prompt", [0, 1, *(size + by for size in PROMPT_SIZES[1:] for by in (0, 1))]
)
def test_a_series_tells_prompts_of_a_size_apart(store: UsageStore, prompt: int) -> None:
    tokens = Tokens(input=prompt, output=1)
    store.record(ADA, [found(replace(row(1), tokens=tokens))])
    assert [step.size for step in store.series(NOON, NOON + 60, 60)] == [prompt_size(tokens)]


def test_what_was_told_about_a_session_stays_until_told_anew(store: UsageStore) -> None:
    told = SessionSeen("s1", "/srv/wt", Context(10, 100))
    store.record(ADA, [Finding("f", Cursor(), (row(1),), (told,))])
    store.record(ADA, [Finding("f", Cursor(), (), (SessionSeen("s1"),))])
    assert [seen.context for seen in store.sessions()] == [Context(10, 100)]
    assert [total.by for total in store.totals("folder")] == [("/srv/wt",)]


def test_a_total_with_a_guess_in_it_is_a_guess(store: UsageStore) -> None:
    told = SessionSeen("s2", is_estimate=True)
    store.record(ADA, [Finding("f", Cursor(), (row(1), row(2, session="s2")), (told,))])
    assert [total.is_estimate for total in store.totals("session")] == [False, True]
    assert [total.is_estimate for total in store.totals()] == [True]


def test_the_newest_window_is_kept_per_account(store: UsageStore) -> None:
    new, old = RateWindow(300, 5.0, 2000.0), RateWindow(300, 95.0, 1000.0)
    store.record(ADA, [Finding("f", Cursor(), windows=(new,))])
    store.record(ADA, [Finding("g", Cursor(), windows=(old,))])
    store.record(BOB, [Finding("h", Cursor(), windows=(old,))])
    assert dict(store.windows()) == {ADA: new, BOB: old}


def test_another_process_reads_while_this_one_writes(store: UsageStore, path: Path) -> None:
    store.record(ADA, [found(row(1))])
    with UsageView(path) as view:
        store.record(ADA, [found(row(2))])
        assert whole(view) == Tokens(200, 20)


def test_a_newer_file_is_left_alone(path: Path) -> None:
    UsageStore(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(LogTooNew, match="newer"):
        UsageStore(path)


def test_a_file_that_is_no_database_is_named(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database at all, and long enough to be taken for one" * 20)
    with pytest.raises(LogError, match=r"usage\.sqlite.*move the file away"):
        UsageStore(path)


def test_days_are_local(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    try:
        days = LocalDays()
        assert days(NOON + 6 * 3600) == "2026-11-20"
        assert days(NOON + 6 * 3600 + 15 * 60) == "2026-11-21"
        assert days(3 * 86_400.0) == "1970-01-04"
        assert days(0.0) == ""
        assert days(10**15) == ""
    finally:
        monkeypatch.undo()
        time.tzset()


ROWS = st.builds(row, st.integers(0, 5), st.integers(0, 9), st.sampled_from(["s1", "s2"]))


@given(groups=st.lists(st.lists(ROWS, max_size=8), max_size=5), random=st.randoms())
def test_any_order_and_grouping_of_records_gives_the_same_totals(
    groups: list[list[UsageRow]], random: Random, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = [row for group in groups for row in group]
    shuffled = random.sample(rows, len(rows))
    with UsageStore(tmp_path_factory.mktemp("usage") / "u.sqlite") as store:
        grown = [more for group in groups for more in store.record(ADA, [found(*group)])]
        store.record(ADA, [found(one) for one in shuffled])
        assert whole(store) == counted(rows)
        assert sum((more.tokens for more in grown), NOTHING) == counted(rows)


def test_sums_and_messages_of_some_sessions_can_be_asked_for(store: UsageStore) -> None:
    late = row(2, session="s2", at=NOON + 5)
    store.record(ADA, [found(late, row(1), row(3, session="s3"))])
    assert {t.by[0] for t in store.totals("session", sessions=["s1", "s2"])} == {"s1", "s2"}
    assert store.totals("session", sessions=[]) == []
    told = [(session, at) for session, _, at, _ in store.messages(["s1", "s2"], NOON)]
    assert told == [("s1", NOON), ("s2", NOON + 5)]
    assert len(list(store.messages(None, NOON + 1))) == 1


def test_a_session_is_told_as_it_was_last_seen(store: UsageStore) -> None:
    for model in ("model-1", "", "model-2"):
        seen = SessionSeen("s1", "/wt", Context(5, 10), model=model)
        store.record(ADA, [Finding("f", Cursor(), (), (seen,))])
    assert store.sessions() == [SessionSeen("s1", "/wt", Context(5, 10), model="model-2")]


def test_a_file_of_the_first_schema_is_brought_up_to_date(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.executescript(f"{MIGRATIONS[0]} PRAGMA user_version=1;")
        db.execute("INSERT INTO session (spec, account, name) VALUES ('one', '/srv/a', 's1')")
        db.execute("INSERT INTO message VALUES (1, 1, 'model-1', ?, 100, 10, 0, 0, 0, 0)", (NOON,))
    db.close()
    with UsageStore(path) as store:
        assert store.sessions() == [SessionSeen("s1")]
        assert list(store.messages(None, 0)) == [("s1", "model-1", NOON, Tokens(100, 10))]
        assert store.record(ADA, [found(row(1), row(2))]) == [row(2)]
