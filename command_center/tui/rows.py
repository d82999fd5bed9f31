"""Which lines the fleet list holds, and in which order: pure, so that it can be proved."""

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from command_center.domain.model import Agent, Fleet, State

NEED_BELOW = 4
"""Agents of a lower urgency need the user."""

_URGENCY = {
    State.WAITING: 0,
    State.LIMITED: 1,
    State.BUSY: 4,
    State.STARTING: 4,
    State.IDLE: 5,
    State.UNKNOWN: 6,
    State.LOST: 7,
    State.EXITED: 8,
    State.PARKED: 9,
}


class AgentRow(Struct, frozen=True):
    agent: Agent


class RepoRow(Struct, frozen=True):
    repo: str
    """Id of the repository."""
    name: str
    agents: int
    needing: int


class HiddenRow(Struct, frozen=True):
    agents: int
    needing: int
    are_shown: bool


Row = AgentRow | RepoRow | HiddenRow


class Sieve(Struct, frozen=True):
    """What the user has asked to see."""

    needle: str = ""
    repo: str = ""
    shows_hidden: bool = False


ALL = Sieve()


def turned(sieve: Sieve, fleet: Fleet, step: int) -> Sieve:
    """On to another repository that has agents; after the last one come all of them."""
    used = {agent.order.repo for agent in fleet.agents.values()}
    turns = ["", *sorted(used, key=lambda repo: fleet.repos[repo].name)]
    at = turns.index(sieve.repo) if sieve.repo in turns else 0
    return replace(sieve, repo=turns[(at + step) % len(turns)])


def urgency(agent: Agent) -> int:
    """The lower, the sooner the user is needed."""
    if agent.is_unseen and agent.state in (State.LOST, State.EXITED):
        return 2
    if agent.is_unseen and agent.state is State.IDLE:
        return 3
    return _URGENCY[agent.state]


def needs_user(agent: Agent) -> bool:
    return urgency(agent) < NEED_BELOW


def ordered(agents: Iterable[Agent], held: Mapping[str, int]) -> list[Agent]:
    """By urgency, then by age. Those in `held` keep that order, and any newcomer follows."""
    newcomer = len(held)
    return sorted(agents, key=lambda a: (held.get(a.id, newcomer), urgency(a), a.created_at, a.id))


def matches(agent: Agent, needle: str, spec_name: str, repo_name: str) -> bool:
    """Whether every word of `needle` occurs in what the user sees of the agent."""
    order = agent.order
    seen = (agent.name, agent.state, agent.reason, order.spec, spec_name, order.prompt)
    text = "\n".join((*seen, order.branch, repo_name)).casefold()
    return all(word in text for word in needle.casefold().split())


def rows(
    fleet: Fleet,
    sieve: Sieve,
    held: Mapping[str, int],
    spec_names: Mapping[str, str],
) -> tuple[Row, ...]:
    names = {repo.id: repo.name for repo in fleet.repos.values()}
    found = [
        agent
        for agent in fleet.agents.values()
        if sieve.repo in ("", agent.order.repo)
        and matches(
            agent,
            sieve.needle,
            spec_names.get(agent.order.spec, ""),
            names.get(agent.order.repo, agent.order.repo),
        )
    ]
    open_ones = ordered((a for a in found if not a.is_hidden), held)
    hidden = ordered((a for a in found if a.is_hidden), held)
    lines = _grouped(open_ones, names)
    if hidden:
        lines.append(HiddenRow(len(hidden), sum(map(needs_user, hidden)), sieve.shows_hidden))
        if sieve.shows_hidden:
            lines += map(AgentRow, hidden)
    return tuple(lines)


def _grouped(agents: list[Agent], names: Mapping[str, str]) -> list[Row]:
    """Under a line for each repository when there is more than one.

    The repository whose first agent stands first comes first, so that who needs the user is
    near the top whatever the repository.
    """
    groups: dict[str, list[Agent]] = {}
    for agent in agents:
        groups.setdefault(agent.order.repo, []).append(agent)
    if len(groups) < 2:
        return list(map(AgentRow, agents))
    lines: list[Row] = []
    for repo, members in sorted(groups.items(), key=lambda g: _group_key(g, names)):
        needing = sum(map(needs_user, members))
        lines.append(RepoRow(repo, names.get(repo, repo), len(members), needing))
        lines += map(AgentRow, members)
    return lines


def _group_key(group: tuple[str, list[Agent]], names: Mapping[str, str]) -> tuple[int, str, str]:
    repo, members = group
    first = min(map(urgency, members))
    return min(first, NEED_BELOW), names.get(repo, repo), repo
