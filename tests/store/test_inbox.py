import os
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from command_center.domain import intents
from command_center.store.inbox import Inbox, send
from tests.strategies import any_intent

WRITER = """
import sys
from pathlib import Path
from command_center.store.inbox import Inbox
inbox = Inbox(Path(sys.argv[1]))
for n in range(int(sys.argv[3])):
    inbox.drop(f"{sys.argv[2]} {n}".encode())
"""

LARGE = 10_000_000
LARGE_WRITER = """
import sys
from pathlib import Path
from command_center.store.inbox import Inbox
for _ in range(5):
    Inbox(Path(sys.argv[1])).drop(b"x" * int(sys.argv[2]))
"""


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "inbox")


def bodies(inbox: Inbox) -> list[bytes]:
    return [file.read_bytes() for file in inbox.waiting()]


def test_nothing_waits_where_nothing_is(inbox: Inbox) -> None:
    assert inbox.waiting() == []


def test_what_was_dropped_waits_in_order(inbox: Inbox) -> None:
    expected = [f"{n}".encode() for n in range(50)]
    for body in expected:
        inbox.drop(body)
    assert bodies(inbox) == expected


def test_a_file_from_elsewhere_takes_its_place_by_its_time(inbox: Inbox) -> None:
    inbox.drop(b"later")
    file = inbox.folder / "new" / "zzz-from-a-hook"
    file.write_bytes(b"earlier")
    os.utime(file, (1, 1))
    assert bodies(inbox) == [b"earlier", b"later"]


def test_a_half_written_file_is_not_seen(inbox: Inbox) -> None:
    inbox.create()
    (inbox.folder / "tmp" / "half").write_bytes(b"{")
    assert inbox.waiting() == []


def test_a_reader_never_sees_a_part_of_a_file(inbox: Inbox) -> None:
    command = [sys.executable, "-c", LARGE_WRITER, str(inbox.folder), str(LARGE)]
    with subprocess.Popen(command) as writer:
        sizes = set()
        while writer.poll() is None:
            sizes |= {file.stat().st_size for file in inbox.waiting()}
    assert writer.returncode == 0
    assert sizes == {LARGE}


@settings(max_examples=50)
@given(st.lists(st.binary(max_size=200), max_size=5))
def test_any_bytes_come_out_as_they_went_in(dropped: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        inbox = Inbox(Path(folder))
        for body in dropped:
            inbox.drop(body)
        assert bodies(inbox) == dropped


@settings(max_examples=50)
@given(any_intent)
def test_an_intent_lies_there_under_the_id_that_was_returned(intent: intents.Intent) -> None:
    with tempfile.TemporaryDirectory() as folder:
        inbox = Inbox(Path(folder))
        sent = send(inbox, intent, by="cli")
        [body] = bodies(inbox)
    envelope = intents.decode(body)
    assert (envelope.id, envelope.by, envelope.intent) == (sent, "cli", intent)


def test_the_same_intent_sent_twice_is_two_intents(inbox: Inbox) -> None:
    assert send(inbox, intents.Stop("a"), "cli") != send(inbox, intents.Stop("a"), "cli")


def test_a_file_can_be_taken_out_twice(inbox: Inbox) -> None:
    file = inbox.drop(b"x")
    inbox.take_out(file)
    inbox.take_out(file)
    assert inbox.waiting() == []


def test_an_unreadable_file_is_kept_aside(inbox: Inbox) -> None:
    file = inbox.drop(b"\xff not an intent")
    with pytest.raises(msgspec.DecodeError):
        intents.decode(file.read_bytes())
    kept = inbox.set_aside(file)
    assert inbox.waiting() == []
    assert kept.read_bytes() == b"\xff not an intent"


def test_a_file_is_kept_aside_even_where_only_hooks_have_written(inbox: Inbox) -> None:
    (inbox.folder / "new").mkdir(parents=True)
    (inbox.folder / "new" / "x").write_bytes(b"?")
    [file] = inbox.waiting()
    assert inbox.set_aside(file).read_bytes() == b"?"


def test_many_writers_at_once_lose_nothing_and_keep_their_order(inbox: Inbox) -> None:
    command = [sys.executable, "-c", WRITER, str(inbox.folder)]
    writers = [subprocess.Popen([*command, name, "50"]) for name in "abcd"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0, 0]
    found = [body.decode().split() for body in bodies(inbox)]
    for name in "abcd":
        assert [int(n) for who, n in found if who == name] == list(range(50))


def test_nobody_else_may_read_it(inbox: Inbox) -> None:
    inbox.create()
    assert {(inbox.folder / f).stat().st_mode & 0o777 for f in ("new", "tmp", "bad")} == {0o700}
