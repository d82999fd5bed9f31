"""The signal files a proxy writes into the inbox."""

import json
import os
import time

from command_center.drivers.proxy.ear import Record

RATE = 10
"""Signals per second of one source and child id."""
SOURCES = 64
"""Sources and child ids remembered; a CLI that invents more in one second goes unheard."""


def remove(draft: str) -> bool:
    """Whether it was there and could be removed; on a sick disk neither is sure."""
    try:
        os.unlink(draft)
    except OSError:
        return False
    return True


class Channel:
    """What one source and child id has sent, and what waits for its turn."""

    def __init__(self) -> None:
        self.sent: Record | None = None
        self.waiting: tuple[float, Record] | None = None
        self.times: list[float] = []

    def due(self) -> float:
        """When the next signal may go, in monotonic seconds."""
        return self.times[0] + 1 if len(self.times) == RATE else 0.0

    def quiet(self, now: float) -> bool:
        return self.waiting is None and self.times[-1] < now - 1


class Reports:
    """Writes signals into the inbox: at most ten a second each, the last one always."""

    def __init__(self, inbox: str, agent: str, launch: str) -> None:
        self._who: Record = {"v": 1, "agent": agent, "launch": launch}
        self._inbox = inbox
        self._channels: dict[tuple[object, object], Channel] = {}
        self._number = 0
        self.lost: OSError | None = None
        """Why a signal could not be written; the latest reason."""

    def hear(self, record: Record, now: float) -> None:
        """Take a signal; states and titles that say nothing new are dropped."""
        channel = self._channel((record["source"], record.get("id")), now)
        if channel is not None:
            channel.waiting = time.time(), record
            self._send(channel, now)

    def flush(self, now: float) -> None:
        for channel in self._channels.values():
            self._send(channel, now)

    def due(self) -> float:
        """When `flush` has work next, in monotonic seconds."""
        waiting = (channel.due() for channel in self._channels.values() if channel.waiting)
        return min(waiting, default=float("inf"))

    def process(self, event: str, **facts: object) -> None:
        """Report a step in the CLI's life, after everything it said before."""
        self.flush(float("inf"))
        self._write(time.time(), {"source": "process", "event": event, **facts})

    def _channel(self, key: tuple[object, object], now: float) -> Channel | None:
        if key not in self._channels and len(self._channels) >= SOURCES:
            forgettable = [k for k, known in self._channels.items() if known.quiet(now)]
            if not forgettable:
                return None
            del self._channels[forgettable[0]]
        return self._channels.setdefault(key, Channel())

    def _send(self, channel: Channel, now: float) -> None:
        if channel.waiting is None or now < channel.due():
            return
        (at, record), channel.waiting = channel.waiting, None
        if record == channel.sent and record["source"] in ("osc7501", "title"):
            return
        channel.sent = record
        channel.times = [*channel.times[-RATE + 1 :], now]
        self._write(at, record)

    def _write(self, at: float, record: Record) -> None:
        self._number += 1
        name = f"{time.time_ns():020d}-{os.getpid()}-{self._number}.json"
        draft = f"{self._inbox}/tmp/{name}"
        try:
            with open(draft, "xb") as file:
                file.write(json.dumps({**self._who, "at": at, **record}).encode() + b"\n")
            os.rename(draft, f"{self._inbox}/new/{name}")
        except OSError as error:
            self.lost = error
            remove(draft)
