"""What is asked for tasks from the dashboard: forms and questions first, then an intent."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from command_center.domain.errors import SpecError
from command_center.domain.intents import Intent
from command_center.domain.placement import in_turn
from command_center.domain.task_intents import (
    ApproveTask,
    AssignTask,
    DiscardTask,
    QueueTask,
    ReturnTask,
    ReviseTask,
    SetDispatch,
)
from command_center.domain.tasks import Task
from command_center.domain.text import one_line
from command_center.domain.workers import why_not_free
from command_center.tui.task_actions import TASK_ACTION, is_proposed, keys_of, meant
from command_center.tui.task_cards import Facts, Lane

if TYPE_CHECKING:
    from textual.worker import Worker

    from command_center.domain.templates import Template
    from command_center.tui.app import CommandCenter
    from command_center.tui.board import TaskBoard
    from command_center.tui.following import KeyDeed
    from command_center.tui.run_starts import RunStarts

NEW = "new "
"""How a placement begins that is a launch."""
_ANYBODY = "-"


class TaskDeeds:
    def __init__(
        self,
        app: "CommandCenter",
        ask: Callable[[Intent], Awaitable[None]],
        starts: "Callable[[], RunStarts]",
    ) -> None:
        self._app = app
        self._ask = ask
        self._starts = starts
        self._deeds: dict[str, Callable[[Task], Awaitable[None]]] = {
            "details": self._details,
            "approve": self._approve,
            "return": self._return,
            "queue": self._queue,
            "assign": self._assign,
            "edit": self._edit,
            "priority": self._set_priority,
            "run": lambda task: self._starts().start_task(task),
            "discard": self._discard,
            "go": self._go,
        }

    def perform(self, action: str, task: str) -> "Worker[None] | None":
        """Do it to the task with this id, or say why it does not apply."""
        app = self._app
        now = app.fleet.tasks.get(task)
        if now is None:
            app.crier.warn("no task is selected: d makes one", seconds=3)
            return None
        action = meant(action, now)
        reason = TASK_ACTION[action].why_not(now, app.fleet)
        if app.is_replay and action not in ("details", "go"):
            reason = "a replay is read-only"
        if reason is not None:
            app.crier.warn(reason, seconds=3)
            return None
        return app.run_worker(self._deeds[action](now), group="deeds")

    def drop(self, task: str, lane: Lane | None) -> "Worker[None] | None":
        """What pulling a card there asks for; None is the place for what is discarded."""
        if lane is Lane.DONE:
            return self.perform("approve", task)
        if lane in (Lane.DRAFT, Lane.CHECK, Lane.REVIEW):
            self._app.crier.warn(f"{task} comes to {lane.words.lower()} by itself", seconds=3)
            return None
        if lane is Lane.RUNNING:
            return self.perform("assign", task)
        return self.perform("give_up" if lane is None else "queue", task)

    @cached_property
    def part_keys(self) -> "Mapping[str, KeyDeed]":
        """Those of the board where it is a part of the layout."""
        app = self._app

        def board() -> "TaskBoard":
            assert app.body.board is not None
            return app.body.board

        keys = keys_of(
            lambda dx, dy: board().move(dx, dy),
            lambda action: self.perform(action, board().selected),
        )
        return {**keys, **dict.fromkeys(("escape", "tab"), app.moves.take_focus)}

    # Forms and screens

    async def add(self) -> None:
        from command_center.tui.dialogs.task import TaskDialog

        app = self._app
        await app.kit_known.wait()
        templates = await self._templates()
        dialog = TaskDialog(app.fleet, app.kit, app.deck.repo_root, templates)
        if (intent := await app.push_screen_wait(dialog)) is not None:
            await self._ask(intent)

    async def _templates(self) -> "Mapping[str, Template]":
        """Those that can be used; of the others it is said why not."""
        from command_center.store.templates import load_templates

        try:
            found = await asyncio.to_thread(load_templates, self._app.deck.places)
        except SpecError as error:
            self._app.crier.complain(f"no templates: {one_line(str(error), 300)}")
            return {}
        for problem in found.problems:
            self._app.crier.complain(one_line(problem, 300))
        return found.by_name

    async def _edit(self, task: Task) -> None:
        from command_center.tui.dialogs.task import TaskDialog

        app = self._app
        await app.kit_known.wait()
        dialog = TaskDialog(app.fleet, app.kit, None, {}, task)
        if (intent := await app.push_screen_wait(dialog)) is not None:
            await self._ask(intent)

    async def board(self) -> None:
        await self._show_board(is_inbox=False)

    async def inbox(self) -> None:
        await self._show_board(is_inbox=True)

    async def _show_board(self, *, is_inbox: bool) -> None:
        from command_center.tui.board_screen import BoardScreen

        await self._app.push_screen(BoardScreen(self._app, self, is_inbox=is_inbox))

    async def dispatch(self) -> None:
        from command_center.tui.dispatch_screen import DispatchScreen

        await self._app.push_screen(DispatchScreen(self._app, self))

    async def broadcast(self) -> None:
        from command_center.tui.dialogs.broadcast import BroadcastDialog

        app = self._app
        dialog = BroadcastDialog(app.fleet, app.kit.specs, app.selected)
        for intent in await app.push_screen_wait(dialog) or ():
            await self._ask(intent)

    async def set_mode(self, mode: str) -> None:
        await self._ask(SetDispatch(mode))

    async def accept_all(self) -> None:
        """Every placement that is proposed, as it is shown."""
        fleet = self._app.fleet
        for task in [task for task in in_turn(fleet.tasks) if is_proposed(task, fleet)]:
            await self._ask(_accepted(task))

    # What is done to one

    async def _details(self, task: Task) -> None:
        from command_center.tui.dialogs.task_details import TaskDetailsDialog

        await self._app.push_screen_wait(TaskDetailsDialog(self._app, task.id))

    async def _approve(self, task: Task) -> None:
        proposed = is_proposed(task, self._app.fleet)
        await self._ask(_accepted(task) if proposed else ApproveTask(task.id))

    async def _return(self, task: Task) -> None:
        from command_center.tui.dialogs.words import WordsDialog

        agent = self._app.fleet.agents[task.agent]
        title = f"Send {task.id} back to {one_line(agent.name, 40)}"
        said = f"{one_line(task.brief.title, 200)}\n{one_line(task.reason, 300)}"
        if text := await self._app.push_screen_wait(WordsDialog(title, said, "Send")):
            await self._ask(ReturnTask(task.id, text))

    async def _queue(self, task: Task) -> None:
        if task.takes_agent:
            who = Facts(self._app.fleet).name(task.agent)
            question = f"{who} is at work on {task.id}. Take it back?"
            if not await self._is_sure(question, "Take back"):
                return
        await self._ask(QueueTask(task.id))

    async def _discard(self, task: Task) -> None:
        stays = " Its branch stays." if task.branch else ""
        question = f"Discard {task.id}, “{one_line(task.brief.title, 60)}”?{stays}"
        if await self._is_sure(question, "Discard"):
            await self._ask(DiscardTask(task.id))

    async def _is_sure(self, question: str, verb: str) -> bool:
        from command_center.tui.dialogs.confirm import ConfirmDialog

        return await self._app.push_screen_wait(ConfirmDialog(question, verb)) is True

    async def _set_priority(self, task: Task) -> None:
        from command_center.tui.dialogs.words import NumberDialog

        title = f"Priority of {task.id}"
        dialog = NumberDialog(title, "The higher, the sooner it is served.", task.brief.priority)
        number = await self._app.push_screen_wait(dialog)
        now = self._app.fleet.tasks[task.id]
        if number is not None and number != now.brief.priority:
            await self._ask(ReviseTask(task.id, replace(now.brief, priority=number)))

    async def _assign(self, task: Task) -> None:
        from command_center.tui.dialogs.chooser import ChooserDialog, Option

        fleet = self._app.fleet
        there = [a for a in fleet.agents.values() if a.order.repo == task.brief.repo]
        why = {agent.id: one_line(why_not_free(fleet, agent), 80) for agent in there}
        best = f"now {Facts(fleet).name(task.proposed)}" if task.proposed else ""
        options = [
            Option(_ANYBODY, "who fits best", best),
            *(
                Option(agent.id, one_line(agent.name, 40), agent.order.spec, why[agent.id])
                for agent in sorted(there, key=lambda agent: why[agent.id] != "")
            ),
        ]
        title = f"Who takes {task.id}?"
        chosen = await self._app.push_screen_wait(ChooserDialog(title, options))
        if chosen is not None:
            await self._ask(AssignTask(task.id, "" if chosen == _ANYBODY else chosen))

    async def _go(self, task: Task) -> None:
        app = self._app
        while len(app.screen_stack) > 1:
            await app.pop_screen()
        app.go_to(task.agent)


def _accepted(task: Task) -> AssignTask:
    """To whom it was proposed; of those that are yet to be launched the dispatcher chooses."""
    is_new = task.proposed.startswith(NEW)
    return AssignTask(task.id, "" if is_new else task.proposed)
