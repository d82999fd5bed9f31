"""What was spent, told apart by agent, model, task, turn and the like."""

import time
from collections.abc import Callable, Iterator

from command_center.cli.spending import Owned, Spent, spent_by_agents
from command_center.domain.model import Agent, Fleet
from command_center.domain.niches import OURS
from command_center.domain.owners import owner_among
from command_center.domain.places import Places
from command_center.domain.text import one_line
from command_center.domain.turns import Turn, turn_at, turns_by_agent
from command_center.domain.usage import prompt_size
from command_center.store.usage import LocalDays
from command_center.store.usage_view import Total, UsageView
from command_center.store.view import View

FORMER = "(removed)"
NO_TASK = "(no task)"
BETWEEN = "(between turns)"
LONGEST_NAME = 60


def _nobody(owned: Owned) -> str:
    """What no agent of the fleet spent."""
    return OURS if owned[1].by[2] == OURS else FORMER


def _repo(fleet: Fleet, owned: Owned) -> str:
    agent, _ = owned
    if agent is None:
        return _nobody(owned)
    repo = fleet.repos.get(agent.order.repo)
    return repo.root if repo else agent.order.repo


def _task(_: Fleet, owned: Owned) -> str:
    agent, _total = owned
    return _nobody(owned) if agent is None else one_line(agent.task, LONGEST_NAME) or NO_TASK


NAMES: dict[str, Callable[[Fleet, Owned], str]] = {
    "agent": lambda _, owned: owned[0].name if owned[0] else _nobody(owned),
    "repo": _repo,
    "task": _task,
    "spec": lambda _, owned: owned[1].by[2],
    "model": lambda _, owned: owned[1].by[3],
    "day": lambda _, owned: owned[1].by[4] or "unknown",
}
KINDS = (*NAMES, "turn", "message")


def spent_by(places: Places, view: View, kind: str, since: str = "") -> dict[str, Spent]:
    """Sums from the local date `since`, by one of KINDS, in the order to show. Raises LogError."""
    view.poll()
    if kind == "turn":
        return _by_turn(places, view, since)
    if kind == "message":
        return _by_message(places, view.fleet, since)
    fleet, sums = view.fleet, dict[str, Spent]()
    for owned in spent_by_agents(places, fleet, since):
        sums.setdefault(NAMES[kind](fleet, owned), Spent()).add(owned[1])
    return dict(sorted(sums.items()))


def _by_turn(places: Places, log: View, since: str) -> dict[str, Spent]:
    if not places.usage.exists():
        return {}
    turns = turns_by_agent(log.records())
    sums: dict[tuple[str, int], tuple[str, Spent]] = {}
    with UsageView(places.usage) as view:
        for agent, at, total in owned_messages(view, log.fleet, since):
            turn = turn_at(turns.get(agent.id, []), at)
            key = agent.name, turn.number if turn else 0
            sums.setdefault(key, (_title(agent, turn), Spent()))[1].add(total)
    return {title: spent for _, (title, spent) in sorted(sums.items(), key=lambda each: each[0])}


def _by_message(places: Places, fleet: Fleet, since: str) -> dict[str, Spent]:
    """Those of an agent one after the other, oldest first, each with a number."""
    if not places.usage.exists():
        return {}
    told: dict[str, list[tuple[float, Total]]] = {}
    with UsageView(places.usage) as view:
        for agent, at, total in owned_messages(view, fleet, since):
            told.setdefault(agent.name, []).append((at, total))
    return {
        f"{name} {number}: {_message(at, total)}": Spent.of_one(total)
        for name, messages in sorted(told.items())
        for number, (at, total) in enumerate(messages, 1)
    }


def _message(at: float, total: Total) -> str:
    """When, by the local time, and with which model."""
    model, day, _ = total.by
    # No day: a time that nobody can read.
    when = f"{day} {time.strftime('%H:%M:%S', time.localtime(at))}" if day else "at no known time"
    return f"{when} {one_line(model, LONGEST_NAME)}"


def owned_messages(
    view: UsageView, fleet: Fleet, since: str
) -> Iterator[tuple[Agent, float, Total]]:
    """Each message of an agent that is in the fleet or in the trash."""
    owner = owner_among([*fleet.agents.values(), *(r.agent for r in fleet.removals.values())])
    known = {t.by[0]: (owner(*t.by), t.is_estimate) for t in view.totals("session", "folder")}
    day_of = LocalDays()
    for session, model, at, tokens in view.messages(None, 0.0):
        agent, is_estimate = known.get(session, (None, False))
        if agent is not None and (day := day_of(at)) >= since:
            by = (model, day, str(prompt_size(tokens)))
            yield agent, at, Total(by, tokens, 1, is_estimate)


def _title(agent: Agent, turn: Turn | None) -> str:
    if turn is None:
        return f"{agent.name} {BETWEEN}"
    first = turn.prompt.strip().partition("\n")[0]
    return one_line(f"{agent.name} {turn.number}: {first}", LONGEST_NAME)
