"""Looks at every agent ten times a second: our verdict, its screen, and what others make of it."""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

from command_center.domain.errors import TmuxUnreachable
from command_center.domain.model import Agent, State
from command_center.domain.text import plain
from command_center.drivers.glass import Glass
from tests.center import Center
from tests.truth.score import Sample

BEAT = 0.1
STILL_SECONDS = 2.0


class Look(NamedTuple):
    """A screen, and when it was seen; `before` is when the look before it began."""

    before: float
    at: float
    text: str


class Observer(Protocol):
    """Somebody who tells states from screens alone."""

    name: str

    async def says(self, agent: Agent, look: Look) -> State:
        """Called at every look at a pane."""


class ChangeRule:
    """Busy while the screen has changed in the last two seconds, else idle."""

    name = f"changed in {STILL_SECONDS:.0f} s"

    def __init__(self) -> None:
        self._last: dict[str, tuple[str, float]] = {}

    async def says(self, agent: Agent, look: Look) -> State:
        text, changed = self._last.get(agent.id, ("", 0.0))
        if text != look.text:
            changed = look.at
        self._last[agent.id] = look.text, changed
        return State.BUSY if look.at - changed < STILL_SECONDS else State.IDLE


class Eyes:
    def __init__(self, center: Center, others: list[Observer]) -> None:
        self._center = center
        self._others = others
        self._glass = Glass(center.places.socket)
        self.ours: dict[str, list[Sample]] = defaultdict(list)
        self.theirs: dict[str, dict[str, list[Sample]]] = {
            other.name: defaultdict(list) for other in others
        }
        self._history: dict[str, list[Look]] = defaultdict(list)
        self.looks: dict[str, Look] = {}
        """The newest one by agent."""

    async def run(self) -> None:
        """Until it is cancelled. Whoever is slow to judge a screen makes nobody else late."""
        await asyncio.gather(_on_the_beat(self._read_view), _on_the_beat(self._look))

    def last_shown(self, agent: str, pattern: str, after: float, within: float) -> float:
        """When the looks that follow `after` without a break last showed it; `after` if none did.

        No later than `within` seconds.
        """
        shown = after
        for look in self._history[agent]:
            if look.at > after + within:
                break
            if look.at > after:
                if not re.search(pattern, look.text, re.MULTILINE):
                    break
                shown = look.at
        return shown

    async def close(self) -> None:
        await self._glass.close()

    async def until_shown(self, agent: str, pattern: str, after: float, seconds: float) -> Look:
        """The first look after `after` in which a line matches. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while True:
                look = self.looks.get(agent)
                if look and look.at > after and re.search(pattern, look.text, re.MULTILINE):
                    return look
                await asyncio.sleep(BEAT / 4)

    async def _read_view(self) -> None:
        agents = self._center.fleet.agents.values()
        now = time.time()
        for agent in agents:
            self.ours[agent.id].append(Sample(now, agent.state, agent.source or ""))

    async def _look(self) -> None:
        now = time.time()
        shown = [agent for agent in self._center.fleet.agents.values() if agent.pane]
        try:
            screens = await self._glass.look([agent.pane for agent in shown]) if shown else {}
        except TmuxUnreachable:
            return
        for agent in shown:
            if (screen := screens.get(agent.pane)) is not None:
                text = "\n".join(plain(line).rstrip() for line in screen.lines)
                last = self.looks.get(agent.id)
                if last is not None and last.text == text:
                    text = last.text
                self.looks[agent.id] = look = Look(last.at if last else now, now, text)
                self._history[agent.id].append(look)
                for other in self._others:
                    said = await other.says(agent, look)
                    self.theirs[other.name][agent.id].append(Sample(now, said))


async def _on_the_beat(look: Callable[[], Awaitable[None]]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        await look()
        await asyncio.sleep(BEAT - loop.time() % BEAT)
