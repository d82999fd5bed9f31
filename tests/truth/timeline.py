"""What an agent was really doing, as far as it can be known from outside the agent.

Known are the model server's requests and the keys that were pressed. Some changes happen
between two things that can be seen, such as a prompt that is typed and the request it leads
to: there the old state and the new one are both right.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from command_center.domain.model import State

GRACE = 0.3
"""Seconds after a change in which nothing is judged."""


class Mark(NamedTuple):
    """A state that an agent came to; None where nobody outside can say which."""

    state: State | None
    may: float
    """Unix seconds from which on it may be in this state already."""
    must: float
    """Unix seconds from which on it is."""


@dataclass(frozen=True, slots=True)
class Span:
    """One state from its mark to the next one."""

    state: State | None
    may: float
    must: float
    next_may: float
    end: float

    @property
    def is_judged(self) -> bool:
        """Whether it is known, and lasts longer than the grace."""
        return self.state is not None and self.next_may > self.must + GRACE


class Timeline:
    """The states of one agent, until `end`."""

    def __init__(self, marks: Iterable[Mark], end: float) -> None:
        self._marks, self._end = list(marks), end
        self.spans: list[Span] = []
        kept: list[Mark] = []
        for mark in _in_order(self._marks):
            if mark.must < end and not (kept and kept[-1].state is mark.state):
                kept.append(mark)
        for at, mark in enumerate(kept):
            later = kept[at + 1] if at + 1 < len(kept) else Mark(None, end, end)
            may = min(max(later.may, mark.must), later.must)
            self.spans.append(Span(mark.state, mark.may, mark.must, may, later.must))

    def without(self, state: State) -> "Timeline":
        """The same, with `state` unknown."""
        hidden = (m._replace(state=None) if m.state is state else m for m in self._marks)
        return Timeline(hidden, self._end)

    def right(self, at: float) -> frozenset[State]:
        """The states that are right at a moment; empty where nothing is judged."""
        for index, span in enumerate(self.spans):
            if not span.must <= at < span.end:
                continue
            if span.state is None or at < span.must + GRACE:
                break
            after = self.spans[index + 1].state if index + 1 < len(self.spans) else None
            if at < span.next_may:
                return frozenset((span.state,))
            return frozenset((span.state, after)) if after is not None else frozenset()
        return frozenset()


def _in_order(marks: Iterable[Mark]) -> list[Mark]:
    """By the time they may begin; a state that must have begun puts an end to all before."""
    ordered = sorted(marks, key=lambda m: m.may)
    for at in range(len(ordered) - 2, -1, -1):
        latest = min(ordered[at].must, ordered[at + 1].must)
        ordered[at] = ordered[at]._replace(must=latest)
    return ordered
