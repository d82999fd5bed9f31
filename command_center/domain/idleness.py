"""The fleet's figures together, and the agent-minutes that pass with nothing done.

Nobody can say what a minute that did not happen would have brought. What can be said is what the
same agents write in a minute in which they are busy today; that much was not written.
"""

from collections.abc import Iterable, Mapping
from itertools import zip_longest

from msgspec import Struct

from command_center.domain.budgets import shown_count, shown_money
from command_center.domain.gauges import TREND_LENGTH, TREND_STEP_S, Gauge
from command_center.domain.model import Agent, Fleet, State, Times
from command_center.domain.usage import NOTHING


class Idleness(Struct, frozen=True):
    """Seconds are agent-seconds: those of two agents at once are two."""

    waiting: int = 0
    """Agents that wait for a person now."""
    waiting_s: float = 0.0
    """For how long they have been, together."""
    idle: int = 0
    """Agents that have nothing to do now."""
    idle_s: float = 0.0
    waiting_today_s: float = 0.0
    idle_today_s: float = 0.0
    unwritten: float = 0.0
    """Output tokens that the agents would have written in today's idle and waiting time, each at
    its own pace of today; an agent that was not busy today has none."""
    unwritten_money: float | None = None
    """US dollars at API prices for that work, prompts included; None where no price is known."""

    @property
    def words(self) -> str:
        """Such as `3 agents wait for you: 41 agent-minutes`; empty when nobody does.

        The time is told from the first minute on.
        """
        if not self.waiting:
            return ""
        agents = f"{self.waiting} agents wait" if self.waiting > 1 else "1 agent waits"
        spent = f": {_minutes(self.waiting_s)}" if self.waiting_s >= 60 else ""
        return f"{agents} for you{spent}"

    @property
    def words_today(self) -> str:
        """Such as `today 41 agent-minutes waiting: about 12k tokens, $1.20 of work`.

        Empty for less than a minute.
        """
        told = [(self.waiting_today_s, "waiting"), (self.idle_today_s, "idle")]
        parts = [f"{_minutes(seconds)} {name}" for seconds, name in told if seconds >= 60]
        if not parts:
            return ""
        return "today " + ", ".join(parts) + self._cost

    @property
    def _cost(self) -> str:
        """What was not written meanwhile."""
        if self.unwritten < 1:
            return ""
        money = self.unwritten_money
        worth = f", {shown_money(money)}" if money is not None and money >= 0.005 else ""
        return f": about {shown_count(self.unwritten)} tokens{worth} of work"


def idleness(fleet: Fleet, gauges: Mapping[str, Gauge], now: float) -> Idleness:
    """As of `now`, in Unix seconds: later than the gauges, which stand still while nobody works."""
    agents = [agent for agent in fleet.agents.values() if agent.has_process]
    waiting = [now - a.since for a in agents if a.state is State.WAITING]
    idle = [now - a.since for a in agents if a.state is State.IDLE]
    lost, money = 0.0, list[float]()
    today = Times()
    for agent in fleet.agents.values():
        if (gauge := gauges.get(agent.id)) is None:
            continue
        times = times_today(agent, gauge, now)
        today = Times(0.0, today.waiting + times.waiting, today.idle + times.idle)
        if times.busy >= 1:
            share = (times.waiting + times.idle) / times.busy
            lost += gauge.spent_today.output * share
            money += [gauge.money_today * share] if gauge.money_today is not None else []
    return Idleness(
        len(waiting),
        sum(max(0.0, seconds) for seconds in waiting),
        len(idle),
        sum(max(0.0, seconds) for seconds in idle),
        today.waiting,
        today.idle,
        lost,
        sum(money) if money else None,
    )


def times_today(agent: Agent, gauge: Gauge, now: float) -> Times:
    """The gauge's, with what the present state took since it was measured."""
    times = Times(gauge.busy_s, gauge.waiting_s, gauge.idle_s)
    if not agent.has_process:
        return times
    return times.and_also(agent.state, now - max(gauge.at, agent.since))


def together(gauges: Iterable[Gauge], now: float) -> Gauge:
    """The fleet's gauge: sums, but `context` and `doing`, which it has none of.

    Rates of gauges that were not measured for a minute are not in it: nothing flows there.
    """
    some = list(gauges)
    fresh = [gauge for gauge in some if now - gauge.at < 60]
    return Gauge(
        "",
        max((gauge.at for gauge in some), default=now),
        spent=sum((gauge.spent for gauge in some), NOTHING),
        money=_sum(gauge.money for gauge in some),
        unpriced=tuple(sorted({model for gauge in some for model in gauge.unpriced})),
        is_estimate=any(gauge.is_estimate for gauge in some),
        spent_today=sum((gauge.spent_today for gauge in some), NOTHING),
        money_today=_sum(gauge.money_today for gauge in some),
        rate=sum(gauge.rate for gauge in fresh),
        rate_minute=sum(gauge.rate_minute for gauge in fresh),
        rate_hour=sum(gauge.rate_hour for gauge in some),
        trend=_trend(some),
        busy_s=sum(gauge.busy_s for gauge in some),
        idle_s=sum(gauge.idle_s for gauge in some),
        waiting_s=sum(gauge.waiting_s for gauge in some),
        producing_s=sum(gauge.producing_s for gauge in some),
    )


def _trend(gauges: list[Gauge]) -> tuple[float, ...]:
    """Step by step of the same time: gauges that stand still end earlier."""
    ends = [int(gauge.at // TREND_STEP_S) for gauge in gauges if gauge.trend]
    if not ends:
        return ()
    newest = max(ends)
    moved = [
        (*[0.0] * (newest - end), *reversed(gauge.trend))
        for gauge, end in zip((g for g in gauges if g.trend), ends, strict=True)
    ]
    steps = [sum(step) for step in zip_longest(*moved, fillvalue=0.0)]
    return tuple(reversed(steps[:TREND_LENGTH]))


def _sum(money: Iterable[float | None]) -> float | None:
    known = [dollars for dollars in money if dollars is not None]
    return sum(known) if known else None


def _minutes(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes:,} agent-minute{'' if minutes == 1 else 's'}"
