"""How fast an agent writes, and what its day was made of."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from command_center.domain.gauges import Gauge
from command_center.domain.idleness import times_today, together
from command_center.domain.model import Agent, Fleet


class Pace(Struct, frozen=True):
    now: float
    """Output tokens per second over the last ten seconds, minute and hour."""
    minute: float
    hour: float
    producing_s: float
    """Seconds since midnight in which its model wrote."""
    share: float
    """Those, of the time since midnight; of several agents, the mean."""
    busy_s: float
    """Seconds since midnight, as all below."""
    waiting_s: float
    idle_s: float


def pace(agent: Agent, gauge: Gauge, now: float, midnight: float) -> Pace | None:
    """As of `now`; None when nothing was measured since `midnight`. Unix seconds."""
    if gauge.at < midnight:
        return None
    # Rates that nobody has measured lately are none.
    fresh = together([gauge], now)
    times = times_today(agent, gauge, now)
    return Pace(
        fresh.rate,
        fresh.rate_minute,
        fresh.rate_hour,
        gauge.producing_s,
        min(1.0, gauge.producing_s / max(1.0, now - midnight)),
        times.busy,
        times.waiting,
        times.idle,
    )


def paces(
    fleet: Fleet, gauges: Mapping[str, Gauge], now: float, midnight: float
) -> dict[str, Pace]:
    """By the agent's id, of those that were measured today."""
    found = {
        agent.id: pace(agent, gauges[agent.id], now, midnight)
        for agent in fleet.agents.values()
        if agent.id in gauges
    }
    return {agent: told for agent, told in found.items() if told is not None}


def all_paces(paces: Iterable[Pace]) -> Pace:
    """That of the fleet."""
    some = list(paces)
    return Pace(
        sum(each.now for each in some),
        sum(each.minute for each in some),
        sum(each.hour for each in some),
        sum(each.producing_s for each in some),
        sum(each.share for each in some) / max(1, len(some)),
        sum(each.busy_s for each in some),
        sum(each.waiting_s for each in some),
        sum(each.idle_s for each in some),
    )
