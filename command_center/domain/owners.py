"""Whose a conversation is."""

from collections.abc import Callable, Iterable
from pathlib import PurePath

from command_center.domain.model import Agent


def owner_among(agents: Iterable[Agent]) -> Callable[[str, str], Agent | None]:
    """Finds the agent that a conversation with this session and folder belongs to."""
    known = list(agents)
    sessions = {session: agent for agent in known for session in agent.former}
    sessions |= {agent.session: agent for agent in known if agent.session}
    worktrees = {agent.order.worktree: agent for agent in known}

    def owner(session: str, folder: str) -> Agent | None:
        if (agent := sessions.get(session)) is not None or not folder:
            return agent
        around = (str(each) for each in (PurePath(folder), *PurePath(folder).parents))
        return next((worktrees[each] for each in around if each in worktrees), None)

    return owner


def is_below(folder: str, root: str) -> bool:
    return folder != "" and PurePath(folder).is_relative_to(root)
