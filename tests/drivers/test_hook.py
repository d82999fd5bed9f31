"""The hook script and the supervisor's end of its FIFO."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from command_center.drivers.reply import LONGEST, reply

HOOK = Path(__file__).parents[2] / "command_center" / "drivers" / "hook.sh"
PAYLOAD = b'{"tool_name":"Bash"}\nand more'


class Hooks:
    """Starts hooks of one agent; owns what still waits."""

    def __init__(self, folder: Path) -> None:
        self.inbox, self.state = folder / "inbox", folder / "state"
        for made in (self.inbox / "tmp", self.inbox / "new", self.state):
            made.mkdir(parents=True)
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        names = {"ACC_INBOX": str(self.inbox), "ACC_STATE": str(self.state)}
        hook = subprocess.Popen(
            ("sh", str(HOOK), *words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **names, "ACC_AGENT": "ada", "ACC_LAUNCH": "l1"},
        )
        assert hook.stdin is not None
        hook.stdin.write(PAYLOAD)
        hook.stdin.close()
        hook.stdin = None
        self.started.append(hook)
        return hook

    def arrived(self) -> bytes:
        deadline = time.monotonic() + 20
        while not (files := list((self.inbox / "new").iterdir())):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return files[0].read_bytes()

    def fifo(self) -> Path:
        """Of the one hook that waits."""
        self.arrived()
        [fifo] = self.state.iterdir()
        return fifo


@pytest.fixture
def hooks(tmp_path: Path) -> Iterator[Hooks]:
    hooks = Hooks(tmp_path)
    yield hooks
    for hook in hooks.started:
        hook.terminate()
        hook.communicate()


def ended(hook: "subprocess.Popen[bytes]") -> tuple[bytes, bytes, int]:
    out, err = hook.communicate(timeout=20)
    return out, err, hook.returncode


def wait_until_unread(fifo: Path) -> None:
    """A command that the hook had just run may outlive it by a moment."""
    deadline = time.monotonic() + 20
    with suppress(OSError):
        while time.monotonic() < deadline:
            os.close(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
            time.sleep(0.01)


def test_a_hook_that_only_tells_ends_at_once(hooks: Hooks) -> None:
    assert ended(hooks.start("Stop")) == (b"", b"", 0)
    head = b'{"source":"hook","agent":"ada","launch":"l1","event":"Stop"}\n'
    assert hooks.arrived() == head + PAYLOAD
    assert list(hooks.state.iterdir()) == []


def test_a_waiting_hook_names_its_fifo_and_prints_the_answer(hooks: Hooks) -> None:
    hook = hooks.start("Ask", "60")
    fifo = hooks.fifo()
    assert f'"ask":"{fifo.name}"}}\n'.encode() in hooks.arrived()
    assert reply(fifo, r'{"why":"a \"b\" $HOME \\n `c`"}')
    assert ended(hook) == (b'{"why":"a \\"b\\" $HOME \\\\n `c`"}\n', b"", 0)
    assert not fifo.exists()


def test_an_empty_answer_is_none(hooks: Hooks) -> None:
    hook = hooks.start("Ask", "60")
    assert reply(hooks.fifo(), "")
    assert ended(hook) == (b"", b"", 0)


def test_a_hook_waits_no_longer_than_it_was_told(hooks: Hooks) -> None:
    assert ended(hooks.start("Ask", "1")) == (b"", b"", 0)
    assert list(hooks.state.iterdir()) == []


def test_a_hook_whose_fifo_is_taken_away_ends_too(hooks: Hooks) -> None:
    hook = hooks.start("Ask", "1")
    hooks.fifo().unlink()
    assert ended(hook) == (b"", b"", 0)


def test_a_hook_that_is_ended_leaves_nothing(hooks: Hooks) -> None:
    hook = hooks.start("Ask", "60")
    fifo = hooks.fifo()
    hook.terminate()
    assert ended(hook) == (b"", b"", 0)
    assert not fifo.exists()


def test_nobody_hears_a_reply_to_a_killed_hook(hooks: Hooks) -> None:
    hook = hooks.start("Ask", "60")
    fifo = hooks.fifo()
    hook.kill()
    hook.wait()
    wait_until_unread(fifo)
    assert not reply(fifo, "{}")
    assert not fifo.exists()


def test_a_long_answer_arrives_whole(hooks: Hooks) -> None:
    hook = hooks.start("Ask", "60")
    fifo = hooks.fifo()
    assert not reply(fifo, "x" * LONGEST)
    assert reply(fifo, "x" * (LONGEST - 1))
    assert ended(hook)[0] == b"x" * (LONGEST - 1) + b"\n"


def test_without_an_inbox_the_agent_goes_on(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "ACC_INBOX": str(tmp_path / "none")}
    words = ("sh", str(HOOK), "Ask", "60")
    done = subprocess.run(words, env=env, input=PAYLOAD, capture_output=True, timeout=20)
    assert (done.stdout, done.stderr, done.returncode) == (b"", b"", 0)


@pytest.mark.parametrize("kind", ["file", "link", "nothing"])
def test_a_reply_touches_nothing_but_a_fifo(tmp_path: Path, kind: str) -> None:
    precious = tmp_path / "precious"
    precious.write_text("kept")
    target = {"file": precious, "link": tmp_path / "link", "nothing": tmp_path / "none"}[kind]
    if kind == "link":
        target.symlink_to(precious)
    assert not reply(target, "{}")
    assert precious.read_text() == "kept"
