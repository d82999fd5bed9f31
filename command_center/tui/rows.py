"""Which lines the fleet list holds, and in which order: pure, so that it can be proved."""

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from command_center.domain.layouts import Group
from command_center.domain.model import Agent, Fleet, State
from command_center.domain.runs import Run, RunLife
from command_center.tui.sieve import NEED_BELOW, Sieve, group_of, needs_user, passing, urgency

RUNS = "runs"
"""Key of the group of runs."""


class AgentRow(Struct, frozen=True):
    agent: Agent


class GroupRow(Struct, frozen=True):
    """The head line of agents that stand together."""

    key: str
    """What `Sieve.folded` holds."""
    name: str
    """As others wrote it: make it plain before it is shown."""
    agents: int
    needing: tuple[str, ...] = ()
    """Names of those that need the user, the most urgent first."""
    counts: tuple[tuple[State, int], ...] = ()
    is_folded: bool = False


class HiddenRow(Struct, frozen=True):
    agents: int
    needing: int
    are_shown: bool


class RunRow(Struct, frozen=True):
    run: Run


class RunsRow(Struct, frozen=True):
    """The head line of the runs."""

    runs: int
    counts: tuple[tuple[RunLife, int], ...]
    is_folded: bool = False
    key: str = RUNS
    name: str = "Runs"


class MoreRunsRow(Struct, frozen=True):
    runs: int


Row = AgentRow | GroupRow | HiddenRow | RunsRow | RunRow | MoreRunsRow


def ordered(agents: Iterable[Agent], held: Mapping[str, int]) -> list[Agent]:
    """By urgency, then by age. Those in `held` keep that order, and any newcomer follows."""
    newcomer = len(held)
    return sorted(agents, key=lambda a: (held.get(a.id, newcomer), urgency(a), a.created_at, a.id))


def rows(
    fleet: Fleet,
    sieve: Sieve,
    held: Mapping[str, int],
    spec_names: Mapping[str, str],
    *,
    shows_runs: bool = True,
) -> tuple[Row, ...]:
    found = passing(fleet, sieve, spec_names)
    open_ones = ordered((a for a in found if not a.is_hidden), held)
    hidden = ordered((a for a in found if a.is_hidden), held)
    lines = _grouped(open_ones, fleet, sieve)
    if hidden:
        lines.append(HiddenRow(len(hidden), sum(map(needs_user, hidden)), sieve.shows_hidden))
        if sieve.shows_hidden:
            lines += map(AgentRow, hidden)
    if fleet.runs and shows_runs:
        # Not at the top: the first paint does without in a fleet that has none.
        from command_center.tui.run_rows import run_rows

        lines += run_rows(fleet, sieve)
    return tuple(lines)


def stop_of(row: Row) -> str:
    """What the cursor holds on to on this line; empty where it does not stop."""
    match row:
        case AgentRow(agent):
            return agent.id
        case GroupRow(key=key, is_folded=True) | RunsRow(key=key, is_folded=True):
            return head_stop(key)
        case RunRow(run):
            return run_stop(run.id)
        case _:
            return ""


def head_stop(key: str) -> str:
    # No agent's id begins so.
    return f"={key}"


def run_stop(run: str) -> str:
    return f"#{run}"


def _grouped(agents: list[Agent], fleet: Fleet, sieve: Sieve) -> list[Row]:
    """Under a line for each group; repositories have none while there is but one.

    The group whose first agent stands first comes first, so that who needs the user is near
    the top whatever the group.
    """
    groups: dict[tuple[str, str], list[Agent]] = {}
    for agent in agents:
        groups.setdefault(group_of(agent, sieve.group, fleet), []).append(agent)
    if sieve.group is Group.NONE or (sieve.group is Group.REPOSITORY and len(groups) < 2):
        return list(map(AgentRow, agents))
    lines: list[Row] = []
    for (key, name), members in sorted(groups.items(), key=lambda g: _place(g, sieve.group)):
        is_folded = key in sieve.folded
        lines.append(_head(key, name, members, is_folded))
        if not is_folded:
            lines += map(AgentRow, members)
    return lines


def _head(key: str, name: str, members: list[Agent], is_folded: bool) -> GroupRow:
    states = Counter(agent.state for agent in members)
    counts = tuple((state, states[state]) for state in State if states[state])
    needing = tuple(agent.name for agent in members if needs_user(agent))
    return GroupRow(key, name, len(members), needing, counts, is_folded)


def _place(group: tuple[tuple[str, str], list[Agent]], by: Group) -> tuple[int, bool, str, str]:
    (key, name), members = group
    first = min(map(urgency, members))
    if by is not Group.STATE:
        first = min(first, NEED_BELOW)
    # Those that have no such thing, as no tag, come last among their like.
    return first, key.endswith(":"), name, key
