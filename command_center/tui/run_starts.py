"""Runs are started from the dashboard: of a template or a command, and of a task's experiment."""

import asyncio
import os
import shlex
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from command_center.domain.errors import SpecError
from command_center.domain.intents import Intent
from command_center.domain.tasks import Task
from command_center.domain.text import one_line

if TYPE_CHECKING:
    from command_center.store.run_templates import RunTemplates
    from command_center.tui.app import CommandCenter
    from command_center.tui.dialogs.run_draft import RunDraft


class RunStarts:
    def __init__(self, app: "CommandCenter", ask: Callable[[Intent], Awaitable[None]]) -> None:
        self._app = app
        self._ask = ask

    async def start(self) -> None:
        """Anything; the selected agent is offered as the base."""
        from command_center.tui.dialogs.run_draft import RunDraft

        app = self._app
        agent = app.selected
        base = agent.name if agent is not None and agent.base_commit else ""
        repo = app.fleet.repos.get(agent.order.repo) if agent is not None else None
        root = app.deck.repo_root or (Path(repo.root) if repo else None)
        await self._open(RunDraft(repo=str(root or ""), base=base), root)

    async def start_task(self, task: Task) -> None:
        """Its experiment, as the task names it."""
        from command_center.tui.dialogs.run_draft import RunDraft

        repo = self._app.fleet.repos.get(task.brief.repo)
        root = Path(repo.root) if repo else None
        await self._open(RunDraft(repo=str(root or "")), root, task)

    async def _open(self, draft: "RunDraft", root: Path | None, task: Task | None = None) -> None:
        from command_center.tui.dialogs.run import RunDialog
        from command_center.tui.dialogs.run_draft import beginning

        app = self._app
        found = await asyncio.to_thread(self._templates, root)
        if found is None:
            return
        lacking = await asyncio.to_thread(_lacking, found)
        words = shlex.split(task.brief.run) if task else []
        if len(words) == 1 and words[0] in found.by_name:
            draft = beginning(draft, words[0], found.by_name[words[0]])
        elif task is not None:
            draft = replace(draft, command=task.brief.run)
        dialog = RunDialog(
            app.fleet,
            draft,
            found.by_name,
            lacking=lacking,
            executors=("local", *app.deck.settings.executors),
            slots=self._slots(),
            left_out=app.deck.left_out,
            task=task,
        )
        if (intent := await app.push_screen_wait(dialog)) is not None:
            await self._ask(intent)

    def _templates(self, root: Path | None) -> "RunTemplates | None":
        """Those that can be used; of the others it is said why not."""
        from command_center.store.run_templates import load_run_templates

        tell = self._app.crier.complain
        try:
            found = load_run_templates(self._app.deck.places, root)
        except SpecError as error:
            self._app.call_from_thread(tell, f"no templates: {one_line(str(error), 300)}")
            return None
        for problem in found.problems:
            self._app.call_from_thread(tell, one_line(problem, 300))
        return found

    def _slots(self) -> int:
        known = self._app.fleet.sites.get("local")
        found = known.cpus if known else 0
        return self._app.deck.settings.runs.slots or found or os.cpu_count() or 1


def _lacking(found: "RunTemplates") -> dict[str, str]:
    """The module that each template needs and that is not installed, by its name."""
    from command_center.training.bundle import missing_module

    needed = {
        name: missing_module(template.training)
        for name, template in found.by_name.items()
        if template.training
    }
    return {name: module for name, module in needed.items() if module}
