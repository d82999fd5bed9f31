"""Following files that grow, are cut, replaced, or are half written."""

import os
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from command_center.domain.usage import Cursor, Shape, UsageRow
from command_center.drivers.transcripts import FORMATS, lines as reader
from tests.transcripts import CORPUS, SESSION, block, counted, message

BLOCKS = FORMATS[Shape.MESSAGE_BLOCKS]


def follow(path: Path, cursor: Cursor) -> tuple[tuple[UsageRow, ...], Cursor]:
    finding = BLOCKS.read(path, cursor)
    return finding.rows, finding.cursor


def test_only_new_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    path.write_bytes(block("m1"))
    _, cursor = follow(path, Cursor())
    with path.open("ab") as file:
        file.write(block("m2"))
    rows, _ = follow(path, cursor)
    assert len(rows) == 1


def test_a_truncated_last_line_waits_for_its_end(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    whole = block("m1") + block("m2")
    path.write_bytes(whole[:-40])
    rows, cursor = follow(path, Cursor())
    assert len(rows) == 1
    path.write_bytes(whole)
    rows, _ = follow(path, cursor)
    assert counted(rows) == message()


@pytest.mark.parametrize("longer", [b"", block("m4")])
def test_a_file_replaced_in_place_is_read_afresh(tmp_path: Path, longer: bytes) -> None:
    path = tmp_path / "s1.jsonl"
    path.write_bytes(block("m1") + block("m2"))
    _, cursor = follow(path, Cursor())
    path.write_bytes(block("m3") + longer + block("m5"))
    rows, _ = follow(path, cursor)
    assert len(rows) == (3 if longer else 2)


def test_a_rotated_file_is_read_afresh(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    path.write_bytes(block("m1"))
    _, cursor = follow(path, Cursor())
    path.rename(tmp_path / "s1.jsonl.1")
    path.write_bytes(block("m2") + block("m3"))
    rows, _ = follow(path, cursor)
    assert len(rows) == 2


def test_a_file_written_anew_with_the_same_beginning_is_read_on(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    path.write_bytes(block("m1"))
    _, cursor = follow(path, Cursor())
    (tmp_path / "new").write_bytes(block("m1") + block("m2"))
    (tmp_path / "new").replace(path)
    rows, _ = follow(path, cursor)
    assert len(rows) == 1


def test_a_shrunken_file_is_read_afresh(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    path.write_bytes(block("m1") * 3)
    _, cursor = follow(path, Cursor())
    os.truncate(path, len(block("m1")))
    rows, _ = follow(path, cursor)
    assert len(rows) == 1


def test_a_file_that_did_not_change_looks_the_same(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    path.write_bytes(block("m1")[:-5])
    _, cursor = follow(path, Cursor())
    assert BLOCKS.look(str(path)) == reader.last_look(cursor)


def test_a_line_longer_than_any_block_is_read(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    path.write_bytes(block("m1", text="x" * (3 * reader.CHUNK)) + block("m2"))
    rows, _ = follow(path, Cursor())
    assert counted(rows) == message(count=2)


def test_a_line_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "LONGEST", 2 * reader.CHUNK)
    path = tmp_path / "s1.jsonl"
    path.write_bytes(b"x" * (3 * reader.CHUNK))
    _, cursor = follow(path, Cursor())
    assert cursor.offset == 3 * reader.CHUNK
    with path.open("ab") as file:
        file.write(b"\n" + block("m1"))
    rows, _ = follow(path, cursor)
    assert counted(rows) == message()


TOLD = {
    Shape.MESSAGE_BLOCKS: f"{SESSION}.jsonl",
    Shape.ROLLOUT: "rollout.jsonl",
    Shape.CHAT_RECORDS: "chat.jsonl",
    Shape.EVENT_RECORDS: "events.jsonl",
    Shape.ANALYTICS_LOG: "analytics.jsonl",
}


@pytest.mark.parametrize("shape", TOLD)
@given(data=st.data())
def test_any_split_of_the_bytes_gives_the_same_totals(
    shape: Shape, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = (CORPUS / shape / TOLD[shape]).read_bytes()
    path = tmp_path_factory.mktemp("split") / "file.jsonl"
    path.write_bytes(whole)
    expected = FORMATS[shape].read(path, Cursor())
    path.write_bytes(b"")
    cursor, rows, begin = Cursor(), list[UsageRow](), 0
    cuts = data.draw(st.lists(st.integers(0, len(whole)), max_size=8))
    for end in [*sorted(cuts), len(whole)]:
        with path.open("ab") as file:
            file.write(whole[begin:end])
        begin = end
        finding = FORMATS[shape].read(path, cursor)
        cursor, rows = finding.cursor, [*rows, *finding.rows]
    assert counted(rows) == counted(expected.rows)
    assert {row.session for row in rows} == {row.session for row in expected.rows}
    assert {row.model for row in rows} == {row.model for row in expected.rows}
    assert cursor.offset == len(whole)
