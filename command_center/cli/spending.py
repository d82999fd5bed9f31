"""What the fleet's agents spent: the counts, whose they are, and what they would cost."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from command_center.cli.reports import Spending
from command_center.domain.model import Agent, Fleet
from command_center.domain.niches import OURS
from command_center.domain.owners import is_below, owner_among
from command_center.domain.places import Places
from command_center.domain.usage import NOTHING
from command_center.store.usage_view import Total, UsageView


class Spent:
    """What one name stands for; grows by `add`."""

    def __init__(self) -> None:
        self.tokens = NOTHING
        self.messages = 0
        self.is_estimate = False
        self._parts: list[Total] = []

    @classmethod
    def of_one(cls, total: Total) -> "Spent":
        one = cls()
        one.add(total)
        return one

    @classmethod
    def of(cls, parts: Iterable["Spent"]) -> "Spent":
        """All of them together."""
        whole = cls()
        for part in parts:
            for total in part._parts:
                whole.add(total)
        return whole

    def add(self, total: Total) -> None:
        """`total` is by model, day and size at its end."""
        self.tokens += total.tokens
        self.messages += total.messages
        self.is_estimate |= total.is_estimate
        self._parts.append(total)

    @cached_property
    def money(self) -> tuple[Decimal | None, tuple[str, ...]]:
        """Dollars, None when no price is known, and the models they do not hold."""
        # Not at the top: the price table takes 0.2 s, and most agents have spent nothing.
        from command_center.drivers.prices import worth

        return worth(
            (model, day, int(size), part.tokens)
            for part in self._parts
            for model, day, size in [part.by[-3:]]
        )

    @property
    def shown_money(self) -> str:
        """Such as `$1.20`, `$1.20 + unknown` or `unknown`; empty for nothing spent."""
        if not self.tokens:
            return ""
        dollars, unknown = self.money
        known = [] if dollars is None else [f"{'~' if self.is_estimate else ''}${dollars:,.2f}"]
        return " + ".join([*known, *(["unknown"] if unknown else [])])

    @property
    def report(self) -> Spending:
        dollars, unknown = self.money
        tokens = self.tokens
        return Spending(
            messages=self.messages,
            input=tokens.input,
            output=tokens.output,
            cache_read=tokens.cache_read,
            cache_write=tokens.cache_write,
            reasoning=tokens.reasoning,
            total=tokens.total,
            dollars=None if dollars is None else float(dollars),
            unpriced=unknown,
            is_estimate=self.is_estimate,
        )


Owned = tuple[Agent | None, Total]
"""A total by spec, model, day and size, and whose it is; None for an agent that is forgotten, and
for the models that we asked ourselves."""


def spent_by_agents(places: Places, fleet: Fleet, since: str = "") -> list[Owned]:
    """What agents spent from the local date `since`, former ones too, and we ourselves.

    Raises LogError.
    """
    if not places.usage.exists():
        return []
    with UsageView(places.usage) as view:
        totals = view.totals("session", "folder", "spec", "model", "day", "size", since=since)
    owner = owner_among([*fleet.agents.values(), *(r.agent for r in fleet.removals.values())])
    found = [(owner(*total.by[:2]), total) for total in totals]
    ours = str(places.worktrees)
    return [(a, t) for a, t in found if a or t.by[2] == OURS or is_below(t.by[1], ours)]


def spent_per_agent(places: Places, fleet: Fleet) -> dict[str, Spent]:
    """By the agent's id. Raises LogError."""
    found: dict[str, Spent] = {}
    for agent, total in spent_by_agents(places, fleet):
        if agent is not None:
            found.setdefault(agent.id, Spent()).add(total)
    return found


def first_day(days: int) -> str:
    """The local date that begins the last `days` days, today included."""
    return str(date.today() - timedelta(days=days - 1))  # noqa: DTZ011


def shown_tokens(count: int) -> str:
    """Such as `950`, `12.4k` or `3.1M`."""
    for size, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:.1f}{unit}"
    return str(count)


def spent_today(places: Places, fleet: Fleet) -> str:
    """Such as `12.4k tok  $0.31 today`; empty for nothing. Raises LogError."""
    whole = Spent()
    for _, total in spent_by_agents(places, fleet, first_day(1)):
        whole.add(total)
    if not whole.tokens:
        return ""
    money = f"  {whole.shown_money}" if whole.money[0] is not None else ""
    return f"{shown_tokens(whole.tokens.total)} tok{money} today"


class TodaysSpending:
    """`spent_today` for somebody who asks again and again."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._made_from: object = None
        self._text = ""

    def __call__(self, fleet: Fleet) -> str:
        """Raises LogError."""
        counts = self._places.usage
        stamps = [_stamp(counts), _stamp(counts.with_name(f"{counts.name}-wal"))]
        made_from = (first_day(1), fleet.seq, stamps)
        if made_from != self._made_from:
            self._text = spent_today(self._places, fleet)
            self._made_from = made_from
        return self._text


def _stamp(file: Path) -> tuple[int, int]:
    try:
        stat = file.stat()
    except OSError:
        return 0, 0
    return stat.st_size, stat.st_mtime_ns
