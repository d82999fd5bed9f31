"""How fast agents write, and what their day was made of, as it was measured last."""

from command_center.domain.model import Fleet
from command_center.domain.pace import Pace, paces
from command_center.domain.places import Places
from command_center.engine.tally import midnight
from command_center.store.gauges import GaugeView


def paces_today(places: Places, fleet: Fleet, now: float) -> dict[str, Pace]:
    """By the agent's id. Raises LogError."""
    gauges = GaugeView(places.gauges)
    try:
        return paces(fleet, gauges.poll() or {}, now, midnight(now))
    finally:
        gauges.close()
