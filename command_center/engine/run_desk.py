"""Takes what agents ask for runs through our tools: theirs alone, and at their own commits."""

import asyncio
import secrets
from pathlib import Path

from msgspec.structs import replace

from command_center.domain import events as ev, tools
from command_center.domain.errors import IntentError, NotFound, SpecError
from command_center.domain.model import Agent
from command_center.domain.run_intents import CancelRun, QueueRuns
from command_center.domain.run_templates import RunTemplate
from command_center.domain.run_words import run_id
from command_center.domain.runs import RunOrder
from command_center.domain.sweeps import axis_of, seeds_of, swept
from command_center.domain.text import one_line
from command_center.engine.core import Engine
from command_center.engine.experiments import Experiments
from command_center.store.run_templates import load_run_templates

MOST_OPEN = 100
"""Runs of one agent that are not over."""


class RunDesk:
    def __init__(self, engine: Engine, experiments: Experiments) -> None:
        self._engine = engine
        self._experiments = experiments

    async def start(self, call: tools.StartRun, agent: Agent, taken: ev.IntentTaken) -> None:
        """Raises IntentError, GitError; then nothing was recorded."""
        if not agent.base_commit:
            raise IntentError("you have no worktree whose commit could be run")
        template = await self._template(call, agent)
        if template is None and not call.command:
            raise IntentError("give a command, or the name of a template")
        orders = _orders(call, agent, template)
        runs = self._engine.fleet.runs.values()
        waiting = sum(not run.life.is_over for run in runs if run.order.agent == agent.id)
        if waiting + len(orders) > MOST_OPEN:
            raise IntentError(f"{len(orders)} more would be too many: {waiting} are not over yet")
        asked = QueueRuns(tuple(orders), agent.order.worktree)
        await self._experiments.take(asked, taken, agent.id)

    async def cancel(self, call: tools.CancelRun, agent: Agent, taken: ev.IntentTaken) -> None:
        """Raises IntentError."""
        run = self._engine.fleet.runs.get(run_id(call.run))
        if run is None or agent.id not in (run.order.agent, run.by):
            raise IntentError(f"'{one_line(call.run, 40)}' is no run of yours; see list_runs")
        await self._experiments.take(CancelRun(run.id), taken, agent.id)

    async def _template(self, call: tools.StartRun, agent: Agent) -> RunTemplate | None:
        if not call.template:
            return None
        engine = self._engine
        root = Path(engine.fleet.repos[agent.order.repo].root)
        try:
            found = await asyncio.to_thread(load_run_templates, engine.places, root)
            return found.template(call.template)
        except (NotFound, SpecError) as error:
            raise IntentError(str(error)) from None


def _orders(call: tools.StartRun, agent: Agent, template: RunTemplate | None) -> list[RunOrder]:
    below = template.order(call.template) if template else RunOrder((), executor="")
    demand, ration = below.demand, below.ration
    order = replace(
        below,
        command=call.command or below.command,
        name=one_line(call.name, 200) or below.name,
        folder=call.folder or below.folder,
        base=f"refs/heads/{agent.order.branch}",
        metric=call.metric or below.metric,
        is_higher_better=call.higher_is_better or below.is_higher_better,
        demand=replace(
            demand,
            cpus=demand.cpus if call.cpus is None else call.cpus,
            gpus=demand.gpus if call.gpus is None else call.gpus,
        ),
        ration=ration if call.minutes is None else replace(ration, wall_s=call.minutes * 60),
        agent=agent.id,
        against=run_id(call.against) if call.against else "",
    )
    seeds = call.seeds or (template.seeds if template else "")
    try:
        axes = dict(axis_of(text) for text in template.axes) if template else {}
        return swept(order, axes, seeds_of(seeds) if seeds else (), sweep=secrets.token_hex(3))
    except ValueError as error:
        raise IntentError(f"seeds: {error}") from None
