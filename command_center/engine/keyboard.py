"""Presses keys in an agent's pane, one after another."""

import asyncio
import re
from collections.abc import Sequence

from command_center.domain import events as ev
from command_center.domain.errors import CommandCenterError
from command_center.domain.model import Agent, State
from command_center.domain.specs import Prompting
from command_center.engine.core import Engine

PAUSE_SECONDS = 0.3
"""Between two keys; at once, a terminal program reads Alt with the second."""
HEARING_SECONDS = 3.0
"""In which a CLI shows that it has heard the keys that interrupt it, on a busy machine too."""
MORE_TRIES = 2


async def press(
    engine: Engine, agent: Agent, keys: Sequence[str], *, pause: float = PAUSE_SECONDS
) -> None:
    """Raises TmuxError."""
    for number, key in enumerate(keys):
        await asyncio.sleep(pause if number else 0)
        await engine.tmux.send_keys(agent.pane, key)


async def interrupt(engine: Engine, agent: Agent) -> None:
    """End the turn under way. Raises SpecError, TmuxError.

    Where the screen can tell that the keys were lost, they are pressed again in the background.
    """
    prompt = engine.spec(agent).prompt
    await press(engine, agent, prompt.interrupt)
    if prompt.unheard and agent.state is State.BUSY:
        engine.later(_insist(engine, agent, prompt))


async def _insist(engine: Engine, agent: Agent, prompt: Prompting) -> None:
    """Press them again while the same turn goes on, and its screen shows that they were lost."""
    try:
        for _ in range(MORE_TRIES):
            if not await _outlasts(engine, agent) or not await _shows(engine, agent, prompt):
                return
            await press(engine, agent, prompt.interrupt)
    except (CommandCenterError, OSError) as error:
        text = f"{agent.name} may go on, it could not be interrupted again: {error}"
        engine.record(ev.Noticed(text, agent.id, is_problem=True))


async def _outlasts(engine: Engine, agent: Agent) -> bool:
    """Whether its turn goes on for as long as the keys may take."""
    deadline = engine.clock() + HEARING_SECONDS
    while _is_same_turn(engine, agent) and engine.clock() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    return _is_same_turn(engine, agent)


async def _shows(engine: Engine, agent: Agent, prompt: Prompting) -> bool:
    """Whether the keys were lost, and it is still the turn that they were meant for."""
    seen = await engine.tmux.capture([agent.pane])
    lines = "\n".join(seen.get(agent.pane, []))
    return bool(re.search(prompt.unheard, lines, re.MULTILINE)) and _is_same_turn(engine, agent)


def _is_same_turn(engine: Engine, agent: Agent) -> bool:
    now = engine.fleet.agents.get(agent.id)
    if now is None or now.state is not State.BUSY:
        return False
    return (now.launch, now.since) == (agent.launch, agent.since)
