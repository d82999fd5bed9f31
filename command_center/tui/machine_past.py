"""What the machine did over a span of time, in as many values as there is room for."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field

from command_center.domain.machine import Point

if TYPE_CHECKING:
    from command_center.store.machine import MachineView

SPANS: Mapping[int, str] = {
    120: "2 min",
    600: "10 min",
    3600: "1 hour",
    6 * 3600: "6 hours",
    24 * 3600: "1 day",
}
"""Seconds, and how they are called."""
_FINE_S, _FINE_GAP, _COARSE_GAP = 3600, 15.0, 90.0
"""How far back the store has every second, and the seconds without a value that are a hole there,
and before."""


class Past(Struct, frozen=True):
    """Some series from `since` on."""

    since: float = 0.0
    until: float = 0.0
    series: Mapping[str, Sequence[Point]] = field(default_factory=dict)


class Frame(Struct, frozen=True):
    """`count` equal steps of time."""

    start: float
    step: float
    count: int

    @property
    def starts(self) -> list[float]:
        return [self.start + number * self.step for number in range(self.count)]

    @property
    def end(self) -> float:
        return self.start + self.count * self.step


def frame(now: float, span: float, room: int) -> Frame:
    """As many steps as there is room for, none shorter than a second; they stay where they are
    while time goes on, and all are over."""
    count = max(1, min(room, int(span)))
    step = span / count
    end = now // step * step
    return Frame(end - span, step, count)


def stepped(points: Sequence[Point], frame: Frame) -> list[float | None]:
    """The mean in each step; None where nothing was measured."""
    sums, counts = [0.0] * frame.count, [0] * frame.count
    lasts = [float("-inf")] * frame.count
    for point in points:
        at = int((point.at - frame.start) // frame.step)
        if 0 <= at < frame.count:
            sums[at] += point.value
            counts[at] += 1
            lasts[at] = point.at
    return _held(sums, counts, lasts, frame)


def _held(
    sums: Sequence[float], counts: Sequence[int], lasts: Sequence[float], frame: Frame
) -> list[float | None]:
    """A value holds on until the next one is due."""
    values: list[float | None] = []
    value, since = 0.0, float("-inf")
    newest = max(lasts, default=0.0)
    for number in range(frame.count):
        if counts[number]:
            value, since = sums[number] / counts[number], lasts[number]
        start = frame.start + number * frame.step
        gap = _COARSE_GAP if start < frame.end - _FINE_S else _FINE_GAP
        # Nobody knows yet what comes after the newest.
        is_told = counts[number] or (start - since < gap and start < newest)
        values.append(value if is_told else None)
    return values


def read_on(view: "MachineView", past: Past, names: Iterable[str], since: float) -> Past:
    """`past` with what came after it; read anew where it lacks a series or does not reach back.

    Raises LogError.
    """
    wanted = frozenset(names)
    if wanted - past.series.keys() or since < past.since:
        past = Past(since)
    new = view.history(wanted, max(since, past.until))
    series = {name: [*_after(past, name, since), *points] for name, points in new.items()}
    until = max((points[-1].at for points in new.values() if points), default=past.until)
    return Past(since, until, series)


def _after(past: Past, name: str, since: float) -> Sequence[Point]:
    known = past.series.get(name, ())
    return known[bisect_right(known, since, key=lambda point: point.at) :]


class Steps:
    """The steps of a past, each worked out once: most are the same a second later."""

    def __init__(self) -> None:
        self.past = Past()
        self._now = self._span = 0.0
        self._known: dict[tuple[str, Frame], Sequence[float | None]] = {}
        self._used: set[tuple[str, Frame]] = set()

    def take(self, past: Past, now: float, span: float) -> None:
        """`now` is where the span ends; what nobody asked for since the last call is forgotten."""
        self._known = {key: self._known[key] for key in self._used if key in self._known}
        if past.series.keys() != self.past.series.keys() or past.since < self.past.since:
            self._known.clear()
        self._used.clear()
        self.past, self._now, self._span = past, now, span

    def frame(self, room: int) -> Frame:
        return frame(self._now, self._span, room)

    def values(self, name: str, room: int) -> Sequence[float | None]:
        key = (name, self.frame(room))
        self._used.add(key)
        if key not in self._known:
            self._known[key] = stepped(self.past.series.get(name, ()), key[1])
        return self._known[key]


def mean(many: Sequence[Sequence[float | None]]) -> list[float | None]:
    """Of those that were measured, step by step."""
    return [_mean([v for v in each if v is not None]) for each in zip(*many, strict=True)]


def total(many: Sequence[Sequence[float | None]]) -> list[float | None]:
    return [_sum([v for v in each if v is not None]) for each in zip(*many, strict=True)]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _sum(values: Sequence[float]) -> float | None:
    return sum(values) if values else None
