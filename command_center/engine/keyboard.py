"""Presses keys in an agent's pane, one after another."""

import asyncio
from collections.abc import Sequence

from command_center.domain.model import Agent
from command_center.engine.core import Engine

PAUSE_SECONDS = 0.3
"""Between two keys; at once, a terminal program reads Alt with the second."""


async def press(
    engine: Engine, agent: Agent, keys: Sequence[str], *, pause: float = PAUSE_SECONDS
) -> None:
    """Raises TmuxError."""
    for number, key in enumerate(keys):
        await asyncio.sleep(pause if number else 0)
        await engine.tmux.send_keys(agent.pane, key)


async def interrupt(engine: Engine, agent: Agent) -> None:
    """End the turn under way. Raises SpecError, TmuxError."""
    await press(engine, agent, engine.spec(agent).prompt.interrupt)
