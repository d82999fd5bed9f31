"""What was spent of each budget: the counts of the usage store, by whose they are."""

import time
from collections.abc import Iterable

from msgspec import Struct

from command_center.domain.budgets import AGENT, DAY, FLEET, TASK, Bill, summed
from command_center.domain.model import Agent, Fleet
from command_center.domain.niches import OURS
from command_center.domain.owners import is_below, owner_among
from command_center.domain.places import Places
from command_center.domain.tasks import Task
from command_center.domain.usage import Tokens, prompt_size
from command_center.store.usage_view import LAST_DAY, Total, UsageView


class Ledger(Struct, frozen=True):
    budgets: dict[str, Bill]
    """By scope."""
    agents: dict[str, Bill]
    """By the agent's id, everything since its launch."""


class _Entry(Struct, frozen=True):
    agent: str
    """Empty for an agent that is forgotten."""
    session: str
    day: str
    bill: Bill


def read_ledger(
    places: Places, fleet: Fleet, today: str, *, prices: bool, has_calls: bool = True
) -> Ledger:
    """`today` is the local date. Without `prices` no money is known. Raises LogError.

    Without `has_calls` only agents count, not the models that we asked ourselves.
    """
    if not places.usage.exists():
        return Ledger({scope: Bill() for scope in fleet.budgets}, {})
    with UsageView(places.usage) as view:
        totals = view.totals("session", "folder", "model", "day", "size", "spec")
        known_totals = (t for t in totals if has_calls or t.by[-1] != OURS)
        entries = list(_entries(known_totals, fleet, str(places.worktrees), prices=prices))
        agents: dict[str, Bill] = {}
        for entry in entries:
            agents[entry.agent] = agents.get(entry.agent, Bill()) + entry.bill
        known = _by_task(view, fleet, entries, today, prices=prices)
    known |= {AGENT + agent: bill for agent, bill in agents.items()}
    for scope in {DAY, FLEET} & fleet.budgets.keys():
        since, until = (today, today) if scope == DAY else (fleet.budgets[scope].since, LAST_DAY)
        known[scope] = summed(entry.bill for entry in entries if since <= entry.day <= until)
    return Ledger({scope: known.get(scope, Bill()) for scope in fleet.budgets}, agents)


def local_date(at: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(at))


def covers(fleet: Fleet, scope: str, agent: str) -> bool:
    """Whether what the agent spends now counts against the scope."""
    if scope in (DAY, FLEET):
        return True
    if scope.startswith(TASK):
        task = fleet.tasks.get(scope.removeprefix(TASK))
        return task is not None and task.agent == agent and task.life.is_on_agent
    return scope == AGENT + agent


def _entries(totals: Iterable[Total], fleet: Fleet, ours: str, *, prices: bool) -> Iterable[_Entry]:
    owner = owner_among([*fleet.agents.values(), *(r.agent for r in fleet.removals.values())])
    for total in totals:
        session, folder, model, day, size, spec = total.by
        agent = owner(session, folder)
        if agent is not None or spec == OURS or is_below(folder, ours):
            bill = _bill(model, day, int(size), total.tokens, total.messages, prices=prices)
            yield _Entry(agent.id if agent else "", session, day, bill)


def _bill(model: str, day: str, size: int, tokens: Tokens, messages: int, *, prices: bool) -> Bill:
    if not prices or not tokens:
        return Bill(tokens.total, messages=messages)
    # Not at the top: the price table takes 0.2 s and 30 MB, and most fleets have no such budget.
    from command_center.drivers.prices import rates

    found = rates(model, day, size)
    if found is None:
        return Bill(tokens.total, messages=messages, unpriced=(model,))
    return Bill(tokens.total, float(found.worth(tokens)), messages)


def _by_task(
    view: UsageView, fleet: Fleet, entries: Iterable[_Entry], today: str, *, prices: bool
) -> dict[str, Bill]:
    """What agents spent while they were at work on a task with a budget."""
    tasks = [t for t in fleet.tasks.values() if TASK + t.id in fleet.budgets and t.started_at]
    agents = {task.agent for task in tasks}
    sessions = {entry.session: entry.agent for entry in entries if entry.agent in agents}
    sessions |= {a.session: a.id for a in _known(fleet, agents) if a.session}
    if not sessions:
        return {}
    bills: dict[str, Bill] = {}
    since = min(task.started_at for task in tasks)
    for session, model, at, tokens in view.messages(sessions, since):
        for task in tasks:
            if task.agent == sessions[session] and _is_within(task, at):
                bill = _bill(model, today, prompt_size(tokens), tokens, 1, prices=prices)
                bills[TASK + task.id] = bills.get(TASK + task.id, Bill()) + bill
    return bills


def _known(fleet: Fleet, agents: set[str]) -> list[Agent]:
    return [agent for agent in fleet.agents.values() if agent.id in agents]


def _is_within(task: Task, at: float) -> bool:
    return task.started_at <= at and (not task.ended_at or at < task.ended_at)
