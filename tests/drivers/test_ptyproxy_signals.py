"""What the pty proxy hears in a stream, and what it writes into the inbox."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from command_center.drivers.proxy.ear import BEL, LONGEST, QUERY, Ear, meaning
from command_center.drivers.proxy.reports import RATE, SOURCES, Reports
from tests.drivers.proxied import Signal, make_inbox, signals_in

SAMPLES = Path(__file__).parent / "samples"

STREAM = (
    b"hi\x1b[31m\x07\x1b]0;\xe2\xa0\x99 name\x07\x1b_Gi=31,s=1;AAAA\x07\x1b\\\x1b]7501;?\x1b\\"
    b"\x1bPtmux;\x1b\x1b]9;in\x07\x1b\\\x1bkscreen\x07\x1b\\\x1b]9;note\x1b\\\x1b]8;;u\x07"
    b"\x1b]0;cut\x18\x07\x1b]2;cut\x1b[m\x1b]7501;state=done\x1b\\"
)
HEARD = [BEL, b"0;\xe2\xa0\x99 name", QUERY, b"9;note", b"8;;u", BEL, b"7501;state=done"]

pieces = st.sampled_from(
    [b"\x1b", b"\x07", b"]", b"\\", b"P", b"_", b"0;", b"7501;", b"state=", b":", b"\x18", b"9;a"]
) | st.binary(max_size=8)


def heard_in(*outputs: bytes) -> list[bytes]:
    ear = Ear()
    return [heard for output in outputs for heard in ear.feed(output)]


@pytest.mark.parametrize("cut", range(len(STREAM) + 1))
def test_strings_and_bells_are_heard_wherever_the_stream_is_cut(cut: int) -> None:
    assert heard_in(STREAM[:cut], STREAM[cut:]) == HEARD


@given(st.lists(pieces))
def test_any_stream_is_heard_the_same_in_one_piece_and_byte_by_byte(parts: list[bytes]) -> None:
    stream = b"".join(parts)
    strings = [heard for heard in heard_in(stream) if heard != BEL]
    single = heard_in(*(stream[n : n + 1] for n in range(len(stream))))
    assert strings == [heard for heard in single if heard != BEL]


@given(st.binary(max_size=60), st.sampled_from([b"7501;", b"0;", b"9;", b"777;notify;", b""]))
def test_a_signal_is_one_clean_line_of_json_whatever_was_said(body: bytes, code: bytes) -> None:
    record = meaning(code + body)
    for text in (record or {}).values():
        assert isinstance(text, str)
        assert all(c.isprintable() or ord(c) > 0x9F for c in text)
        assert len(text) <= 500


def test_a_string_too_long_is_skipped_to_its_end() -> None:
    longest = b"0;" + b"a" * (LONGEST - 2)
    assert heard_in(b"\x1b]" + longest + b"a\x07\x1b]" + longest + b"\x07") == [longest]


def test_a_report_is_decoded_into_its_fields() -> None:
    msg = base64.b64encode("approve\x1b[31m: «rm»\nnow".encode())
    told = meaning(b"7501;state=blocked:app=x:kind=permission:id=t/1:msg=" + msg)
    assert told == {
        "source": "osc7501",
        "state": "blocked",
        "kind": "permission",
        "msg": "approve[31m: «rm» now",
        "title": "",
        "id": "t/1",
    }


@pytest.mark.parametrize("body", [b"", b"state=", b"state=dancing", b"=:=", b"\xff\xfe"])
def test_an_unknown_state_is_unknown(body: bytes) -> None:
    told = meaning(b"7501;" + body)
    assert told is not None
    assert told["state"] == "unknown"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (b"9;Turn complete", "Turn complete"),
        (b"777;notify;Agent;needs you; now", "Agent: needs you; now"),
    ],
)
def test_a_notification_is_text(said: bytes, text: str) -> None:
    assert meaning(said) == {"source": "notification", "text": text}


@pytest.mark.parametrize(
    "said", [b"9;4;3;", b"9;4", b"8;;url", b"1;icon", b"777;precmd", b"7501;?"]
)
def test_what_is_meant_for_terminals_is_no_signal(said: bytes) -> None:
    assert meaning(said) is None


@pytest.fixture
def reports(tmp_path: Path) -> Reports:
    return Reports(str(make_inbox(tmp_path)), "ada", "ada-1")


def titled(text: str) -> bytes:
    return b"0;" + text.encode()


def tell(reports: Reports, said: bytes, now: float) -> None:
    record = meaning(said)
    assert record is not None
    reports.hear(record, now)


def texts(folder: Path) -> list[object]:
    return [told["text"] for told in signals_in(folder)]


def test_a_spinner_is_one_title(reports: Reports, tmp_path: Path) -> None:
    spinning = [f"{glyph} name" for glyph in "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"]
    for now, text in enumerate([*spinning, "name", "◐ name", "◓ name", "✳ name"]):
        tell(reports, titled(text), now)
    assert texts(tmp_path) == ["⠋ name", "name", "◐ name", "✳ name"]


def test_a_spinner_within_a_title_is_one_title_too(reports: Reports, tmp_path: Path) -> None:
    for now, glyph in enumerate("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"):
        tell(reports, titled(f"⚠ Action Required - {glyph} - name"), now)
    assert texts(tmp_path) == ["⚠ Action Required - ⠋ - name"]


def test_ten_a_second_go_at_once_and_the_last_is_delivered(
    reports: Reports, tmp_path: Path
) -> None:
    for number in range(100):
        tell(reports, titled(f"title {number}"), 50 + number / 1000)
    assert texts(tmp_path) == [f"title {number}" for number in range(RATE)]
    assert reports.due() == 51
    reports.flush(51)
    assert texts(tmp_path)[RATE:] == ["title 99"]
    assert reports.due() == float("inf")


def test_children_are_limited_apart(reports: Reports, tmp_path: Path) -> None:
    for number in range(50):
        state = ("working", "done")[number % 2]
        tell(reports, f"7501;state={state}:id=child".encode(), 50)
    tell(reports, b"7501;state=blocked", 50)
    assert signals_in(tmp_path)[-1]["state"] == "blocked"


def test_a_repeated_state_is_told_once(reports: Reports, tmp_path: Path) -> None:
    for now in range(5):
        tell(reports, b"7501;state=working:app=x", now)
    assert len(signals_in(tmp_path)) == 1


def test_a_repeated_bell_is_told_again(reports: Reports, tmp_path: Path) -> None:
    for now in range(3):
        tell(reports, BEL, now)
    assert len(signals_in(tmp_path)) == 3


def test_invented_children_cannot_flood_the_inbox(reports: Reports, tmp_path: Path) -> None:
    for number in range(SOURCES * 3):
        tell(reports, f"7501;state=working:id={number}".encode(), 50)
    assert len(signals_in(tmp_path)) == SOURCES
    tell(reports, b"7501;state=working:id=later", 52)
    assert signals_in(tmp_path)[-1]["id"] == "later"


def test_the_end_comes_after_everything_said_before(reports: Reports, tmp_path: Path) -> None:
    for number in range(RATE + 5):
        tell(reports, titled(f"title {number}"), 50)
    reports.process("exited", code=0, signal=None)
    *_, before, last = signals_in(tmp_path)
    assert before["text"] == "title 14"
    assert last["event"] == "exited"


def test_a_lost_inbox_is_remembered_and_harms_nobody(tmp_path: Path) -> None:
    reports = Reports(str(tmp_path / "none"), "ada", "ada-1")
    tell(reports, BEL, 0)
    assert isinstance(reports.lost, FileNotFoundError)


def test_a_signal_that_cannot_be_delivered_leaves_no_draft(
    reports: Reports, tmp_path: Path
) -> None:
    (tmp_path / "inbox/new").rmdir()
    tell(reports, BEL, 0)
    assert reports.lost
    assert list((tmp_path / "inbox/tmp").iterdir()) == []


def replay(file: Path, reports: Reports) -> None:
    ear = Ear()
    for line in file.read_text("utf-8").splitlines():
        told = json.loads(line)
        output = b"\x07" if "bel" in told else b""
        if "osc" in told:
            output = f"\x1b]{told['osc']};{told['v']}\x07".encode()
        for record in filter(None, map(meaning, ear.feed(output))):
            reports.hear(record, told["t"])


def said(told: Signal) -> str:
    """A signal in brief: `state kind: msg`, or `source text`."""
    if told["source"] != "osc7501":
        return f"{told['source']} {told.get('text', '')}".strip()
    brief = f"{told.get('id', '')} {told['state']} {told['kind']}".strip()
    return f"{brief}: {told['msg']}" if told["msg"] else brief


def test_a_recorded_claude_session_tells_its_states(reports: Reports, tmp_path: Path) -> None:
    replay(SAMPLES / "osc-claude.jsonl", reports)
    assert [said(told) for told in signals_in(tmp_path)] == [
        "title ✳ Claude Code",
        "idle",
        "title Claude Code",
        "working",
        "title Scripted title",
        "blocked permission: approve Bash: touch psp.txt",
        "working",
        "done",
        "working",
        "idle",
        "working",
        "blocked question: answer: Which color? (Red · Blue)",
        "working",
        "done",
        "working",
        "bdxy4n43g working",
        "working: 1 shell still running",
        "working",
        "bdxy4n43g clear",
        "done",
        "working",
        "error: API Error: Request rejected (429) · This request would exceed your rate limit",
        "working",
        "blocked auth: Invalid API key · Fix external API key",
        "clear",
        "title",
    ]


def test_a_recorded_codex_session_tells_its_states(reports: Reports, tmp_path: Path) -> None:
    replay(SAMPLES / "osc-codex.jsonl", reports)
    brief = [said(told) for told in signals_in(tmp_path)]
    states = [text for text in brief if not text.startswith(("title", "bell"))]
    assert ", ".join(states) == (
        "idle, working, blocked permission, working, done, idle, "
        "working, idle, working, error, idle, clear"
    )
    assert brief.count("bell") == 2
    assert brief.count("title ⠋ Scripted title | codex") == 4


def test_a_recorded_gemini_session_tells_its_titles(reports: Reports, tmp_path: Path) -> None:
    replay(SAMPLES / "osc-gemini.jsonl", reports)
    assert [said(told) for told in signals_in(tmp_path)][:4] == [
        "title ◇  Ready (gemini)",
        "title ✦  Working… (gemini)",
        "title ✋  Action Required (gemini)",
        "notification Gemini CLI needs your attention: Approval required |"
        " Approve tool action: Confirm Shell Command",
    ]
