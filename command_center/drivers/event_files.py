"""Reads TensorBoard's event files as they grow: scalars only, without any library of theirs.

Format: records of TFRecord (tensorflow/core/lib/io/record_writer.h), each a protocol buffer
`Event` (tensorflow/core/util/event.proto) with a `Summary` (summary.proto). Checksums are not
verified: a file that is cut or broken ends where it stops making sense.
"""

import math
import os
import struct
from collections.abc import Iterator
from pathlib import Path

from command_center.domain.metrics import Point, finite
from command_center.domain.text import one_line

NAME = "events.out.tfevents."
LONGEST_RECORD = 16 << 20
MOST_READ = 4 << 20
"""Bytes at one go."""
MOST_ENTRIES = 20_000
LONGEST_TAG = 80
_HEAD, _TAIL = 12, 4
_VARINT, _I64, _LEN, _I32 = 0, 1, 2, 5
_FLOAT, _DOUBLE = 1, 2


def event_files(*folders: Path) -> list[Path]:
    """Those below `folders`, git's own folders and endless trees left out."""
    found: list[Path] = []
    seen = 0
    for folder in folders:
        for place, names, files in os.walk(folder):
            names[:] = [name for name in names if name != ".git"]
            found += [Path(place, name) for name in files if name.startswith(NAME)]
            seen += len(names) + len(files)
            if seen > MOST_ENTRIES:
                return sorted(found)
    return sorted(found)


def read_events(file: Path, offset: int) -> tuple[list[Point], int]:
    """The scalars of the whole records from `offset` on, and where the next record begins.

    Raises OSError.
    """
    with file.open("rb") as opened:
        opened.seek(offset)
        body = opened.read(MOST_READ)
        points: list[Point] = []
        place = 0
        while (end := _end_of(body, place)) and end <= len(body):
            points += _scalars(body[place + _HEAD : end - _TAIL])
            place = end
        if end and not place:
            # One record that is longer than what is read at one go.
            body += opened.read(end - len(body))
            if len(body) >= end:
                return list(_scalars(body[_HEAD : end - _TAIL])), offset + end
    return points, offset + place


def _end_of(body: bytes, place: int) -> int:
    """Where the record at `place` ends; 0 when its length is not there yet or makes no sense."""
    if len(body) < place + _HEAD:
        return 0
    (length,) = struct.unpack_from("<Q", body, place)
    return place + _HEAD + length + _TAIL if length <= LONGEST_RECORD else 0


def _scalars(event: bytes) -> Iterator[Point]:
    at, step = 0.0, 0
    summaries: list[bytes] = []
    for field, value in _fields(event):
        if field == 1 and isinstance(value, bytes) and len(value) == 8:
            (at,) = struct.unpack("<d", value)
        elif field == 2 and isinstance(value, int):
            step = value
        elif field == 5 and isinstance(value, bytes):
            summaries.append(value)
    if not math.isfinite(at) or step >= 1 << 63:
        return
    for summary in summaries:
        for field, value in _fields(summary):
            if field == 1 and isinstance(value, bytes):
                yield from _scalar(value, float(step), at)


def _scalar(value: bytes, step: float, at: float) -> Iterator[Point]:
    tag, number = "", None
    for field, part in _fields(value):
        if not isinstance(part, bytes):
            continue
        if field == 1:
            tag = one_line(part.decode("utf-8", "replace"), LONGEST_TAG)
        elif field == 2 and len(part) == 4:
            (number,) = struct.unpack("<f", part)
        elif field == 8:
            number = _of_tensor(part)
    if tag and number is not None:
        # As the 32 bits say it and not as 64 do: 0.1, not 0.10000000149.
        yield Point(tag, step, finite(float(f"{number:.8g}")), at)


def _of_tensor(tensor: bytes) -> float | None:
    """The value of a scalar tensor of floats; None for any other."""
    kind, found = 0, list[float]()
    for field, value in _fields(tensor):
        if field == 1 and isinstance(value, int):
            kind = value
        elif isinstance(value, bytes) and field in (4, 5, 6):
            form = "<d" if field == 6 or (field == 4 and kind == _DOUBLE) else "<f"
            if len(value) == struct.calcsize(form):
                found += struct.unpack(form, value)
    return found[0] if kind in (_FLOAT, _DOUBLE) and len(found) == 1 else None


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field of a protocol buffer; stops where it makes no sense."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        kind = key & 7
        if kind == _VARINT:
            value, place = _varint(message, place)
            yield key >> 3, value
            continue
        if kind == _LEN:
            size, place = _varint(message, place)
        else:
            size = {_I64: 8, _I32: 4}.get(kind, -1)
        if size < 0 or place + size > len(message):
            return
        yield key >> 3, message[place : place + size]
        place += size


def _varint(message: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while place < len(message) and shift < 70:
        byte = message[place]
        number |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            break
    return number, place
