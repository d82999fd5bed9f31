"""Lets agents go on when a limit of their plan has ended: once for each limit, where asked to."""

import random
import re
import time
from collections.abc import Callable

from command_center.domain import events as ev, limit_events as lim
from command_center.domain.comebacks import Comeback
from command_center.domain.model import Agent, Phase, State
from command_center.domain.specs import Limit
from command_center.engine.core import Engine
from command_center.engine.keyboard import press

DAY_SECONDS = 86_400.0
MINUTE = 60.0


class Resumer:
    def __init__(
        self, engine: Engine, dice: Callable[[float, float], float] = random.uniform
    ) -> None:
        """`dice` picks the pause after a limit, so that not all agents go on at once."""
        self._engine = engine
        self._dice = dice

    def tick(self) -> None:
        """Plan for the agents that were limited, and resume those whose time has come."""
        for agent in list(self._engine.fleet.agents.values()):
            if agent.order.comes_back and agent.state is State.LIMITED and agent.limited_until:
                self._plan(agent)
            agent = self._engine.fleet.agents[agent.id]
            last = agent.comebacks.last
            if last is not None and not last.is_over:
                self._consider(agent, last)

    def _plan(self, agent: Agent) -> None:
        limit, settings = agent.limited_until, self._engine.settings.limits
        if agent.comebacks.is_known(limit):
            return
        now = self._engine.clock()
        if sum(at > now - DAY_SECONDS for at in agent.comebacks.times) >= settings.most:
            words = f"is not resumed again today ({settings.most} at most)"
            self._engine.record(lim.ComebackRefused(agent.id, limit, words))
            return
        spec = self._engine.spec_or_none(agent)
        grace = spec.limit.grace_s if spec else 0.0
        # A time that was told to the minute was cut off, not rounded.
        end = limit if limit % MINUTE else limit + MINUTE
        at = max(end + grace, now) + self._dice(*sorted(settings.pause))
        words = time.strftime("resumes %H:%M", time.localtime(at))
        self._engine.record(lim.ComebackPlanned(agent.id, limit, at, words))

    def _consider(self, agent: Agent, last: Comeback) -> None:
        engine = self._engine
        if reason := _why_forgone(agent):
            engine.record(lim.ComebackForgone(agent.id, last.limit, reason))
        elif (
            agent.state is State.IDLE
            and engine.clock() >= last.at
            and not engine.is_acting(agent.id)
        ):
            spec = engine.spec_or_none(agent)
            if spec is not None:
                self._carry_out(agent, last, spec.limit)

    def _carry_out(self, agent: Agent, last: Comeback, how: Limit) -> None:
        engine = self._engine
        intended = lim.ComebackIntended(agent.id, last.limit)
        if how.keys:
            engine.record(intended)
            engine.act(agent.id, self._press(agent, last, how))
        else:
            prompt = ev.PromptQueued(agent.id, f"resume-{last.limit:.0f}", how.prompt)
            engine.record(intended, prompt)

    async def _press(self, agent: Agent, last: Comeback, how: Limit) -> None:
        """Nothing, when its dialog is not on the screen. Raises TmuxError."""
        engine = self._engine
        seen = await engine.tmux.capture([agent.pane])
        if not re.search(how.screen, "\n".join(seen.get(agent.pane, [])), re.MULTILINE):
            text = f"{agent.name} is not resumed: its dialog is not on the screen"
            engine.record(ev.Noticed(text, agent.id, is_problem=True))
            return
        await press(engine, agent, how.keys)
        engine.record(lim.ComebackDone(agent.id, last.limit))


def _why_forgone(agent: Agent) -> str:
    """Empty while it may still be resumed."""
    if agent.phase is not Phase.LIVE:
        return f"it is {agent.state}"
    if agent.state is State.WAITING:
        return "it waits for you"
    if agent.state not in (State.LIMITED, State.IDLE):
        return f"it went on by itself: {agent.state}"
    # While it is limited a prompt goes nowhere, and what is given up would be planned again.
    if agent.state is State.IDLE and any(
        not receipt.delivery.is_over for receipt in agent.receipts
    ):
        return "another prompt goes on instead"
    return ""
