"""How often and how soon somebody was right about agents."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from command_center.domain.model import State
from tests.truth.timeline import GRACE, Span, Timeline

LATE = 0.4
"""Seconds from which on a change is worth a line of its own."""


class Sample(NamedTuple):
    """What was said of one agent at one moment, in Unix seconds."""

    at: float
    said: State
    by: str = ""
    """Where the word came from, if it is known."""


class Error(NamedTuple):
    """Samples in a row that said the same wrong thing."""

    agent: str
    at: float
    seconds: float
    said: State
    right: frozenset[State]
    by: str = ""

    def __str__(self) -> str:
        right = " or ".join(sorted(self.right))
        by = f" by {self.by}" if self.by else ""
        said = f"{self.said}{by}"
        return f"{self.agent} at {self.at:.2f}: {said} for {self.seconds:.1f} s, was {right}"


@dataclass(slots=True)
class Score:
    """Counts over all agents of one kind."""

    judged: int = 0
    right: int = 0
    errors: list[Error] = field(default_factory=list)
    delays: list[tuple[State, float]] = field(default_factory=list)
    """Seconds from each change that lasted until it was said; infinite when it never was."""
    late: list[str] = field(default_factory=list)
    """The changes that took longer than `LATE`."""

    @property
    def share(self) -> float:
        return self.right / self.judged if self.judged else math.nan

    @property
    def false_idle(self) -> int:
        return sum(error.said is State.IDLE for error in self.errors)

    @property
    def false_busy(self) -> int:
        return sum(error.said is State.BUSY for error in self.errors)

    @property
    def waits(self) -> int:
        return sum(state is State.WAITING for state, _ in self.delays)

    @property
    def missed_waits(self) -> int:
        return sum(state is State.WAITING and math.isinf(took) for state, took in self.delays)

    def delay(self, share: float) -> float:
        """The delay that `share` of all changes stay within."""
        return quantile([took for _, took in self.delays], share)

    def counts(self) -> Counter[State]:
        """How many changes to each state were judged."""
        return Counter(state for state, _ in self.delays)


def quantile(values: Iterable[float], share: float) -> float:
    """The value that `share` of them stay within; not a number when there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else math.nan


def judge(score: Score, agent: str, timeline: Timeline, samples: Sequence[Sample]) -> None:
    """Adds what `samples` of one agent are worth to `score`."""
    wrong: list[tuple[Sample, frozenset[State]]] = []
    for sample in samples:
        right = timeline.right(sample.at)
        if not right:
            continue
        score.judged += 1
        if sample.said in right:
            score.right += 1
        else:
            wrong.append((sample, right))
    score.errors += _errors(agent, wrong)
    for span in timeline.spans:
        if span.state is not None and span.is_judged:
            took = delay(span, samples)
            score.delays.append((span.state, took))
            if took > LATE:
                score.late.append(f"{agent} at {span.must:.2f}: {took:.2f} s to {span.state}")


def delay(span: Span, samples: Iterable[Sample]) -> float:
    """Seconds from the moment a state holds until it is said."""
    said = (s.at for s in samples if span.may <= s.at < span.end and s.said is span.state)
    return max(0.0, next(said, math.inf) - span.must)


def _errors(agent: str, wrong: Sequence[tuple[Sample, frozenset[State]]]) -> list[Error]:
    errors: list[Error] = []
    for sample, right in wrong:
        last = errors[-1] if errors else None
        joins = last is not None and (last.said, last.right) == (sample.said, right)
        if last is not None and joins and sample.at - last.at - last.seconds < 2 * GRACE:
            errors[-1] = last._replace(seconds=sample.at - last.at)
        else:
            errors.append(Error(agent, sample.at, 0.0, sample.said, right, sample.by))
    return errors
