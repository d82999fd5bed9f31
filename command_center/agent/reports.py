"""What the agent tells whoever watches: a state file of its own, and events like CLIs' hooks."""

import asyncio
import os
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from command_center.domain.wire import read_json


class Decision(Struct, frozen=True):
    """What somebody outside has said to a permission request."""

    allow: bool
    reason: str = ""


class Reports:
    """Nothing here may fail or hold up the agent. Without a supervisor only the file is written."""

    def __init__(self, file: Path, environ: Mapping[str, str]) -> None:
        self._file = file
        self._environ = environ
        self._fields: dict[str, object] = {"pid": os.getpid(), "procStart": _started()}

    def publish(self, status: str, waiting_for: str = "", until: float = 0.0) -> None:
        """`until` is the Unix time at which a limit ends."""
        state = {
            "status": status,
            "waitingFor": waiting_for,
            "limitedUntil": int(until * 1000) or None,
        }
        if not state.items() <= self._fields.items():
            self._fields |= {**state, "statusUpdatedAt": int(time.time() * 1000)}
            self._write()

    def know(self, **fields: object) -> None:
        """More that stands in the file beside the state."""
        if not fields.items() <= self._fields.items():
            self._fields |= fields
            self._write()

    def clear(self) -> None:
        self._file.unlink(missing_ok=True)

    def tell(self, event: str, **payload: object) -> None:
        """One event, as `docs/agent-specs.md` has it."""
        self._drop({"event": event}, payload)

    def ask(self, payload: dict[str, object]) -> "Answers":
        """Tells of a permission request. Close what comes back once the user has answered."""
        answers = Answers(self._environ.get("ACC_STATE", ""))
        ask = {"ask": answers.name} if answers.name else {}
        self._drop({"event": "PermissionRequest", **ask}, payload)
        return answers

    def _drop(self, head: dict[str, object], payload: dict[str, object]) -> None:
        """One file in the inbox, written apart and then renamed."""
        if not (inbox := self._environ.get("ACC_INBOX")):
            return
        whose = {
            "source": "hook",
            "agent": self._environ.get("ACC_AGENT", ""),
            "launch": self._environ.get("ACC_LAUNCH", ""),
            "at": time.time(),
        }
        body = msgspec.json.encode({**whose, **head}) + b"\n" + msgspec.json.encode(payload)
        name = f"own.{time.time_ns():020}-{os.getpid()}"
        try:
            half = Path(inbox, "tmp", name)
            half.write_bytes(body)
            half.rename(Path(inbox, "new", name))
        except OSError:
            # The watcher's folder is gone; the agent goes on.
            return

    def _write(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        half = self._file.with_suffix(".tmp")
        half.write_bytes(msgspec.json.encode(self._fields))
        half.rename(self._file)


class Answers:
    """Where a permission request is answered from outside: a FIFO in our own folder."""

    def __init__(self, folder: str) -> None:
        """Without a folder nobody can answer."""
        self.name = ""
        self._fifo = Path(folder, f"ask.{uuid.uuid4().hex}")
        self._fd = -1
        if folder:
            try:
                os.mkfifo(self._fifo, 0o600)
                # Both ends, so that no end of a file comes when a writer leaves.
                self._fd = os.open(self._fifo, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            except OSError:
                return
            self.name = self._fifo.name

    async def decision(self) -> Decision:
        """Waits for one, for ever if need be. What is no answer is passed over."""
        loop, said = asyncio.get_running_loop(), b""
        while True:
            ready = loop.create_future()
            if self._fd >= 0:
                loop.add_reader(self._fd, _set, ready)
            await ready
            loop.remove_reader(self._fd)
            *lines, said = (said + os.read(self._fd, 65536)).split(b"\n")
            for line in lines:
                try:
                    return read_json(line, Decision)
                except msgspec.DecodeError:
                    continue

    def close(self) -> None:
        if self._fd >= 0:
            asyncio.get_running_loop().remove_reader(self._fd)
            self._fifo.unlink(missing_ok=True)
            os.close(self._fd)
            self._fd = -1


def _set(ready: "asyncio.Future[None]") -> None:
    if not ready.done():
        ready.set_result(None)


def _started() -> str:
    """When we started, in clock ticks since boot, as /proc tells it; empty where it does not."""
    try:
        return Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()[19].decode()
    except OSError:
        return ""
