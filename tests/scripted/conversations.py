"""Which prompts arrived, and how often, although a CLI sends its whole history every time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arrival:
    """One prompt that reached the model as a turn of its own."""

    who: str
    prompt: str


class Conversations:
    """The arrivals of many conversations. Not thread-safe; the owner holds a lock."""

    def __init__(self) -> None:
        self._arrivals: list[Arrival] = []
        self._turns: dict[str, Counter[str]] = {}

    def hear(self, who: str, prompts: Sequence[str]) -> None:
        """Note a history: a prompt arrived once for each turn it has in the fullest history.

        A retry repeats a history and a compaction shortens it; neither is a new arrival.
        """
        seen = self._turns.setdefault(who, Counter())
        now: Counter[str] = Counter()
        for prompt in prompts:
            now[prompt] += 1
            if now[prompt] > seen[prompt]:
                seen[prompt] += 1
                self._arrivals.append(Arrival(who, prompt))

    def arrivals(self, who: str | None = None) -> list[Arrival]:
        """All arrivals in order, or those of one conversation."""
        return [arrival for arrival in self._arrivals if who in (None, arrival.who)]
