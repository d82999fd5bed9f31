"""How fast tokens come.

A message is told when it is whole, all its tokens at once. It is taken to have been written evenly
in the time before: since the message before it in its conversation, but in no more time than it
takes at SLOWEST tokens a second. So every token is in the sums once, and near the time at which it
was written.
"""

from command_center.domain.gauges import TREND_LENGTH, TREND_STEP_S

SLOWEST = 25.0
"""Tokens per second. Beyond that a pause was no writing: a tool ran, or the user read."""
LONGEST_S = 600.0
SHORTEST_S = 1.0
MINUTE = 60.0
HOUR = 3600.0


class Flow:
    """Output tokens of one conversation in the last hour. Times are Unix seconds."""

    def __init__(self, midnight: float) -> None:
        self._midnight = midnight
        self._recent: list[tuple[float, float, float]] = []
        """(begin, end, tokens per second) of what was written in the last minute."""
        self._steps: dict[int, float] = {}
        """Tokens in each step of TREND_STEP_S, by its number since 1970."""
        self._end = 0.0
        self.producing_s = 0.0
        """Seconds since midnight in which it wrote."""

    def add(self, at: float, tokens: int) -> None:
        """A message, or what one grew by; in the order of their times."""
        if at <= 0 or tokens <= 0:
            return
        took = min(tokens / SLOWEST, LONGEST_S, max(0.0, at - self._end))
        begin = at - max(took, SHORTEST_S)
        speed = tokens / (at - begin)
        self._recent.append((begin, at, speed))
        for step in range(int(begin // TREND_STEP_S), int(at // TREND_STEP_S) + 1):
            start = step * TREND_STEP_S
            spent = speed * _overlap(begin, at, start, start + TREND_STEP_S)
            self._steps[step] = self._steps.get(step, 0.0) + spent
        self.producing_s += max(0.0, at - max(begin, self._end, self._midnight))
        self._end = max(self._end, at)

    def forget(self, now: float) -> None:
        """What is more than an hour old."""
        first = int((now - HOUR) // TREND_STEP_S)
        self._recent = [each for each in self._recent if each[1] > now - MINUTE]
        if self._steps and min(self._steps) <= first:
            self._steps = {step: sum_ for step, sum_ in self._steps.items() if step > first}

    def rate(self, now: float, seconds: float) -> float:
        """Tokens per second over the last `seconds`, at most MINUTE."""
        told = (
            speed * _overlap(begin, end, now - seconds, now) for begin, end, speed in self._recent
        )
        return sum(told) / seconds

    def rate_hour(self) -> float:
        """As of the last `forget`."""
        return sum(self._steps.values()) / HOUR

    def trend(self, now: float) -> list[float]:
        """Tokens per second in the last whole steps, oldest first."""
        last = int(now // TREND_STEP_S)
        steps = range(last - TREND_LENGTH, last)
        return [self._steps.get(step, 0.0) / TREND_STEP_S for step in steps]


def _overlap(begin: float, end: float, start: float, stop: float) -> float:
    return max(0.0, min(end, stop) - max(begin, start))
