"""Following files that grow, are cut, replaced, or are half written."""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from command_center.domain.usage import Cursor, Shape, UsageRow
from command_center.drivers.transcripts import FORMATS, lines as reader
from command_center.drivers.transcripts.lines import NewLines
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


def buffers(*paths: Path) -> list[bytearray]:
    """What files that are read at the same time are read into."""
    with ExitStack() as stack:
        files = [stack.enter_context(NewLines(path, Cursor())).windows() for path in paths]
        found = [next(windows)[0] for windows in files]
        assert [list(windows) for windows in files] == [[] for _ in paths]
    return found


def test_file_after_file_is_read_into_one_buffer(tmp_path: Path) -> None:
    one, other = tmp_path / "s1.jsonl", tmp_path / "s2.jsonl"
    one.write_bytes(block("m1", text="x" * (2 * reader.CHUNK)))
    other.write_bytes(block("m2"))
    assert buffers(one)[0] is buffers(other)[0]


def test_files_that_are_read_at_once_share_no_buffer(tmp_path: Path) -> None:
    one, other = tmp_path / "s1.jsonl", tmp_path / "s2.jsonl"
    one.write_bytes(block("m1"))
    other.write_bytes(block("m2"))
    first, second = buffers(one, other)
    assert first is not second


def test_the_buffer_of_a_giant_line_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    path.write_bytes(block("m1", text="x" * reader.SPARE))
    giant = buffers(path)[0]
    path.write_bytes(block("m2"))
    assert buffers(path)[0] is not giant


def test_what_another_file_left_in_the_buffer_is_not_counted(tmp_path: Path) -> None:
    one, other = tmp_path / "s1.jsonl", tmp_path / "s2.jsonl"
    one.write_bytes(b"".join(block(f"m{number}") for number in range(9)))
    other.write_bytes(block("m10") + block("m11")[:-1])
    follow(one, Cursor())
    rows, cursor = follow(other, Cursor())
    assert (counted(rows), cursor.offset) == (message(), len(block("m10")))


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
