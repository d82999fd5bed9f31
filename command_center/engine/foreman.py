"""Decides what is asked of one agent, and goes on after a restart with what it was asked."""

import contextlib
import secrets
from typing import TypeAlias, assert_never

from command_center.domain import events as ev, intents as want
from command_center.domain.errors import IntentError, TmuxUnreachable
from command_center.domain.model import Agent, Delivery, Phase
from command_center.domain.tags import retagged
from command_center.engine.core import Engine
from command_center.engine.keyboard import interrupt
from command_center.engine.launcher import Launcher
from command_center.engine.remover import Remover

_Noted: TypeAlias = want.Send | want.Drop | want.Hide | want.Show | want.Retag | want.MarkSeen


class Foreman:
    def __init__(self, engine: Engine, launcher: Launcher, remover: Remover) -> None:
        self._engine = engine
        self._launcher = launcher
        self._remover = remover

    def take_up(self) -> None:
        """After a restart: go on with everything that was intended and not done."""
        for agent in list(self._engine.fleet.agents.values()):
            if agent.is_being_removed:
                self._remover.remove(agent.id, keeps_branch=agent.keeps_branch)
            elif agent.phase is Phase.LAUNCHING:
                self._launcher.start(agent.id)
            elif agent.phase is Phase.STOPPING:
                self._remover.stop(agent.id)
        for removal in self._engine.fleet.removals.values():
            if removal.intent:
                self._remover.undo(removal.agent.id)

    async def take(self, intent: want.AgentIntent, taken: ev.IntentTaken) -> None:
        """Raises IntentError when it cannot be done now."""
        agent = self._engine.fleet.named(intent.agent)
        if agent is None:
            raise IntentError(f"no agent '{intent.agent}'; `acc list` shows them")
        match intent:
            case want.Interrupt():
                await self._interrupt(agent, taken)
            case want.Stop():
                self._stop(agent, taken)
            case want.Resume():
                await self._resume(agent, taken)
            case want.Remove():
                self._remove(agent, intent.keeps_branch, taken)
            case _:
                event = _noted(agent, intent)
                text = event.prompt if isinstance(event, ev.PromptQueued) else ""
                self._engine.record(taken, event, ev.IntentDone(taken.intent, agent.id, text))

    def undo(self, intent: want.Undo, taken: ev.IntentTaken) -> None:
        """Raises IntentError when nothing of the kind was removed."""
        removals = self._engine.fleet.removals.values()
        found = [r for r in removals if intent.agent in (r.agent.id, r.agent.name)]
        if not found:
            raise IntentError(f"no removed agent '{intent.agent}'; `acc list --removed` shows them")
        agent = max(found, key=lambda removal: removal.at).agent
        if self._engine.is_acting(agent.id):
            raise IntentError(f"{agent.name}: is being brought back already")
        self._engine.record(taken, ev.UndoIntended(agent.id, taken.intent))
        self._remover.undo(agent.id)

    async def _interrupt(self, agent: Agent, taken: ev.IntentTaken) -> None:
        _demand(agent, agent.phase is Phase.LIVE, "is not running")
        # Taken before the key is pressed: a crash must not press it twice.
        self._engine.record(taken, ev.IntentDone(taken.intent, agent.id))
        await interrupt(self._engine, agent)

    def _stop(self, agent: Agent, taken: ev.IntentTaken) -> None:
        _demand(agent, agent.phase is Phase.LIVE, f"is {agent.state} already")
        self._engine.record(taken, ev.StopIntended(agent.id, taken.intent))
        self._remover.stop(agent.id)

    async def _resume(self, agent: Agent, taken: ev.IntentTaken) -> None:
        _demand(agent, agent.is_resumable, f"is {agent.state}, not stopped")
        await self._close_dead_window(agent)
        intended = ev.ResumeIntended(agent.id, secrets.token_hex(4), taken.intent)
        self._engine.record(taken, intended)
        self._launcher.start(agent.id)

    def _remove(self, agent: Agent, keeps_branch: bool, taken: ev.IntentTaken) -> None:
        _demand(agent, agent.phase is not Phase.LAUNCHING, "is being launched")
        self._engine.record(taken, ev.RemovalIntended(agent.id, keeps_branch, taken.intent))
        self._remover.remove(agent.id, keeps_branch=keeps_branch)

    async def _close_dead_window(self, agent: Agent) -> None:
        if agent.pane:
            # A server that is gone took the window along.
            with contextlib.suppress(TmuxUnreachable):
                await self._engine.tmux.kill_window(agent.pane)


def _noted(agent: Agent, intent: _Noted) -> ev.Event:
    """What is done with it as soon as it is written down."""
    match intent:
        case want.Send():
            return ev.PromptQueued(agent.id, _prompt_id(intent), intent.text)
        case want.Drop():
            _demand_droppable(agent, intent.prompt)
            return ev.PromptDropped(agent.id, intent.prompt, "taken back")
        case want.Hide():
            return ev.AgentHidden(agent.id)
        case want.Show():
            return ev.AgentShown(agent.id)
        case want.Retag():
            return ev.AgentRetagged(agent.id, retagged(agent.order.tags, intent.add, intent.drop))
        case want.MarkSeen():
            return ev.AgentSeen(agent.id)
        case _:
            assert_never(intent)


def _prompt_id(intent: want.Send) -> str:
    if not intent.text.strip():
        raise IntentError("the prompt is empty")
    if "\0" in intent.text:
        raise IntentError("the prompt holds a NUL byte, which no program takes; leave it out")
    return secrets.token_hex(4)


def _demand(agent: Agent, holds: bool, problem: str) -> None:
    if not holds:
        raise IntentError(f"{agent.name} {problem}")


def _demand_droppable(agent: Agent, prompt: str) -> None:
    receipt = agent.receipt(prompt)
    if receipt is None or receipt.delivery not in (Delivery.QUEUED, Delivery.HELD):
        state = receipt.delivery if receipt else "unknown"
        raise IntentError(f"{agent.name}: prompt {prompt} is {state}; only a waiting one can go")
