"""Why an action does not apply now, in words for the user."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct, field

from command_center.domain.decisions import undecided_count
from command_center.domain.layouts import Part
from command_center.domain.model import Agent, Fleet, Phase, State
from command_center.tui.sieve import ALL, Sieve, needs_user

if TYPE_CHECKING:
    from command_center.domain.specs import AgentSpec


class Now(Struct, frozen=True):
    """What decides whether an action applies."""

    fleet: Fleet
    agent: Agent | None
    """The selected one."""
    sieve: Sieve = ALL
    has_glass: bool = True
    specs: "Mapping[str, AgentSpec]" = field(default_factory=dict)
    parts: frozenset[Part] = frozenset(Part)
    """What is on the screen."""
    group: str = ""
    """Key of the group that the cursor is in."""
    is_replay: bool = False


WhyNot = Callable[[Now], str | None]
"""The reason why an action does not apply; None when it does."""


def always(_: Now) -> None:
    return None


def no_agent(now: Now) -> str | None:
    if now.agent is not None:
        return None
    return "no agent is selected" if now.fleet.agents else "there are no agents yet: n launches one"


def no_screen(now: Now) -> str | None:
    if now.agent is None:
        return no_agent(now)
    if not now.agent.pane or not now.agent.has_process:
        return _not_running(now.agent)
    return None


def no_worktree(now: Now) -> str | None:
    if now.agent is None:
        return no_agent(now)
    if now.agent.is_being_removed:
        return f"{now.agent.name} is being removed"
    return None if now.agent.base_commit else f"{now.agent.name} has no worktree yet"


def no_typing(now: Now) -> str | None:
    if now.agent is None and now.group:
        # It opens the folded group that the cursor is on.
        return None
    return no_screen(now) or (None if now.has_glass else "tmux cannot be reached from here")


def no_prompt(now: Now) -> str | None:
    if now.agent is None:
        return no_agent(now)
    spec = now.specs.get(now.agent.order.spec)
    if spec is not None and not spec.prompt.takes_prompts:
        return f"{spec.name} takes no prompts; enter types into it"
    if now.agent.phase is Phase.LAUNCHING:
        return None
    return None if now.agent.has_process else _not_running(now.agent)


def no_question(now: Now) -> str | None:
    if now.agent is None:
        return no_agent(now)
    if now.agent.asks is None:
        return f"{now.agent.name} asks nothing"
    return f"{now.agent.name} was answered just now" if now.agent.asks.answer else None


def no_interrupt(now: Now) -> str | None:
    if now.agent is None:
        return no_agent(now)
    if now.agent.has_process and now.agent.state is State.IDLE:
        return f"{now.agent.name} is idle: there is no turn to interrupt"
    return None if now.agent.has_process else _not_running(now.agent)


def no_stop(now: Now) -> str | None:
    if now.agent is None:
        return no_agent(now)
    if now.agent.phase is Phase.STOPPING:
        return f"{now.agent.name} is already stopping"
    if now.agent.phase in (Phase.LAUNCHING, Phase.LIVE):
        return None
    return _not_running(now.agent)


def no_resume(now: Now) -> str | None:
    agent = now.agent
    if agent is None:
        return no_agent(now)
    if agent.is_being_removed:
        return f"{agent.name} is being removed"
    if not agent.is_resumable:
        return f"{agent.name} is running"
    return None


def no_removal(now: Now) -> str | None:
    if now.agent is None:
        return no_agent(now)
    if now.agent.is_being_removed:
        return f"{now.agent.name} is already being removed"
    if now.agent.phase is Phase.LAUNCHING:
        return f"{now.agent.name} is still starting"
    return None


def no_undo(now: Now) -> str | None:
    at_rest = any(not removal.intent for removal in now.fleet.removals.values())
    return None if at_rest else "nothing was removed"


def no_jump(now: Now) -> str | None:
    if any(map(needs_user, now.fleet.agents.values())) or undecided_count(now.fleet):
        return None
    return "nobody needs you"


def no_broadcast(now: Now) -> str | None:
    if not now.fleet.agents:
        return no_agent(now)
    is_there = any(agent.has_process for agent in now.fleet.agents.values())
    return None if is_there else "no agent is running: r resumes one"


def no_hidden(now: Now) -> str | None:
    some = any(agent.is_hidden for agent in now.fleet.agents.values())
    return None if some else "no agent is hidden: space hides one"


def no_others(now: Now) -> str | None:
    if now.agent is None:
        return no_agent(now)
    others = (a for a in now.fleet.agents.values() if a.id != now.agent.id)
    return None if any(not a.is_hidden for a in others) else "no other agent is shown"


def no_group(now: Now) -> str | None:
    if now.group or not now.fleet.agents:
        return None if now.group else no_agent(now)
    return "the list is not grouped here: = groups it"


def no_repos(now: Now) -> str | None:
    if len({agent.order.repo for agent in now.fleet.agents.values()}) > 1 or now.sieve.repo:
        return None
    return "all agents work on one repository"


def no_filter(now: Now) -> str | None:
    return None if now.fleet.agents else no_agent(now)


def no_grid(now: Now) -> str | None:
    return None if Part.WALL in now.parts else "no grid here: v shows the next layout"


def no_agents(now: Now) -> str | None:
    return None if now.fleet.agents or now.fleet.runs else no_agent(now)


def no_machine(now: Now) -> str | None:
    return "a replay tells nothing of the machine" if now.is_replay else None


def _not_running(agent: Agent) -> str:
    if agent.phase is Phase.LAUNCHING:
        return f"{agent.name} is still starting"
    if agent.is_being_removed:
        return f"{agent.name} is being removed"
    return f"{agent.name} is {agent.phase}: r resumes it"
