"""The filters that can be set now, and what setting one does: pure."""

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from command_center.domain.model import Agent, Fleet
from command_center.domain.text import one_line
from command_center.tui.sieve import Sieve, Standing, is_standing, task_of

TAGS = 9
"""Tags that are offered: the commonest."""
_KEYS = {
    Standing.BUSY: "b",
    Standing.WAITING: "w",
    Standing.NEEDS_ME: "n",
    Standing.IDLE: "i",
}


class Offer(Struct, frozen=True):
    label: str
    """Plain text."""
    agents: int
    """How many it would let through by itself."""
    is_on: bool
    turned: Sieve
    """With it set or, if it is, without."""
    key: str = ""


def offers(fleet: Fleet, sieve: Sieve, agent: Agent | None) -> list[Offer]:
    """`agent` is the selected one: its repository and task are offered."""
    return [
        *_standings(fleet, sieve),
        *_repository(fleet, sieve, agent),
        *_task(fleet, sieve, agent),
        *_tags(fleet, sieve),
    ]


def _standings(fleet: Fleet, sieve: Sieve) -> Iterator[Offer]:
    for standing, key in _KEYS.items():
        count = sum(is_standing(agent, standing) for agent in fleet.agents.values())
        turned = replace(sieve, standings=sieve.standings ^ {standing})
        yield Offer(f"only {standing}", count, standing in sieve.standings, turned, key)


def _repository(fleet: Fleet, sieve: Sieve, agent: Agent | None) -> Iterator[Offer]:
    used = Counter(each.order.repo for each in fleet.agents.values())
    repo = sieve.repo or (agent.order.repo if agent else "")
    if repo and (len(used) > 1 or sieve.repo):
        name = fleet.repos[repo].name if repo in fleet.repos else repo
        turned = replace(sieve, repo="" if sieve.repo else repo)
        label = f"only repository {one_line(name, 40)}"
        yield Offer(label, used[repo], bool(sieve.repo), turned, "r")


def _task(fleet: Fleet, sieve: Sieve, agent: Agent | None) -> Iterator[Offer]:
    task = sieve.task or (task_of(agent, fleet) if agent else "")
    if task:
        count = sum(task_of(each, fleet) == task for each in fleet.agents.values())
        turned = replace(sieve, task="" if sieve.task else task)
        yield Offer(f"only task {one_line(task, 60)}", count, bool(sieve.task), turned, "t")


def _tags(fleet: Fleet, sieve: Sieve) -> Iterator[Offer]:
    used = Counter(tag for agent in fleet.agents.values() for tag in agent.order.tags)
    for number, (tag, count) in enumerate(used.most_common(TAGS), 1):
        turned = replace(sieve, tag="" if sieve.tag == tag else tag)
        yield Offer(f"only #{one_line(tag, 32)}", count, sieve.tag == tag, turned, str(number))
