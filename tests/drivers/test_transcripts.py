"""Each shape of file, on what the real CLIs wrote."""

import json
import sqlite3
from pathlib import Path

import pytest

from command_center.domain.usage import (
    NOTHING,
    Context,
    Cursor,
    Finding,
    RateWindow,
    SessionSeen,
    Shape,
    Tokens,
)
from command_center.drivers.transcripts import FORMATS, files
from tests.transcripts import CORPUS, SESSION, block, counted, message

THREAD = "01a1f958-3718-7ef0-b72c-8264f979f1a6"
GROWING = tuple(shape for shape in Shape if shape not in (Shape.MESSAGE_TABLE, Shape.TURN_TOTALS))


def read(shape: Shape, path: Path, cursor: Cursor | None = None) -> Finding:
    return FORMATS[shape].read(path, cursor or Cursor())


def recorded(shape: Shape, name: str) -> Finding:
    return read(shape, CORPUS / shape / name)


def seen(finding: Finding) -> SessionSeen:
    [only] = finding.sessions
    return only


def database(path: Path) -> sqlite3.Connection:
    """As the CLI keeps it: one session, its messages."""
    told = json.loads((CORPUS / "message-table" / "rows.json").read_text())
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("CREATE TABLE session (id TEXT PRIMARY KEY, parent_id TEXT, directory TEXT)")
    db.execute("CREATE TABLE message (id TEXT, session_id TEXT, time_updated INTEGER, data TEXT)")
    session = told["session"]
    db.execute("INSERT INTO session VALUES (?, NULL, ?)", (session["id"], session["directory"]))
    for number, data in enumerate(told["message.data"]):
        values = (f"msg_{number}", session["id"], 1000 + number, json.dumps(data))
        db.execute("INSERT INTO message VALUES (?,?,?,?)", values)
    db.commit()
    return db


def test_a_message_told_once_per_block_is_one_message() -> None:
    main = recorded(Shape.MESSAGE_BLOCKS, f"{SESSION}.jsonl")
    [side] = (CORPUS / "message-blocks" / SESSION).glob("subagents/*.jsonl")
    whole = counted([*main.rows, *read(Shape.MESSAGE_BLOCKS, side).rows])
    assert whole == Tokens(input=1081, output=190, cache_read=18700, cache_write=570)
    assert seen(main) == SessionSeen(
        SESSION, "/srv/dev/wt/claude", Context(2820), model="claude-sonnet-4-6"
    )


def test_a_subagent_belongs_to_the_session_that_started_it_and_fills_no_window() -> None:
    [side] = (CORPUS / "message-blocks" / SESSION).glob("subagents/*.jsonl")
    finding = read(Shape.MESSAGE_BLOCKS, side)
    assert {row.session for row in finding.rows} == {SESSION}
    assert seen(finding).context is None


def test_errors_and_interrupts_spend_nothing() -> None:
    assert recorded(Shape.MESSAGE_BLOCKS, "errors.jsonl").rows == ()


def test_the_dearer_tier_of_the_cache_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    path.write_bytes(block("m1", long=200))
    [row] = read(Shape.MESSAGE_BLOCKS, path).rows
    assert (row.tokens.cache_write, row.tokens.cache_write_long) == (300, 200)


def test_equal_counts_of_two_messages_are_two_messages(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    path.write_bytes(block("m1") + block("m2") + block("m2", "req_2"))
    assert counted(read(Shape.MESSAGE_BLOCKS, path).rows) == message(count=3)


def test_a_rollout_counts_each_response_and_tells_context_and_limits() -> None:
    finding = recorded(Shape.ROLLOUT, "rollout.jsonl")
    assert counted(finding.rows) == Tokens(600, 120, 11000, reasoning=10)
    assert {row.model for row in finding.rows} == {"gpt-5.4"}
    assert seen(finding) == SessionSeen(THREAD, "/srv/dev/wt/codex", Context(2564, 258400))
    assert finding.windows == (
        RateWindow(300, 55.0, 1795188272.0),
        RateWindow(10080, 27.5, 1795584672.0),
    )


def test_a_rollout_without_records_is_counted_by_its_running_total() -> None:
    finding = recorded(Shape.ROLLOUT, "rollout-without-records.jsonl")
    assert counted(finding.rows) == Tokens(2200, 500, 43000, reasoning=50)


def test_a_repeated_running_total_adds_nothing(tmp_path: Path) -> None:
    lines = (CORPUS / "rollout" / "rollout-without-records.jsonl").read_bytes().splitlines(True)
    path = tmp_path / "rollout.jsonl"
    later = [line.replace(b"2026-11-20", b"2026-11-21") for line in lines]
    path.write_bytes(b"".join(each for pair in zip(lines, later, strict=True) for each in pair))
    assert counted(read(Shape.ROLLOUT, path).rows).total == 45700


def test_the_last_record_of_a_chat_message_is_the_one() -> None:
    finding = recorded(Shape.CHAT_RECORDS, "chat.jsonl")
    assert len(finding.rows) == 3
    assert counted(finding.rows) == Tokens(220, 52, 4300, reasoning=7)
    assert seen(finding).context == Context(2420)


def test_usage_events_are_counted_and_closing_sums_are_not() -> None:
    finding = recorded(Shape.EVENT_RECORDS, "events.jsonl")
    assert counted(finding.rows) == Tokens(500, 100, 10000)
    assert seen(finding).context == Context(2100, 128000)
    assert seen(finding).folder == "/srv/dev/wt/copilot"


def test_estimates_are_marked_as_such() -> None:
    finding = recorded(Shape.ANALYTICS_LOG, "analytics.jsonl")
    assert counted(finding.rows) == Tokens(5163, 32)
    assert seen(finding).is_estimate


def test_turn_totals_are_counted_per_turn_and_model() -> None:
    [path] = (CORPUS / "turn-totals").rglob("usage.json")
    finding = read(Shape.TURN_TOTALS, path)
    assert counted(finding.rows) == Tokens(400, 80, 8000)
    assert seen(finding).context == Context(2161, 200000)
    assert seen(finding).folder == "/srv/dev/wt"


def test_a_database_is_read_while_the_cli_has_it_open(tmp_path: Path) -> None:
    db = database(tmp_path / "open.db")
    finding = read(Shape.MESSAGE_TABLE, tmp_path / "open.db")
    assert counted(finding.rows) == Tokens(220, 52, 4300, reasoning=7)
    assert seen(finding).context == Context(2420)
    db.close()


def test_only_newer_messages_of_a_database_are_read(tmp_path: Path) -> None:
    path = tmp_path / "open.db"
    db = database(path)
    cursor = read(Shape.MESSAGE_TABLE, path).cursor
    old = FORMATS[Shape.MESSAGE_TABLE].look(str(path))
    data = {"role": "assistant", "tokens": {"input": 5, "output": 6}}
    values = ("msg_9", "ses_child", 2000, json.dumps(data))
    db.execute("INSERT INTO session SELECT 'ses_child', id, directory FROM session")
    db.execute("INSERT INTO message VALUES (?,?,?,?)", values)
    db.commit()
    assert FORMATS[Shape.MESSAGE_TABLE].look(str(path)) != old
    rows = read(Shape.MESSAGE_TABLE, path, cursor).rows
    [newest] = [row for row in rows if row.tokens == Tokens(5, 6)]
    assert newest.session.startswith("ses_e06c")
    assert len(rows) == 2
    db.close()


def test_a_file_that_is_no_database_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "open.db"
    path.write_bytes(b"no database at all, and long enough to be taken for one" * 20)
    with pytest.raises(OSError, match=r"open\.db"):
        read(Shape.MESSAGE_TABLE, path)


HOSTILE = (
    b"",
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b'{"type":"assistant","message":{"usage":{"cache_read_input_tokens":-5}}}',
    b'{"type":"assistant","message":{"usage":{"cache_read_input_tokens":1e400}}}',
    b'{"type":"assistant","message":{"usage":{"cache_read_input_tokens":"\\ud800"}}}',
    b'{"type":"assistant","message":"\\ud800","x":"cache_read_input_tokens"}',
    b'{"type":"session_meta","payload":[]}\n{"type":"token_usage_record","payload":7}',
    b'{"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":"x"}}}',
    b'{"tokens":{"input":99999999999999999999999},"$set":{"messages":3}}',
    b'{"type":"session.usage_record","data":{"usage":null}}',
    b'{"event":"message_send","properties":{"prompt_tokens":true},"time":NaN}',
)


@pytest.mark.parametrize("shape", [*GROWING, Shape.TURN_TOTALS])
@pytest.mark.parametrize("content", HOSTILE)
def test_no_content_breaks_a_reader(shape: Shape, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content + b"\n")
    assert read(shape, path).rows == ()


def test_a_broken_record_hides_no_other(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    path.write_bytes(b"\n".join(HOSTILE) + b"\n" + block("m1"))
    assert counted(read(Shape.MESSAGE_BLOCKS, path).rows) == message()


def test_an_unreadable_time_loses_no_tokens(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    path.write_bytes(block("m1", at="yesterday"))
    [row] = read(Shape.MESSAGE_BLOCKS, path).rows
    assert (row.at, row.tokens) == (0.0, message())


def test_patterns_take_values_literally_and_the_rest_as_any_name(tmp_path: Path) -> None:
    for folder in ("[a]", "a"):
        (tmp_path / folder / "x").mkdir(parents=True)
        (tmp_path / folder / "x" / "s1.jsonl").touch()
    found = files(("${config}/${session}/*.jsonl",), {"config": str(tmp_path / "[a]")})
    assert found == [str(tmp_path / "[a]" / "x" / "s1.jsonl")]


def test_nothing_found_is_nothing_spent() -> None:
    assert counted(()) == NOTHING
