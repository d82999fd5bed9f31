"""What is asked for runs from the dashboard: screens and questions first, then an intent."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from command_center.domain.intents import Intent
from command_center.domain.run_intents import CancelRun, MarkRunSeen, RequeueRun, TellOfRun
from command_center.domain.runs import Run, RunLife
from command_center.domain.text import one_line
from command_center.tui.run_actions import RUN_ACTION, RUN_ACTIONS

if TYPE_CHECKING:
    from textual.worker import Worker

    from command_center.tui.app import CommandCenter
    from command_center.tui.doors import Doors
    from command_center.tui.following import KeyDeed

PAGER_BYTES = 16 << 20
"""Of a longer log only the end is shown."""
_LOOKS = ("details", "log")
"""What can be done to a run of the past."""


class RunDeeds:
    def __init__(
        self,
        app: "CommandCenter",
        ask: Callable[[Intent], Awaitable[None]],
        doors: "Callable[[], Doors]",
    ) -> None:
        self._app = app
        self._ask = ask
        self._doors = doors
        self._deeds: dict[str, Callable[[list[Run]], Awaitable[None]]] = {
            "details": lambda runs: self._details(runs[0]),
            "cancel": self._cancel,
            "requeue": self._requeue,
            "log": lambda runs: self._log(runs[0]),
            "tell": lambda runs: self._tell(runs[0]),
        }

    def perform(self, action: str, names: Sequence[str]) -> "Worker[None] | None":
        """Do it to those of the runs to which it applies, or say why it does to none."""
        app = self._app
        runs = [app.fleet.runs[name] for name in names if name in app.fleet.runs]
        if not runs:
            app.crier.warn("no run is selected", seconds=3)
            return None
        if app.is_replay and action not in _LOOKS:
            app.crier.warn("a replay is read-only", seconds=3)
            return None
        why = {run.id: RUN_ACTION[action].why_not(run, app.fleet) for run in runs}
        fit = [run for run in runs if why[run.id] is None]
        if not fit:
            app.crier.warn(why[runs[0].id] or "", seconds=3)
            return None
        return app.run_worker(self._deeds[action](fit), group="deeds")

    @cached_property
    def list_keys(self) -> "Mapping[str, KeyDeed]":
        """Those of the fleet list while the cursor is on a run."""
        return {each.key: partial(self._perform_selected, each.id) for each in RUN_ACTIONS}

    def _perform_selected(self, action: str) -> "Worker[None] | None":
        run = self._app.fleet_list.selected_run
        return self.perform(action, [run.id] if run else [])

    async def screen(self) -> None:
        from command_center.tui.runs_screen import RunsScreen

        await self._app.push_screen(RunsScreen(self._app, self))

    async def compare(self, names: Sequence[str]) -> None:
        from command_center.tui.compare_screen import CompareScreen

        await self._app.push_screen(CompareScreen(self._app, names))

    async def mark_seen(self, runs: Sequence[Run]) -> None:
        for run in runs:
            if run.is_unseen:
                await self._ask(MarkRunSeen(run.id))

    async def _details(self, run: Run) -> None:
        from command_center.tui.run_screen import RunScreen

        await self._app.push_screen(RunScreen(self._app, self, run.id))
        await self.mark_seen([run])

    async def _cancel(self, runs: list[Run]) -> None:
        at_work = [run for run in runs if run.life is not RunLife.QUEUED]
        if at_work or len(runs) > 1:
            what = runs[0].id if len(runs) == 1 else f"{len(runs)} runs"
            verb = "is" if len(at_work) == 1 else "are"
            running = f" {len(at_work)} {verb} at work." if len(runs) > 1 else ""
            wrote = "What they wrote stays." if len(runs) > 1 else "What it wrote stays."
            if not await self._is_sure(f"Cancel {what}?{running} {wrote}"):
                return
        for run in runs:
            await self._ask(CancelRun(run.id))

    async def _is_sure(self, question: str) -> bool:
        from command_center.tui.dialogs.confirm import ConfirmDialog

        # Not "Cancel": so the other button is called.
        return await self._app.push_screen_wait(ConfirmDialog(question, "End")) is True

    async def _requeue(self, runs: list[Run]) -> None:
        for run in runs:
            await self._ask(RequeueRun(run.id))

    async def _log(self, run: Run) -> None:
        from command_center.store.run_files import log_tail

        folder = self._app.deck.places.run(run.id, run.attempt)
        try:
            lines = await asyncio.to_thread(log_tail, folder, PAGER_BYTES)
        except OSError as error:
            self._app.crier.complain(f"{run.id}: its log cannot be read: {error.strerror}")
            return
        if lines:
            await self._doors().open_text("\n".join(lines) + "\n")
        else:
            self._app.crier.warn(f"{run.id} has printed nothing yet", seconds=3)

    async def _tell(self, run: Run) -> None:
        from command_center.tui.dialogs.chooser import ChooserDialog, Option

        fleet = self._app.fleet
        there = [agent for agent in fleet.agents.values() if agent.has_process]
        there.sort(key=lambda agent: agent.id != run.order.agent)
        when = "now" if run.life.is_over else "when it ends"
        options = [
            Option(agent.id, one_line(agent.name, 40), f"{agent.order.spec} · {agent.state}")
            for agent in there
        ]
        title = f"Who is told of {run.id}, {when}?"
        if chosen := await self._app.push_screen_wait(ChooserDialog(title, options)):
            await self._ask(TellOfRun(run.id, chosen))
