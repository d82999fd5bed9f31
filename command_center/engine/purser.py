"""Keeps budgets: tells when one is nearly spent, and holds what it no longer allows."""

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path

from command_center.domain import budget_events as bev, events as ev, intents as want
from command_center.domain.budgets import (
    AGENT,
    ALL_TIME,
    DAY,
    FLEET,
    TASK,
    Bill,
    Budget,
    Cap,
    Level,
    fits,
    parse_cap,
    summed,
    titled,
)
from command_center.domain.errors import CommandCenterError, IntentError, LogError, SpecError
from command_center.domain.model import Agent, Delivery, Fleet, Phase, State
from command_center.engine.core import Engine
from command_center.engine.keyboard import interrupt
from command_center.engine.ledger import Ledger, covers, local_date, read_ledger
from command_center.store.settings import Settings, read_settings

UNDER_WAY = (Delivery.TYPING, Delivery.TYPED, Delivery.ACCEPTED)
FIRST_COUNT_SECONDS = 15.0
"""After the end of an agent's turn, until the file that tells of it is surely found and read."""
COUNT_SECONDS = 4.0
"""Likewise, for a file that is known."""


class Purser:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ledger = Ledger({}, {})
        self._read_from: object = None
        engine.why_no_launch = self.why_refused
        self._settings = Settings()
        self._stamp: object = None
        self._problem = ""

    async def look(self) -> None:
        """Compare what was spent with what may be; costs nothing where there is no budget."""
        self._adopt()
        engine = self._engine
        before = engine.fleet.budgets
        if budgets := [budget for budget in before.values() if budget.cap]:
            try:
                await self._read(budgets)
            except LogError as error:
                self._complain(f"budgets are not kept: {error}")
                return
        if engine.fleet.budgets is not before:
            # Changed while we read: what we know is of other budgets.
            return
        today = local_date(engine.clock())
        for budget in engine.fleet.budgets.values():
            bill = self._ledger.budgets.get(budget.scope, Bill())
            period = today if budget.scope == DAY else ALL_TIME
            engine.record(*bev.budget_news(budget, bill, period), *self._blindness(budget, bill))
        await self._stop_turns()

    def why_held(self, agent: Agent) -> str:
        """Why no prompt may go to `agent` now, for money or tokens; empty when one may."""
        fleet = self._engine.fleet
        budgets = [b for b in fleet.budgets.values() if b.cap and covers(fleet, b.scope, agent.id)]
        if reason := self._why_held(budgets, agent.id):
            return reason
        is_near = any(budget.level is Level.WARNED for budget in budgets)
        if budgets and self._is_uncounted(agent, is_near=is_near):
            return "what its last turn spent is being counted, for its budget"
        return ""

    def why_refused(self) -> str:
        """Why no agent may be launched with a prompt; empty when one may."""
        budgets = self._engine.fleet.budgets
        return self._why_held((budgets[scope] for scope in (DAY, FLEET) if scope in budgets), "")

    def take(self, intent: want.SetBudget, taken: ev.IntentTaken, by: str) -> None:
        """Raises IntentError."""
        fleet, scope = self._engine.fleet, intent.scope
        if problem := _problem(fleet, scope, intent.cap):
            raise IntentError(problem)
        old = fleet.budgets.get(scope)
        if intent.raises and not (old and old.cap):
            raise IntentError(f"{titled(scope, self._name(scope))} is not set; there is no limit")
        cap = old.cap + intent.cap if old and intent.raises else intent.cap
        is_anew = scope == FLEET and not intent.raises
        since = local_date(self._engine.clock()) if is_anew else ""
        changed = bev.BudgetSet(scope, cap, by, since, stops=intent.stops)
        done = ev.IntentDone(taken.intent, _agent(scope), str(cap))
        self._engine.record(taken, changed, done)

    def _why_held(self, budgets: Iterable[Budget], agent: str) -> str:
        for budget in budgets:
            if not budget.cap:
                continue
            name = self._name(budget.scope)
            if budget.is_held:
                return f"{titled(budget.scope, name)} is reached: {budget.words}"
            bill = self._ledger.budgets.get(budget.scope, Bill())
            turns = [a.id for a in self._at_work(budget.scope) if a.id != agent]
            ahead = summed(self._message(budget.scope, each) for each in (*turns, agent))
            if not fits(budget.cap, bill, ahead):
                # Without the sums: they change all the time, and each change would be logged.
                what = "what is left is kept for turns under way" if turns else "it is used up"
                return f"{titled(budget.scope, name)} of {budget.cap}: {what}"
        return ""

    def _is_uncounted(self, agent: Agent, *, is_near: bool) -> bool:
        """Whether its last turn may have cost more than is known, where that matters."""
        spec = self._engine.spec_or_none(agent)
        ends = (r.changed_at for r in agent.receipts if r.delivery is Delivery.FINISHED)
        since = self._engine.clock() - max(ends, default=0.0)
        if spec is None or spec.usage is None:
            return False
        if agent.id not in self._ledger.agents:
            return since < FIRST_COUNT_SECONDS
        return is_near and since < COUNT_SECONDS

    def _message(self, scope: str, agent: str) -> Bill:
        """What one message of the agent costs: the part of a turn under way that is known."""
        own = self._ledger.agents.get(agent)
        return (own or self._ledger.budgets.get(scope, Bill())).message

    def _at_work(self, scope: str) -> Iterator[Agent]:
        fleet = self._engine.fleet
        for agent in fleet.agents.values():
            if covers(fleet, scope, agent.id) and _is_at_work(agent):
                yield agent

    async def _read(self, budgets: list[Budget]) -> None:
        """Raises LogError."""
        engine, fleet = self._engine, self._engine.fleet
        usage, today = engine.places.usage, local_date(engine.clock())
        prices = any(budget.cap.money > 0 for budget in budgets)
        files = [_stamp(usage), _stamp(usage.with_name(f"{usage.name}-wal"))]
        scopes = [(b.scope, b.since) for b in budgets]
        sessions = [(a.id, a.session) for a in fleet.agents.values()]
        read_from = (files, today, prices, scopes, sessions, fleet.tasks)
        if read_from != self._read_from:
            self._ledger = await asyncio.to_thread(
                read_ledger, engine.places, fleet, today, prices=prices
            )
            self._read_from = read_from

    def _adopt(self) -> None:
        """What the configuration and the tasks say anew becomes a budget, once."""
        engine, today = self._engine, local_date(self._engine.clock())
        self._read_settings()
        settings = self._settings.budget
        said = [(DAY, settings.day, "config"), (FLEET, settings.fleet, "config")]
        for agent in engine.fleet.agents.values():
            own = engine.fleet.budgets.get(AGENT + agent.id)
            if own is None or own.by == "config":
                said.append((AGENT + agent.id, settings.agent, "config"))
        for task in engine.fleet.tasks.values():
            if task.life.is_on_agent:
                cap = Cap(task.brief.allowance.money, task.brief.allowance.tokens)
                said.append((TASK + task.id, str(cap) if cap else "", "task"))
        for scope, words, by in said:
            budget = engine.fleet.budgets.get(scope)
            if words == (budget.config if budget else ""):
                continue
            since = "" if budget else today
            cap = self._task_cap(scope) if by == "task" else parse_cap(words) if words else Cap()
            engine.record(bev.BudgetSet(scope, cap, by, since, words, settings.stop or None))

    def _read_settings(self) -> None:
        """As they stand in the file now; one that cannot be read changes nothing."""
        stamp = _stamp(self._engine.places.settings)
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._settings = read_settings(self._engine.places.settings)
            except SpecError as error:
                self._complain(f"{error}; budgets stay as they were")

    def _task_cap(self, scope: str) -> Cap:
        allowance = self._engine.fleet.tasks[scope.removeprefix(TASK)].brief.allowance
        return Cap(allowance.money, allowance.tokens)

    def _blindness(self, budget: Budget, bill: Bill) -> Iterator[ev.Event]:
        reason = ""
        if budget.cap.money > 0 and bill.unpriced:
            models = ", ".join(model or "an unnamed model" for model in bill.unpriced)
            reason = f"no price is known for {models}; a limit in tokens can be kept"
        elif budget.cap and (agent := self._engine.fleet.agents.get(_agent(budget.scope))):
            spec = self._engine.spec_or_none(agent)
            if spec is not None and spec.usage is None:
                reason = f"{spec.name} does not tell what it spends"
        if reason != budget.blind:
            yield bev.BudgetBlind(budget.scope, reason)

    async def _stop_turns(self) -> None:
        engine = self._engine
        for budget in [b for b in engine.fleet.budgets.values() if b.is_held and b.stops]:
            for agent in list(self._at_work(budget.scope)):
                if agent.state is State.BUSY and agent.id not in budget.stopped:
                    engine.record(bev.BudgetStopIntended(budget.scope, agent.id))
                    await self._interrupt(agent)

    async def _interrupt(self, agent: Agent) -> None:
        try:
            await interrupt(self._engine, agent)
        except (CommandCenterError, OSError) as error:
            text = f"{agent.name} could not be interrupted: {error}"
            self._engine.record(ev.Noticed(text, agent.id, is_problem=True))

    def _complain(self, text: str) -> None:
        if self._problem != text:
            self._problem = text
            self._engine.record(ev.Noticed(text, is_problem=True))

    def _name(self, scope: str) -> str:
        agent = self._engine.fleet.agents.get(_agent(scope))
        return agent.name if agent else ""


def _problem(fleet: Fleet, scope: str, cap: Cap) -> str:
    if cap.money < 0 or cap.tokens < 0:
        return f"a budget of {cap.money} dollars and {cap.tokens} tokens: give amounts above zero"
    agent, task = _agent(scope), scope.removeprefix(TASK)
    is_known = scope in (DAY, FLEET) or agent in fleet.agents or task in fleet.tasks
    return "" if is_known else f"no budget scope '{scope}'; there are day, fleet, agents and tasks"


def _agent(scope: str) -> str:
    return scope.removeprefix(AGENT) if scope.startswith(AGENT) else ""


def _is_at_work(agent: Agent) -> bool:
    """Whether a turn of it is under way, or about to be."""
    if agent.phase is Phase.LAUNCHING:
        return bool(agent.receipts)
    is_taken = any(receipt.delivery in UNDER_WAY for receipt in agent.receipts)
    return agent.has_process and (agent.state in (State.BUSY, State.WAITING) or is_taken)


def _stamp(file: Path) -> tuple[int, int]:
    try:
        stat = file.stat()
    except OSError:
        return 0, 0
    return stat.st_size, stat.st_mtime_ns
