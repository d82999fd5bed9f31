"""Which agents the user has asked to see, and what they stand together by: pure."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from command_center.domain.layouts import Group
from command_center.domain.model import Agent, Fleet, State
from command_center.domain.tasks import Task

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


class Standing(StrEnum):
    """Sets of states as a user asks for them; one agent may be in two."""

    BUSY = "busy"
    WAITING = "waiting"
    NEEDS_ME = "needs me"
    IDLE = "idle"


class Sieve(Struct, frozen=True):
    """What the user has asked to see. Every filter that is set must let an agent through."""

    needle: str = ""
    standings: frozenset[Standing] = frozenset()
    """Any of these; empty lets all through."""
    repo: str = ""
    task: str = ""
    """As `task_of` tells it."""
    tag: str = ""
    shows_hidden: bool = False
    group: Group = Group.REPOSITORY
    folded: frozenset[str] = frozenset()
    """Keys of the groups of which only the head line is shown."""

    @property
    def cleared(self) -> "Sieve":
        """Without any filter; grouped and folded as before."""
        return replace(self, needle="", standings=frozenset(), repo="", task="", tag="")

    @property
    def is_filtering(self) -> bool:
        return self != self.cleared


ALL = Sieve()


def turned(sieve: Sieve, fleet: Fleet, step: int) -> Sieve:
    """On to another repository that has agents; after the last one come all of them."""
    used = {agent.order.repo for agent in fleet.agents.values()}
    # A part of a log may tell of agents without their repositories.
    names = {repo: fleet.repos[repo].name if repo in fleet.repos else repo for repo in used}
    turns = ["", *sorted(used, key=names.__getitem__)]
    at = turns.index(sieve.repo) if sieve.repo in turns else 0
    return replace(sieve, repo=turns[(at + step) % len(turns)])


def regrouped(sieve: Sieve) -> Sieve:
    """On to the next way of grouping."""
    ways = list(Group)
    return replace(sieve, group=ways[(ways.index(sieve.group) + 1) % len(ways)])


def toggled_fold(sieve: Sieve, key: str) -> Sieve:
    return replace(sieve, folded=sieve.folded ^ {key})


def urgency(agent: Agent) -> int:
    """The lower, the sooner the user is needed."""
    if agent.is_unseen and agent.state in (State.LOST, State.EXITED):
        return 2
    if agent.is_unseen and agent.state is State.IDLE:
        return 3
    return _URGENCY[agent.state]


def needs_user(agent: Agent) -> bool:
    return urgency(agent) < NEED_BELOW


def is_standing(agent: Agent, standing: Standing) -> bool:
    match standing:
        case Standing.BUSY:
            return agent.state in (State.BUSY, State.STARTING)
        case Standing.WAITING:
            return agent.state is State.WAITING
        case Standing.NEEDS_ME:
            return needs_user(agent)
        case Standing.IDLE:
            return agent.state is State.IDLE


def task_of(agent: Agent, fleet: Fleet) -> str:
    """What it is at work on: a task's title, else the first line of what it was launched with."""
    newest_first = reversed(fleet.tasks.values())
    own = (task.brief.title for task in newest_first if task.agent == agent.id)
    return next(own, agent.task)


def task_words(tasks: Mapping[str, Task]) -> dict[str, str]:
    """Id and title of the newest task of each agent that ever had one, by the agent's id."""
    return {task.agent: f"{task.id} {task.brief.title}" for task in tasks.values() if task.agent}


def group_of(agent: Agent, group: Group, fleet: Fleet) -> tuple[str, str]:
    """A key that no other group has, and a name for people."""
    order = agent.order
    match group:
        case Group.NONE:
            value, name = "", ""
        case Group.REPOSITORY:
            repo = fleet.repos.get(order.repo)
            value, name = order.repo, repo.name if repo else order.repo
        case Group.TASK:
            value = task_of(agent, fleet)
            name = value or "no task"
        case Group.STATE:
            value = name = str(agent.state)
        case Group.TAG:
            # An agent has one line, so it stands with its first tag.
            value = order.tags[0] if order.tags else ""
            name = value or "no tag"
    return f"{group}:{value}", name


def matches(agent: Agent, needle: str, spec_name: str, repo_name: str, task: str = "") -> bool:
    """Whether every word of `needle` occurs in what the user sees of the agent."""
    order = agent.order
    seen = (agent.name, agent.state, agent.reason, order.spec, spec_name, order.prompt)
    text = "\n".join((*seen, order.branch, repo_name, task, *order.tags)).casefold()
    return all(word in text for word in needle.casefold().split())


def passing(fleet: Fleet, sieve: Sieve, spec_names: Mapping[str, str]) -> list[Agent]:
    """Those that the sieve lets through, hidden ones included."""
    agents = list(fleet.agents.values())
    if not sieve.is_filtering:
        return agents
    names = {repo.id: repo.name for repo in fleet.repos.values()}
    tasks = task_words(fleet.tasks)

    def passes(agent: Agent) -> bool:
        order = agent.order
        return (
            sieve.repo in ("", order.repo)
            and (not sieve.tag or sieve.tag in order.tags)
            and (not sieve.task or sieve.task == task_of(agent, fleet))
            and (not sieve.standings or any(is_standing(agent, s) for s in sieve.standings))
            and matches(
                agent,
                sieve.needle,
                spec_names.get(order.spec, ""),
                names.get(order.repo, order.repo),
                tasks.get(agent.id, ""),
            )
        )

    return [agent for agent in agents if passes(agent)]
