"""Budgets: what a part of the work may cost, and whether it still may go on.

A scope is `day` (the local date), `fleet`, `agent:ID` or `task:ID`. Money is what the tokens would
cost at list prices; tokens are all kinds together, as `acc usage` totals them.
"""

import re
from collections.abc import Callable, Iterable
from enum import StrEnum

from msgspec import Struct

DAY, FLEET = "day", "fleet"
AGENT, TASK = "agent:", "task:"
WARN_AT = 0.8
ALL_TIME = "all"
"""The period of every scope but the day, whose period is its date."""

_MONEY = re.compile(
    r"\$\s*(?P<sign>\d+(?:\.\d+)?)|(?P<word>\d+(?:\.\d+)?)\s*(?:usd|\$)", re.IGNORECASE
)
_TOKENS = re.compile(
    r"(?P<count>\d+(?:\.\d+)?)\s*(?P<unit>[kmg]?)\s*(?:tok(?:ens?)?)", re.IGNORECASE
)
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}


class Level(StrEnum):
    OPEN = "open"
    WARNED = "warned"
    HELD = "held"


class Cap(Struct, frozen=True, omit_defaults=True):
    """The most that may be spent; 0 is no limit of that kind."""

    money: float = 0.0
    """US dollars."""
    tokens: int = 0

    def __bool__(self) -> bool:
        return self.money > 0 or self.tokens > 0

    def __add__(self, other: "Cap") -> "Cap":
        return Cap(self.money + other.money, self.tokens + other.tokens)

    def __str__(self) -> str:
        limits = [shown_money(self.money)] if self.money > 0 else []
        limits += [f"{shown_count(self.tokens)} tok"] if self.tokens > 0 else []
        return " or ".join(limits) or "none"


class Bill(Struct, frozen=True):
    """What was spent of a budget."""

    tokens: int = 0
    money: float = 0.0
    """US dollars, without the tokens of `unpriced`."""
    messages: int = 0
    unpriced: tuple[str, ...] = ()
    """Models without a known price."""

    def __add__(self, other: "Bill") -> "Bill":
        unpriced = self.unpriced
        if other.unpriced != unpriced:
            unpriced = tuple(sorted({*unpriced, *other.unpriced}))
        return Bill(
            self.tokens + other.tokens,
            self.money + other.money,
            self.messages + other.messages,
            unpriced,
        )

    @property
    def message(self) -> "Bill":
        """One message of average cost; nothing as long as none is known."""
        count = max(1, self.messages)
        return Bill(self.tokens // count, self.money / count, min(1, self.messages))


class Budget(Struct, frozen=True):
    """One scope's limit, and how far we have told that it is reached."""

    scope: str
    cap: Cap
    since: str = ""
    """The local date from which on a fleet's spending counts."""
    by: str = ""
    """Who set it last: `cli`, `dashboard`, `config`, `launch` or `task`."""
    config: str = ""
    """What the configuration or the task said last; only another word of theirs counts anew."""
    stops: bool = False
    """Whether turns under way are interrupted when it is reached."""
    level: Level = Level.OPEN
    words: str = ""
    at: float = 0.0
    """When the level was reached, in Unix seconds."""
    period: str = ""
    """What the level was reached in; empty when the budget has changed since."""
    blind: str = ""
    """Why it cannot be enforced; empty when it can."""
    stopped: tuple[str, ...] = ()
    """Agents that were interrupted because of it."""

    @property
    def is_held(self) -> bool:
        return self.level is Level.HELD and bool(self.cap)


class Judgement(Struct, frozen=True):
    level: Level
    words: str


def judge(cap: Cap, bill: Bill) -> Judgement:
    """Held before the next message of average cost would exceed the cap, not after."""
    ahead = bill.message
    judged = [
        _judge(limit, spent, more, text)
        for limit, spent, more, text in (
            (cap.money, bill.money, ahead.money, shown_money),
            (float(cap.tokens), float(bill.tokens), float(ahead.tokens), _shown_tokens),
        )
        if limit > 0
    ]
    ranks = list(Level)
    return max(judged, key=lambda j: ranks.index(j.level), default=Judgement(Level.OPEN, ""))


def _judge(limit: float, spent: float, ahead: float, text: Callable[[float], str]) -> Judgement:
    words = f"{text(spent)} of {text(limit)} spent"
    if spent >= limit:
        return Judgement(Level.HELD, words)
    if spent + ahead > limit:
        return Judgement(Level.HELD, f"{words}, and a message costs about {text(ahead)}")
    return Judgement(Level.WARNED if spent >= WARN_AT * limit else Level.OPEN, words)


def fits(cap: Cap, bill: Bill, ahead: Bill) -> bool:
    """Whether `ahead`, turns under way and the next one, still fit under the cap."""
    has_money = cap.money <= 0 or bill.money + ahead.money <= cap.money
    return has_money and (cap.tokens <= 0 or bill.tokens + ahead.tokens <= cap.tokens)


def summed(bills: Iterable[Bill]) -> Bill:
    return sum(bills, Bill())


def parse_cap(text: str) -> Cap:
    """Of `5usd`, `$5`, `200ktok`, `1.5Mtok`, or both with a comma. Raises ValueError."""
    money, tokens = 0.0, 0
    for part in text.split(","):
        word = part.strip()
        if match := _MONEY.fullmatch(word):
            money += float(match["sign"] or match["word"])
        elif match := _TOKENS.fullmatch(word):
            tokens += round(float(match["count"]) * _UNITS[match["unit"].lower()])
        else:
            raise ValueError(f"{word!r} is no amount; write 5usd, 200ktok, or 5usd,200ktok")
    if not (money > 0 or tokens > 0):
        raise ValueError(f"{text!r} is nothing; write `none` for no limit")
    return Cap(money, tokens)


def titled(scope: str, name: str = "") -> str:
    """As the subject of a sentence; `name` is that of an agent."""
    if scope == DAY:
        return "today's budget"
    if scope == FLEET:
        return "the fleet's budget"
    if scope.startswith(AGENT):
        return f"the budget of {name or scope.removeprefix(AGENT)}"
    return f"the budget of task {scope.removeprefix(TASK)}"


def shown_money(dollars: float) -> str:
    """Such as `$1.20`; small amounts with more digits, so that none seems to be nothing."""
    return f"${dollars:,.2f}" if dollars >= 0.1 or dollars == 0 else f"${dollars:.4f}"


def shown_count(tokens: float) -> str:
    """Such as `950`, `12.4k` or `3.1M`."""
    for size, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if tokens >= size:
            return f"{tokens / size:.1f}".removesuffix(".0") + unit
    return f"{tokens:.0f}"


def _shown_tokens(tokens: float) -> str:
    return f"{shown_count(tokens)} tok"
