"""A log played back: the fleet as it stood at any moment, at any speed."""

import time
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator

from command_center.domain import events as ev
from command_center.domain.chronicle import about_agent
from command_center.domain.errors import LogError
from command_center.domain.model import Fleet
from command_center.domain.reduce import replay
from command_center.store.tape import Tape

SPEEDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 3600.0)
"""Seconds of the log in one second of ours."""

_CHECKPOINTS = 512
_LEAST_STRIDE = 500
_LOOKS_BACK = 2000
"""Events among which the latest of an agent are looked for."""


class ReplayView:
    """Stands in for a View: `poll` gives the fleet at the place where the replay is.

    `prepare` reduces the log once and keeps the fleet at a few hundred places; values are shared
    between them, so each costs only what has changed. Any place is then a few thousand events
    away at most. What is not prepared yet is not shown yet. Raises LogError for a log without
    events.
    """

    def __init__(
        self,
        tape: Tape,
        *,
        since: float = 0.0,
        speed: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`since` is where it begins to play, in Unix seconds."""
        if not tape.times:
            raise LogError("there is nothing to replay: the log holds no event")
        self._tape = tape
        self._clock = clock
        self._stride = max(_LEAST_STRIDE, len(tape.times) // _CHECKPOINTS)
        self._places = [Fleet()]
        """After as many events as the stride times the index."""
        self._ahead, self._known = Fleet(), 0
        self._is_left = False
        self.fleet = Fleet()
        self._applied = 0
        self._shown = -1
        self.begin, self.end = tape.times[0], tape.times[-1]
        self.speed = speed
        self.is_playing = True
        self._from = (min(max(since, self.begin), self.end), clock())

    def prepare(self, count: int | None = None) -> None:
        """Reduce the log up to event number `count`, or to its end; one thread at a time.

        Raises LogError.
        """
        total = len(self._tape.times)
        wanted = total if count is None else min(count, total)
        while self._known < wanted and not self._is_left:
            stop = min(self._known + self._stride, total)
            self._ahead = replay(self._tape.records(self._known, stop), self._ahead)
            self._places.append(self._ahead)
            self._known = stop

    def leave(self) -> None:
        """Have `prepare`, in whichever thread, return soon."""
        self._is_left = True

    @property
    def prepared(self) -> float:
        """How much of the log can be sought in, from 0 to 1."""
        return self._known / len(self._tape.times)

    def poll(self) -> Fleet | None:
        """The fleet now, if it differs from the one of the last call. Raises LogError."""
        count = min(bisect_right(self._tape.times, self.now), self._known)
        if count == self._shown:
            return None
        self._shown = count
        self.fleet = self._fleet_after(count)
        return self.fleet

    def _fleet_after(self, count: int) -> Fleet:
        at = count // self._stride
        start, fleet = at * self._stride, self._places[at]
        if start <= self._applied <= count:
            start, fleet = self._applied, self.fleet
        self._applied = count
        return replay(self._tape.records(start, count), fleet)

    def records(self, after: int = 0) -> Iterator[ev.Record]:
        """Every event of the log with a number above `after`, oldest first; in any thread."""
        numbers = range(len(self._tape.times))
        start = bisect_right(numbers, after, key=self._seq) if after else 0
        return self._tape.records(start, len(numbers))

    def _seq(self, number: int) -> int:
        return next(self._tape.records(number, number + 1)).seq

    def latest(self, agent: str, count: int) -> list[ev.Record]:
        """The last `count` events about an agent before now, of those not too far back."""
        shown = max(0, self._shown)
        near = self._tape.records(max(0, shown - _LOOKS_BACK), shown)
        return list(deque((r for r in near if about_agent(r.event) == agent), maxlen=count))

    def close(self) -> None:
        self._tape.close()

    # The transport

    @property
    def now(self) -> float:
        """Unix seconds in the log."""
        at, since = self._from
        if self.is_playing:
            at += (self._clock() - since) * self.speed
        return min(at, self.end)

    @property
    def is_over(self) -> bool:
        return self.now >= self.end

    def seek(self, at: float) -> None:
        self._from = (min(max(at, self.begin), self.end), self._clock())

    def step(self, count: int) -> None:
        """Forward, or backward, by so many events; the replay pauses there."""
        place = bisect_right(self._tape.times, self.now) - 1 + count
        self.is_playing = False
        self.seek(self._tape.times[min(max(place, 0), len(self._tape.times) - 1)])

    def turn(self) -> None:
        """Pause, or go on; from the end it begins anew."""
        now, over = self.now, self.is_over
        self.is_playing = over or not self.is_playing
        self.seek(self.begin if over else now)

    def change_speed(self, steps: int) -> None:
        near = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - self.speed))
        self.seek(self.now)
        self.speed = SPEEDS[min(max(near + steps, 0), len(SPEEDS) - 1)]
