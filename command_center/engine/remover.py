"""Stops agents, removes them by the clean-up law, and brings them back."""

import asyncio
from pathlib import Path

import msgspec

from command_center.domain import events as ev
from command_center.domain.errors import GitError, TmuxUnreachable, WorktreeNotEmpty
from command_center.domain.model import Agent, Removal
from command_center.drivers.host import start_time
from command_center.drivers.losses import losses
from command_center.drivers.tmux import Panes
from command_center.drivers.trash_steps import Trashed
from command_center.engine.core import Engine

STOP_SECONDS = 10.0
"""The pty proxy hangs up, terminates and kills within 4.5 s."""


class Remover:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def stop(self, agent: str) -> None:
        """Carry a StopIntended out."""
        self._engine.act(agent, self._stop(agent))

    def remove(self, agent: str, *, keeps_branch: bool) -> None:
        """Carry a RemovalIntended out, or refuse it with what would be lost."""
        self._engine.act(agent, self._remove(agent, keeps_branch))

    def undo(self, agent: str) -> None:
        """Carry an UndoIntended out."""
        self._engine.act(agent, self._undo(agent))

    async def _stop(self, name: str) -> None:
        agent = self._engine.fleet.agents[name]
        await self._end_pane(agent)
        self._engine.record(ev.AgentParked(name), *_done(agent.intent, name))

    async def park(self, agent: Agent) -> None:
        """End its process and wait; part of an action on the agent, not one of its own."""
        if agent.has_process:
            self._engine.record(ev.StopIntended(agent.id, agent.intent))
        await self._end_pane(agent)
        if agent.has_process:
            self._engine.record(ev.AgentParked(agent.id))

    async def _end_pane(self, agent: Agent) -> None:
        """Close the agent's window and wait until the CLI behind it is gone too."""
        engine = self._engine
        if agent.pane:
            try:
                await engine.tmux.kill_window(agent.pane)
            except TmuxUnreachable:
                # A server that is gone has taken the pane along.
                return
        deadline = engine.clock() + STOP_SECONDS
        while engine.clock() < deadline:
            seen = await engine.tmux.panes()
            standing = isinstance(seen, Panes) and any(p.agent == agent.id for p in seen.panes)
            if not standing and not _is_alive(agent):
                return
            await asyncio.sleep(0.05)

    async def _remove(self, name: str, keeps_branch: bool) -> None:
        engine = self._engine
        agent = engine.fleet.agents[name]
        repo, order = engine.fleet.repos[agent.order.repo], agent.order
        path = Path(order.worktree)
        try:
            if agent.has_process:
                # Looked at first, so that a refusal does not cost the agent its pane.
                found = await losses(repo, path, order.branch, keep_branch=keeps_branch)
                found.refuse(path)
            await self.park(agent)
            trashed = await engine.worktrees.trash(
                repo,
                path,
                order.branch,
                engine.places.trash,
                agent.id,
                keep_branch=keeps_branch,
            )
        except WorktreeNotEmpty as error:
            self._refuse(agent, str(error), error.losses)
        except (GitError, OSError) as error:
            self._refuse(agent, str(error), ())
        else:
            record = msgspec.to_builtins(trashed)
            engine.record(ev.AgentRemoved(name, record), *_done(agent.intent, name))

    def _refuse(self, agent: Agent, reason: str, found: tuple[str, ...]) -> None:
        refused: list[ev.Event] = [ev.RemovalRefused(agent.id, found)]
        if agent.intent:
            text = "\n".join((reason, *(f"  {loss}" for loss in found)))
            refused.append(ev.IntentRefused(agent.intent, text, agent.id))
        self._engine.record(*refused)

    async def _undo(self, name: str) -> None:
        engine = self._engine
        removal: Removal = engine.fleet.removals[name]
        repo = engine.fleet.repos[removal.agent.order.repo]
        trashed = msgspec.convert(removal.trashed, Trashed)
        try:
            await engine.worktrees.restore(repo, trashed)
        except (GitError, OSError) as error:
            engine.record(
                ev.UndoFailed(name),
                *([ev.IntentRefused(removal.intent, str(error), name)] if removal.intent else []),
            )
        else:
            engine.record(ev.RemovalUndone(name), *_done(removal.intent, name))


def _done(intent: str, agent: str) -> list[ev.Event]:
    return [ev.IntentDone(intent, agent)] if intent else []


def _is_alive(agent: Agent) -> bool:
    return bool(agent.pid_start) and start_time(agent.pid) == agent.pid_start
