"""Measures what changes too often for the log: who spends how much, how fast, and who idles."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from command_center.domain.flow import MINUTE, Flow
from command_center.domain.gauges import TREND_STEP_S, CatchUp, Gauge
from command_center.domain.model import Agent, Fleet, State, Times
from command_center.domain.owners import owner_among
from command_center.domain.usage import NOTHING, UsageRow
from command_center.engine.tally import Purse, Tally, midnight
from command_center.store.gauges import GaugeStore
from command_center.store.usage_view import UsageView

NOW_SECONDS = 10.0
"""What counts as the present where a rate is told."""
NAP_SECONDS = 60.0
"""By which the machine's clock outran its uptime: it slept, and so did the agents."""


class Gauger:
    """Owns no file: the store and the view are the bookkeeper's, and so is the thread."""

    def __init__(self, store: GaugeStore, fleet: Fleet, now: float) -> None:
        self._store = store
        self._view: UsageView | None = None
        self._tally: Tally | None = None
        self._sessions: dict[str, list[str]] = {}
        """Each agent's conversations."""
        self._owned_by: object = None
        self._day = ""
        self._mornings: dict[str, Times] = {}
        """What an agent's times were when the day began."""
        self._awake_s = _awake(now)
        self.gauges: dict[str, Gauge] = {}
        self._turn_day(fleet, now)

    @property
    def is_flowing(self) -> bool:
        """Whether rates are still to fall, though nobody works."""
        return any(gauge.rate_minute for gauge in self.gauges.values())

    def look(self) -> None:
        """Something was told about a conversation beside its messages. Raises LogError."""
        if self._tally is not None:
            self._tally.look()

    def take(self, view: UsageView, rows: Iterable[UsageRow], now: float) -> None:
        """What the totals of `view` grew by. Raises LogError."""
        self._view = view
        if self._tally is None:
            self._tally = Tally(view, self._day, now)
        else:
            self._tally.take(rows)

    def tick(
        self,
        fleet: Fleet,
        doings: Mapping[str, str],
        now: float,
        catch_up: CatchUp | None = None,
    ) -> dict[str, Gauge]:
        """Measure, and save what has changed. Raises LogError."""
        self._turn_day(fleet, now)
        self._sleep(fleet, now)
        self._share_out(fleet)
        measured = {a.id: self._gauge(a, doings, now) for a in fleet.agents.values()}
        measured = dict(_priced(measured, fleet))
        self.gauges = {
            agent: self.gauges[agent]
            if agent in self.gauges and not _is_news(self.gauges[agent], gauge, fleet)
            else gauge
            for agent, gauge in measured.items()
        }
        self._store.save(self.gauges, catch_up)
        return self.gauges

    def _gauge(self, agent: Agent, doings: Mapping[str, str], now: float) -> Gauge:
        doing, times = doings.get(agent.id, ""), self._today(agent, now)
        gauge = Gauge(
            agent.id,
            now,
            doing=doing,
            busy_s=times.busy,
            idle_s=times.idle,
            waiting_s=times.waiting,
        )
        tally, sessions = self._tally, self._sessions.get(agent.id)
        if tally is None or not sessions:
            return gauge
        whole = _together(tally.purses.get(each) for each in sessions)
        today = _together(tally.todays.get(each) for each in sessions)
        flows = [tally.flows[each] for each in sessions if each in tally.flows]
        return replace(
            gauge,
            spent=whole.spent,
            money=whole.money,
            unpriced=whole.unpriced,
            is_estimate=whole.is_estimate,
            spent_today=today.spent,
            money_today=today.money,
            context=tally.context(agent.session or sessions[-1]),
            price=tally.price(agent.session or sessions[-1]),
            producing_s=sum(flow.producing_s for flow in flows),
            **_rates(flows, now),
        )

    def _share_out(self, fleet: Fleet) -> None:
        """Whose each conversation is; asked anew when a folder, a session or an agent is new."""
        if self._tally is None:
            return
        told_by = self._tally.seen
        agents = [(a.id, a.session, a.order.worktree) for a in fleet.agents.values()]
        owned_by = (agents, [(seen.name, seen.folder) for seen in told_by.values()])
        if owned_by == self._owned_by:
            return
        owner = owner_among(fleet.agents.values())
        sessions = defaultdict[str, list[str]](list)
        for seen in told_by.values():
            if agent := owner(seen.name, seen.folder):
                sessions[agent.id].append(seen.name)
        self._sessions, self._owned_by = sessions, owned_by

    def _turn_day(self, fleet: Fleet, now: float) -> None:
        day = time.strftime("%Y-%m-%d", time.localtime(now))
        if day == self._day:
            return
        began = midnight(now)
        kept = self._store.mornings(day)
        mornings = {a.id: kept.get(a.id) or _morning(a, began) for a in fleet.agents.values()}
        self._store.save_mornings(day, mornings)
        self._day, self._mornings, self.gauges = day, mornings, {}
        if self._view is not None:
            self._tally = Tally(self._view, day, now)

    def _sleep(self, fleet: Fleet, now: float) -> None:
        """A lid that was closed: what the agents did meanwhile took none of their time."""
        slept, self._awake_s = _awake(now) - self._awake_s, _awake(now)
        if slept < NAP_SECONDS:
            return
        self._mornings = {
            a.id: self._mornings.get(a.id, Times()).and_also(a.state, slept)
            for a in fleet.agents.values()
        }
        self._store.save_mornings(self._day, self._mornings)

    def _today(self, agent: Agent, now: float) -> Times:
        morning = self._mornings.get(agent.id, Times())
        times = _times(agent, now)
        return Times(
            max(0.0, times.busy - morning.busy),
            max(0.0, times.waiting - morning.waiting),
            max(0.0, times.idle - morning.idle),
        )


def _morning(agent: Agent, began: float) -> Times:
    """What is not known of the hours before its present state is left out of the day."""
    return Times() if agent.created_at >= began else _times(agent, began)


def _times(agent: Agent, at: float) -> Times:
    """Up to `at`: its state goes on, if there is a process to have one."""
    if agent.state not in (State.BUSY, State.WAITING, State.IDLE):
        return agent.times
    return agent.times.and_also(agent.state, at - agent.since)


def _awake(now: float) -> float:
    """Grows by what the machine sleeps, and by what its clock is set."""
    return now - time.monotonic()


def _together(purses: Iterable[Purse | None]) -> Purse:
    told = [purse for purse in purses if purse]
    priced = [purse.money for purse in told if purse.money is not None]
    return Purse(
        sum((purse.spent for purse in told), NOTHING),
        sum(priced) if priced else None,
        tuple(sorted({model for purse in told for model in purse.unpriced})),
        any(purse.is_estimate for purse in told),
    )


def _priced(gauges: Mapping[str, Gauge], fleet: Fleet) -> Iterator[tuple[str, Gauge]]:
    """An agent that has asked no model yet costs what others of its spec do."""
    usual: dict[str, float] = {}
    for name, gauge in gauges.items():
        if gauge.price is not None:
            spec = fleet.agents[name].order.spec
            usual[spec] = min(gauge.price, usual.get(spec, gauge.price))
    for name, gauge in gauges.items():
        price = usual.get(fleet.agents[name].order.spec)
        yield name, gauge if gauge.spent or price is None else replace(gauge, price=price)


def _rates(flows: list[Flow], now: float) -> dict[str, float | tuple[float, ...]]:
    for flow in flows:
        flow.forget(now)
    trend = [round(sum(step), 1) for step in zip(*(f.trend(now) for f in flows), strict=True)]
    began = next((number for number, step in enumerate(trend) if step), len(trend))
    return {
        "rate": round(sum(flow.rate(now, NOW_SECONDS) for flow in flows), 1),
        "rate_minute": round(sum(flow.rate(now, MINUTE) for flow in flows), 1),
        "rate_hour": round(sum(flow.rate_hour() for flow in flows), 2),
        "trend": tuple(trend[began:]),
    }


def _is_news(old: Gauge, new: Gauge, fleet: Fleet) -> bool:
    """Whether more has changed than the time that its state goes on."""
    if fleet.agents[new.agent].since > old.at or (old.trend and new.at - old.at >= TREND_STEP_S):
        return True
    same = replace(new, at=old.at, busy_s=old.busy_s, idle_s=old.idle_s, waiting_s=old.waiting_s)
    return same != old
