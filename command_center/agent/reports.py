"""What the agent tells whoever watches: a state file of its own, and events like CLIs' hooks."""

import asyncio
import os
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from command_center.domain.wire import read_json

ANSWER_SECONDS = 3600
"""How long a permission may be answered from outside; the pane can be answered for ever."""


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
        self._fields |= {
            "status": status,
            "waitingFor": waiting_for,
            "limitedUntil": int(until * 1000) or None,
            "statusUpdatedAt": int(time.time() * 1000),
        }
        self._write()

    def know(self, **fields: object) -> None:
        """More that stands in the file beside the state, with its next change."""
        self._fields |= fields

    def clear(self) -> None:
        self._file.unlink(missing_ok=True)

    def tell(self, event: str, **payload: object) -> None:
        """One event, as `docs/agent-specs.md` has it: written apart and then renamed."""
        if not (inbox := self._environ.get("ACC_INBOX")):
            return
        head = {
            "source": "hook",
            "agent": self._environ.get("ACC_AGENT", ""),
            "launch": self._environ.get("ACC_LAUNCH", ""),
            "event": event,
            "at": time.time(),
        }
        body = msgspec.json.encode(head) + b"\n" + msgspec.json.encode(payload) + b"\n"
        name = f"own.{time.time_ns():020}-{os.getpid()}"
        try:
            half = Path(inbox, "tmp", name)
            half.write_bytes(body)
            half.rename(Path(inbox, "new", name))
        except OSError:
            # The watcher's folder is gone; the agent goes on.
            return

    async def ask(self, payload: dict[str, object]) -> Decision | None:
        """An answer to a permission request from outside; None when there will be none.

        Cancel it once the user has answered.
        """
        if not (hook := self._environ.get("ACC_HOOK")) or not Path(hook).exists():
            return None
        process = await asyncio.create_subprocess_exec(
            *("sh", hook, "PermissionRequest", str(ANSWER_SECONDS)),
            env=dict(self._environ),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            start_new_session=True,
        )
        try:
            said, _ = await process.communicate(msgspec.json.encode(payload))
        finally:
            await _end(process)
        try:
            return read_json(said, Decision)
        except msgspec.DecodeError:
            return None

    def _write(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        half = self._file.with_suffix(".tmp")
        half.write_bytes(msgspec.json.encode(self._fields))
        half.rename(self._file)


async def _end(process: Process) -> None:
    if process.returncode is None:
        # It takes its FIFO away then.
        process.terminate()
        await process.wait()


def _started() -> str:
    """When we started, in clock ticks since boot, as /proc tells it; empty where it does not."""
    try:
        return Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()[19].decode()
    except OSError:
        return ""
