"""What each conversation spent, and how fast: the store's sums in memory, kept up as they grow."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable

from msgspec import Struct

from command_center.domain.flow import HOUR, Flow
from command_center.domain.usage import NO_MODEL, NOTHING, Context, SessionSeen, Tokens, UsageRow
from command_center.store.usage_view import Total, UsageView

MANY = 500
"""Conversations, of which all are asked for rather than each by its name."""


class Purse(Struct, frozen=True):
    """What one conversation spent."""

    spent: Tokens
    money: float | None
    """Of what has a known price; None for nothing."""
    unpriced: tuple[str, ...]
    is_estimate: bool


EMPTY = Purse(NOTHING, None, (), False)


class Tally:
    """Of one local day. Raises LogError wherever it asks the store."""

    def __init__(self, view: UsageView, today: str, now: float) -> None:
        self._view = view
        self._today = today
        self._midnight = midnight(now)
        self.seen: dict[str, SessionSeen] = {}
        """Every conversation that was counted, by its session."""
        self.purses: dict[str, Purse] = {}
        self.todays: dict[str, Purse] = {}
        self.flows: dict[str, Flow] = {}
        self._refresh(None)
        since = min(self._midnight, now - HOUR)
        for session, _, at, tokens in view.messages(None, since):
            self._flow(session).add(at, tokens.output)

    def take(self, rows: Iterable[UsageRow]) -> None:
        """What the store's totals grew by."""
        changed = set[str]()
        for row in sorted(rows, key=lambda each: each.at):
            changed.add(row.session)
            self._flow(row.session).add(row.at, row.tokens.output)
        if changed:
            self._refresh(changed if len(changed) < MANY else None)

    def look(self) -> None:
        """Take over what was told about conversations beside their messages."""
        self.seen = {seen.name: seen for seen in self._view.sessions()}

    def context(self, session: str) -> Context | None:
        """With the window that its model has where its CLI does not say."""
        seen = self.seen.get(session)
        if seen is None or seen.context is None or seen.context.window:
            return seen.context if seen else None
        from command_center.drivers.prices import context_window

        used, window = seen.context.used, context_window(seen.model)
        # A prompt that is longer than the table allows tells that the table is wrong.
        return Context(used, window if used <= window else 0)

    def price(self, session: str) -> float | None:
        """Dollars per million output tokens of its last model; None where unknown."""
        seen = self.seen.get(session)
        if seen is None or seen.model in ("", NO_MODEL):
            return None
        from command_center.drivers.prices import rates

        found = rates(seen.model, self._today)
        return float(found.output) if found else None

    def _flow(self, session: str) -> Flow:
        return self.flows.setdefault(session, Flow(self._midnight))

    def _refresh(self, sessions: Collection[str] | None) -> None:
        self.look()
        parts = defaultdict[str, list[Total]](list)
        for total in self._view.totals("session", "model", "day", "size", sessions=sessions):
            parts[total.by[0]].append(total)
        for session, totals in parts.items():
            self.purses[session] = _purse(totals)
            self.todays[session] = _purse([t for t in totals if t.by[2] == self._today])


def _purse(totals: Iterable[Total]) -> Purse:
    spent = [total for total in totals if total.tokens]
    if not spent:
        return EMPTY
    # Not at the top: the price table takes 0.2 s and 30 MB, and many fleets spend nothing.
    from command_center.drivers.prices import worth

    dollars, unpriced = worth((t.by[1], t.by[2], int(t.by[3]), t.tokens) for t in spent)
    return Purse(
        sum((total.tokens for total in spent), NOTHING),
        None if dollars is None else float(dollars),
        unpriced,
        any(total.is_estimate for total in spent),
    )


def midnight(now: float) -> float:
    """When the local day of `now` began. Unix seconds."""
    day = time.localtime(now)
    return time.mktime((day.tm_year, day.tm_mon, day.tm_mday, 0, 0, 0, 0, 0, -1))
