"""Takes in agents of ours that the log does not know, so that nobody's work is orphaned."""

from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec.structs import replace

from command_center.domain import events as ev
from command_center.domain.errors import GitError
from command_center.domain.model import Agent, Phase
from command_center.drivers.git import open_repository
from command_center.drivers.host import first_child, start_time
from command_center.drivers.tmux import PaneInfo
from command_center.engine.core import Engine

RECORD = "agent.msgpack"
"""In each agent's folder: what was known of it when its process was started."""


def keep_record(folder: Path, agent: Agent) -> None:
    """Enough to take the agent in again should the log be lost."""
    lean = replace(agent, receipts=(), intent="")
    (folder / RECORD).write_bytes(msgspec.msgpack.encode(lean))


async def adopt_panes(engine: Engine, panes: Iterable[PaneInfo]) -> None:
    """Living panes that no decision of ours explains."""
    for pane in panes:
        if not pane.agent or pane.is_dead or engine.is_acting(pane.agent):
            continue
        known = engine.fleet.agents.get(pane.agent)
        if known is None and pane.agent not in engine.fleet.removals:
            known = _recorded(engine.places.agent(pane.agent))
        elif known is not None and (known.launch, known.phase) != (pane.launch, Phase.LOST):
            continue
        if known is not None:
            await _take_in(engine, _running(known, pane))


async def adopt_folders(engine: Engine) -> None:
    """Worktrees of agents that neither the log nor a pane tells of: they can be resumed."""
    for file in engine.places.agent("*").parent.glob(f"*/{RECORD}"):
        name = file.parent.name
        if name not in engine.fleet.agents and name not in engine.fleet.removals:
            agent = _recorded(file.parent)
            if agent is not None and Path(agent.order.worktree).is_dir():
                await _take_in(engine, replace(agent, phase=Phase.LOST, pane="", claims=()))


async def _take_in(engine: Engine, agent: Agent) -> None:
    if agent.order.repo not in engine.fleet.repos:
        try:
            engine.record(ev.RepositoryAdded(await open_repository(agent.order.worktree)))
        except GitError as error:
            engine.record(ev.Noticed(f"{agent.name} cannot be taken in: {error}", is_problem=True))
            return
    found = ev.Noticed(f"{agent.name} was not in the log; it is taken in again", agent.id)
    engine.record(ev.AgentAdopted(agent), found)


def _running(agent: Agent, pane: PaneInfo) -> Agent:
    pid = first_child(pane.pid)
    return replace(
        agent,
        phase=Phase.LIVE,
        launch=pane.launch,
        pane=pane.pane_id,
        pid=pid,
        pid_start=start_time(pid),
        claims=(),
    )


def _recorded(folder: Path) -> Agent | None:
    try:
        return msgspec.msgpack.decode((folder / RECORD).read_bytes(), type=Agent)
    except (OSError, UnicodeDecodeError, msgspec.DecodeError):
        return None
