"""TensorBoard's event files, written here byte by byte as its own writer does."""

import struct
import tempfile
from pathlib import Path

from hypothesis import given, strategies as st

from command_center.drivers.event_files import NAME, event_files, read_events

VERSION = bytes.fromhex("09000000c096d9d9411a0d627261696e2e4576656e743a32")
"""A `file_version` record, which holds no scalar."""


def varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*found, number))


def field(number: int, body: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(body)) + body


def event(tag: str, value: bytes, step: int, at: float) -> bytes:
    summary = field(1, field(1, tag.encode()) + value)
    return b"\x09" + struct.pack("<d", at) + b"\x10" + varint(step) + field(5, summary)


def simple(number: float) -> bytes:
    return b"\x15" + struct.pack("<f", number)


def tensor(number: float) -> bytes:
    return field(8, b"\x08\x01" + field(2, b"") + field(4, struct.pack("<f", number)))


def record(body: bytes) -> bytes:
    return struct.pack("<Q", len(body)) + b"crc!" + body + b"crc!"


def test_scalars_of_both_kinds_are_read_with_their_steps(tmp_path: Path) -> None:
    file = tmp_path / f"{NAME}1"
    first = record(VERSION) + record(event("loss", simple(0.1), 7, 1.7e9))
    file.write_bytes(first + record(event("eval/acc", tensor(0.5), 300, 1.7e9)))
    points, end = read_events(file, 0)
    assert [(p.metric, p.step, p.value, p.at) for p in points] == [
        ("loss", 7, 0.1, 1.7e9),
        ("eval/acc", 300, 0.5, 1.7e9),
    ]
    assert end == file.stat().st_size


def test_a_record_that_is_half_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / f"{NAME}1"
    first = record(event("loss", simple(1.0), 1, 1.0))
    second = record(event("loss", simple(2.0), 2, 2.0))
    file.write_bytes(first + second[:-5])
    points, end = read_events(file, 0)
    assert ([p.value for p in points], end) == ([1.0], len(first))
    file.write_bytes(first + second)
    points, end = read_events(file, end)
    assert ([p.value for p in points], end) == ([2.0], len(first + second))


def test_what_is_no_number_is_told_as_none(tmp_path: Path) -> None:
    file = tmp_path / f"{NAME}1"
    file.write_bytes(record(event("loss", simple(float("nan")), 1, 1.0)))
    assert [p.value for p in read_events(file, 0)[0]] == [None]


def test_event_files_are_found_but_not_those_of_git(tmp_path: Path) -> None:
    for place in ("logs/a", ".git/b", "c"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / f"{NAME}1").touch()
    (tmp_path / "other").touch()
    found = [str(file.relative_to(tmp_path)) for file in event_files(tmp_path, tmp_path / "none")]
    assert found == [f"c/{NAME}1", f"logs/a/{NAME}1"]


@given(st.lists(st.binary()), st.binary())
def test_no_file_is_a_surprise(bodies: list[bytes], more: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{NAME}1"
        file.write_bytes(b"".join(map(record, bodies)) + more)
        points, end = read_events(file, 0)
        assert all(point.metric for point in points)
        assert 0 <= end <= file.stat().st_size
