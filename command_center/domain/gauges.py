"""What changes too often for the log: the present figures of each agent, one value a second."""

from msgspec import Struct

from command_center.domain.usage import NOTHING, Context, Tokens

TREND_STEP_S = 10.0
"""Seconds that one value of `Gauge.trend` stands for."""
TREND_LENGTH = 60


class Gauge(Struct, frozen=True):
    """One agent, as of `at`. A missing gauge means that nothing was measured yet."""

    agent: str
    at: float
    """Unix seconds of the measurement."""
    doing: str = ""
    """Its last tool call or sentence: plain text, one line; empty if unknown."""
    spent: Tokens = NOTHING
    """Since its launch, sub-agents and resumed conversations included."""
    money: float | None = None
    """US dollars at API prices for that part of `spent` whose price is known; None for no part."""
    unpriced: tuple[str, ...] = ()
    """The models that `money` does not hold, for no price of theirs is known."""
    is_estimate: bool = False
    """Whether any of it is the CLI's guess, or made up where no model runs."""
    spent_today: Tokens = NOTHING
    money_today: float | None = None
    context: Context | None = None
    """None where the CLI does not say how full its window is."""
    price: float | None = None
    """US dollars per million output tokens of its model; of one that spent nothing yet, the
    least of its spec's others. None where unknown."""
    rate: float = 0.0
    """Output tokens per second over the last ten seconds; `docs/usage.md` says what that means."""
    rate_minute: float = 0.0
    rate_hour: float = 0.0
    trend: tuple[float, ...] = ()
    """Output tokens per second in steps of TREND_STEP_S, oldest first, at most TREND_LENGTH."""
    busy_s: float = 0.0
    """Seconds of today that it was busy."""
    idle_s: float = 0.0
    """Seconds of today that it had a process and nothing to do."""
    waiting_s: float = 0.0
    """Seconds of today that it waited for a person."""
    producing_s: float = 0.0
    """Seconds of today in which its model wrote."""
    cpu: float | None = None
    """CPUs that its processes keep busy. This and `memory` come with the samples of the machine:
    who shows both puts them together."""
    memory: int | None = None
    """Resident bytes of its processes."""


class CatchUp(Struct, frozen=True):
    """How far a history of transcripts is read that nobody has counted before, in bytes."""

    done: int
    all: int
