"""What growing transcripts tell, by recorded ones of real CLIs, and how they are followed."""

import os
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from command_center.domain.trails import Trace, Trail
from command_center.drivers.trails import TRAILS, Tail, tail as reader
from command_center.drivers.trails.words import call_of, last_sentence

CORPUS = Path(__file__).parents[1] / "corpus" / "trails"


def traces(trail: Trail) -> list[Trace]:
    lines = (CORPUS / f"{trail}.jsonl").read_bytes().splitlines()
    return [trace for line in lines if (trace := TRAILS[trail](line)) is not None]


@pytest.mark.parametrize(
    ("trail", "told"),
    [
        (Trail.MESSAGE_BLOCKS, "user: SM[say:Ready.]SM"),
        (Trail.MESSAGE_BLOCKS, "assistant:tool_use: Agent: please reply"),
        (Trail.MESSAGE_BLOCKS, "user:tool_result"),
        (Trail.MESSAGE_BLOCKS, "assistant:end_turn: Third."),
        (Trail.MESSAGE_BLOCKS, "interrupted: [Request interrupted by user for tool use]"),
        (Trail.MESSAGE_BLOCKS, "system:compact_boundary: Conversation compacted"),
        (
            Trail.MESSAGE_BLOCKS,
            "error:rate_limit: You've hit your 5-hour limit · resets 6:35pm (UTC)",
        ),
        (
            Trail.MESSAGE_BLOCKS,
            "system:informational: Automatic continue cancelled · /rate-limit-options to re-arm",
        ),
        (Trail.ROLLOUT, "task_started"),
        (Trail.ROLLOUT, "task_complete"),
        (Trail.ROLLOUT, "turn_aborted: interrupted"),
        (Trail.ROLLOUT, "tool: exec_command: echo one"),
        (Trail.CHAT_RECORDS, "user: SM[slow:60,0.1 ;; say:long]SM"),
        (Trail.CHAT_RECORDS, "gemini:tools: run_shell_command: touch a.txt"),
        (Trail.CHAT_RECORDS, "user:tool_result"),
        (Trail.EVENT_RECORDS, "permission.requested: touch a.txt"),
        (Trail.EVENT_RECORDS, "permission.completed:approved"),
        (Trail.EVENT_RECORDS, "permission.completed:cancelled"),
        (Trail.EVENT_RECORDS, "abort: user_initiated"),
        (Trail.SESSION_UPDATES, "tool_call: run_terminal_command: touch a.txt"),
        (Trail.SESSION_UPDATES, "turn_completed: end_turn"),
    ],
)
def test_each_record_has_its_word(trail: Trail, told: str) -> None:
    assert told in [trace.told for trace in traces(trail)]


@pytest.mark.parametrize(
    ("trail", "doing"),
    [
        (Trail.MESSAGE_BLOCKS, "Agent: please reply"),
        (Trail.ROLLOUT, "exec_command: echo one"),
        (Trail.CHAT_RECORDS, "run_shell_command: touch a.txt"),
        (Trail.EVENT_RECORDS, "bash: touch b.txt"),
        (Trail.SESSION_UPDATES, "run_terminal_command: touch a.txt"),
    ],
)
def test_a_tool_call_is_what_the_agent_does(trail: Trail, doing: str) -> None:
    assert doing in [trace.doing for trace in traces(trail)]


UNTIMED = (Trail.CHAT_MARKDOWN, Trail.PLAIN_RECORDS)


@pytest.mark.parametrize("trail", [t for t in Trail if t not in UNTIMED])
def test_every_format_tells_times_sentences_and_the_begin_of_a_turn(trail: Trail) -> None:
    told = traces(trail)
    assert all(trace.at > 1_700_000_000 for trace in told)
    assert "Ready." in [trace.doing for trace in told]
    assert "" in [trace.doing for trace in told]


def test_a_limit_of_the_plan_names_the_kind_of_the_error() -> None:
    [limit] = [t for t in traces(Trail.ROLLOUT) if t.word == "task_complete:usage_limit_exceeded"]
    assert limit.text.endswith("try again at 6:46 PM.")


def test_a_sub_agents_records_are_not_the_agents() -> None:
    line = b'{"type":"user","isSidechain":true,"message":{"content":"please reply"}}'
    assert TRAILS[Trail.MESSAGE_BLOCKS](line) is None


@pytest.mark.parametrize(
    ("line", "trace"),
    [
        (b"#### fix the bug  ", Trace("user", "fix the bug", doing="")),
        (b"> Tokens: 778 sent, 2 received.  ", Trace("note", "Tokens: 778 sent, 2 received.")),
        (b"# aider chat started at 2026-11-20", Trace("begin", "aider chat started at 2026-11-20")),
        (b"All is well.", Trace("assistant", "All is well.", doing="All is well.")),
        (b"  ", None),
    ],
)
def test_a_chat_in_markdown_is_told_line_by_line(line: bytes, trace: Trace | None) -> None:
    assert TRAILS[Trail.CHAT_MARKDOWN](line) == trace


def test_anything_can_write_plain_records() -> None:
    read = TRAILS[Trail.PLAIN_RECORDS]
    assert read(b'{"type":"tool","tool":"Write","detail":"a.py","at":5}') == Trace(
        "tool", "Write a.py", 5.0, "Write a.py"
    )
    said = read(b'{"type":"assistant","outcome":"done","text":"Wrote it.\\nAll is well."}')
    assert said == Trace("assistant:done", "Wrote it.\nAll is well.", 0.0, "All is well.")


@pytest.mark.parametrize("trail", Trail)
@given(
    line=st.binary() | st.from_regex(r'\{"(type|params|message|payload)":.{0,40}\}').map(str.encode)
)
def test_no_line_breaks_a_reader(trail: Trail, line: bytes) -> None:
    TRAILS[trail](line)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({"command": "npm test", "description": "runs"}, "T: npm test"),
        ({"command": ["bash", "-lc", "ls"]}, "T: bash -lc ls"),
        ({"description": "edits", "file_path": "src/app.py"}, "T src/app.py"),
        ({"query": "cats"}, "T: cats"),
        ({"n": 1}, "T"),
    ],
)
def test_a_call_is_told_by_what_matters_of_it(arguments: dict[str, object], line: str) -> None:
    assert call_of("T", arguments) == line


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("I looked. Now I fix the parser.", "Now I fix the parser."),
        ("# Done\n\n- **a** changed\n\n```\n", "a changed"),
        ("see https://example.org/x now", "see https://example.org/x now"),
        ("  \n", ""),
    ],
)
def test_the_last_sentence_is_told(text: str, sentence: str) -> None:
    assert last_sentence(text) == sentence


def bodies(tail: Tail) -> list[bytes]:
    return [line.body for line in tail.new_lines()]


def test_each_line_is_told_once_with_its_offset(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"one\ntwo\n")
    tail = Tail(str(path))
    assert [(line.offset, line.body) for line in tail.new_lines()] == [(0, b"one"), (4, b"two")]
    assert tail.new_lines() == []
    with path.open("ab") as file:
        file.write(b"three\n")
    assert [(line.offset, line.body) for line in tail.new_lines()] == [(8, b"three")]


def test_a_line_that_is_being_written_waits_for_its_end(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"one\ntw")
    tail = Tail(str(path))
    assert bodies(tail) == [b"one"]
    path.write_bytes(b"one\ntwo\n")
    assert bodies(tail) == [b"two"]


def test_of_a_long_file_only_the_end_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "WINDOW", 10)
    monkeypatch.setattr(reader, "LARGEST", 20)
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"0123456\n" * 9)
    tail = Tail(str(path))
    assert [(line.offset, line.body) for line in tail.new_lines()] == [(64, b"0123456")]
    with path.open("ab") as file:
        file.write(b"abcdefg\n" * 9)
    assert [(line.offset, line.body) for line in tail.new_lines()] == [(136, b"abcdefg")]


def test_a_rotated_file_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"one\ntwo\n")
    tail = Tail(str(path))
    tail.new_lines()
    path.rename(tmp_path / "t.jsonl.1")
    path.write_bytes(b"new\n")
    assert bodies(tail) == [b"new"]


def test_a_file_written_anew_and_longer_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"one\n")
    tail = Tail(str(path))
    tail.new_lines()
    path.write_bytes(b"eins\nzwei\n")
    assert bodies(tail) == [b"eins", b"zwei"]


def test_a_file_that_comes_later_is_found(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    tail = Tail(str(path))
    with pytest.raises(FileNotFoundError):
        tail.new_lines()
    path.write_bytes(b"one\n")
    assert bodies(tail) == [b"one"]


def test_nobody_waits_for_a_fifo(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "t.jsonl")
    with pytest.raises(OSError, match="is no file"):
        Tail(str(tmp_path / "t.jsonl")).new_lines()
