"""Which agents a layout shows, and what a user's filters are in the words of a layout: pure."""

from fnmatch import fnmatchcase

from msgspec.structs import replace

from command_center.domain.layouts import Only
from command_center.domain.model import Agent, Fleet, State
from command_center.tui.sieve import Sieve, Standing, matches, needs_user, task_of

_STATES = {
    Standing.BUSY: (State.BUSY, State.STARTING),
    Standing.WAITING: (State.WAITING,),
    Standing.IDLE: (State.IDLE,),
    Standing.NEEDS_ME: (),
}


def picked(fleet: Fleet, only: Only) -> Fleet:
    """With those agents alone that `only` lets through."""
    agents = {name: agent for name, agent in fleet.agents.items() if picks(only, agent, fleet)}
    return replace(fleet, agents=agents)


def picks(only: Only, agent: Agent, fleet: Fleet) -> bool:
    """Whether `only` lets the agent through."""
    order = agent.order
    repo = fleet.repos[order.repo].name if order.repo in fleet.repos else order.repo
    is_open = not only.states and not only.needs_me
    return (
        (is_open or agent.state in only.states or (only.needs_me and needs_user(agent)))
        and (not only.repositories or repo in only.repositories)
        and (not only.tags or not set(only.tags).isdisjoint(order.tags))
        and (not only.names or any(fnmatchcase(agent.name, name) for name in only.names))
        and (not only.tasks or _is_on(only.tasks, task_of(agent, fleet)))
        and matches(agent, only.text, "", repo, task_of(agent, fleet))
    )


def _is_on(tasks: tuple[str, ...], task: str) -> bool:
    return any(words.casefold() in task.casefold() for words in tasks)


def as_only(sieve: Sieve, fleet: Fleet) -> Only:
    """The filters of `sieve` as a layout would say them."""
    repo = fleet.repos.get(sieve.repo)
    states = (
        state for standing in Standing if standing in sieve.standings for state in _STATES[standing]
    )
    return Only(
        states=tuple(states),
        repositories=(repo.name if repo else sieve.repo,) if sieve.repo else (),
        tasks=(sieve.task,) if sieve.task else (),
        tags=(sieve.tag,) if sieve.tag else (),
        text=sieve.needle,
        needs_me=Standing.NEEDS_ME in sieve.standings,
    )
