"""What the actions do: they ask the user, drop intents, or change what is shown."""

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from command_center.domain import intents
from command_center.domain.intents import Intent
from command_center.domain.model import Answer
from command_center.domain.run_intents import QueueRuns
from command_center.domain.task_intents import AddTasks
from command_center.domain.text import one_line
from command_center.store.inbox import send
from command_center.tui.agent_deeds import AgentDeeds, Deed

if TYPE_CHECKING:
    from command_center.tui.app import CommandCenter
    from command_center.tui.arrangements import Arrangements
    from command_center.tui.doors import Doors
    from command_center.tui.plan_deeds import PlanDeeds
    from command_center.tui.run_deeds import RunDeeds
    from command_center.tui.run_starts import RunStarts
    from command_center.tui.task_deeds import TaskDeeds


class Deeds:
    """The actions that take time or reach out; those that only move are the app's own.

    Each may rely on its `why_not` having found nothing against it.
    """

    def __init__(self, app: "CommandCenter") -> None:
        self._app = app
        self._asked: dict[str, Intent] = {}
        self._awaits_first = False
        """Whether the first agent of a batch has yet to appear."""
        self.agents = AgentDeeds(app, self.ask)
        self.by_id: dict[str, Deed] = {
            **self.agents.by_id,
            "launch": self.launch,
            "open": self.open_split,
            "window": self.open_window,
            "shell": self.open_shell,
            "editor": self.open_editor,
            "new_task": lambda: self.tasks.add(),
            "plan": lambda: self.plans.plan(),
            "new_run": lambda: self.run_starts.start(),
            "board": lambda: self.tasks.board(),
            "inbox": lambda: self.tasks.inbox(),
            "dispatch": lambda: self.tasks.dispatch(),
            "broadcast": lambda: self.tasks.broadcast(),
            "filters": self.filters,
            "columns": self.columns,
            "usage": self.usage,
            "runs": lambda: self.runs.screen(),
            "timeline": self.timeline,
            "machine": self.machine,
            "explain": self.explain,
            "help": self.help,
            "palette": self.palette,
            "layout": self.turn_layout,
            "layouts": self.choose_layout,
        }

    async def ask(self, intent: Intent) -> None:
        """Drop `intent` into the inbox, if there is one, and remember it until its answer comes."""
        if (inbox := self._app.deck.inbox) is None:
            return
        try:
            # The drop is durable, and a slow disk must not hold up the screen.
            asked = await asyncio.to_thread(send, inbox, intent, "dashboard")
        except OSError as error:
            self._app.crier.complain(f"cannot ask the supervisor: {error}")
            return
        self._asked[asked] = intent

    def take_answers(self, answers: dict[str, Answer]) -> None:
        """Tell what became of our own intents, each once. What was done shows by itself."""
        self._find_first(answers)
        for name in [name for name in self._asked if name in answers]:
            intent, answer = self._asked.pop(name), answers[name]
            agent = self._app.fleet.agents.get(answer.agent)
            if answer.is_refused and isinstance(intent, intents.Remove) and agent is not None:
                self._app.run_worker(self.agents.removal_refused(agent, answer), group="deeds")
            elif answer.is_refused:
                self._app.crier.complain(one_line(answer.text, 400))
            elif isinstance(intent, AddTasks):
                # Nothing else tells of it where no board is shown.
                became = "is queued" if intent.is_queued else "is a draft"
                self._app.crier.tell(f"{answer.text} {became}")
            elif isinstance(intent, QueueRuns):
                self._app.crier.tell(f"{_first_and_last(answer.text)} queued: X shows runs")

    def _find_first(self, answers: dict[str, Answer]) -> None:
        """Go to the first of a batch as soon as it is there: the answer may take a while."""
        made = {agent.intent: agent.id for agent in self._app.fleet.agents.values()}
        made |= {name: answer.agent for name, answer in answers.items()}
        ours = [name for name, intent in self._asked.items() if isinstance(intent, intents.Launch)]
        if self._awaits_first and (first := next(filter(None, map(made.get, ours)), None)):
            self._awaits_first = False
            self._app.show_launched(first)

    async def launch(self) -> None:
        from command_center.tui.dialogs.launch import LaunchDialog

        app = self._app
        await app.kit_known.wait()
        repos, deck = tuple(app.fleet.repos.values()), app.deck
        dialog = LaunchDialog(app.kit, repos, deck.repo_root, deck.settings, deck.branches)
        launches = await app.push_screen_wait(dialog) or []
        self._awaits_first = bool(launches)
        for launch in launches:
            await self.ask(launch)

    async def filters(self) -> None:
        from command_center.tui.dialogs.filters import FiltersDialog

        shown, app = self._app.fleet_list, self._app
        dialog = FiltersDialog(app.fleet, shown.sieve, app.selected, shown.sift)
        await app.push_screen_wait(dialog)

    async def columns(self) -> None:
        from command_center.tui.dialogs.columns import ColumnsDialog

        shown, app = self._app.fleet_list, self._app
        dialog = ColumnsDialog(shown.columns, shown.show_columns)
        app.columns = tuple(str(column) for column in await app.push_screen_wait(dialog) or ())
        try:
            await asyncio.to_thread(self._remember_columns, app.columns)
        except OSError as error:
            app.crier.complain(f"the columns cannot be remembered: {error}")

    def _remember_columns(self, columns: tuple[str, ...]) -> None:
        from command_center.store.habits import read_habits, write_habits

        file = self._app.deck.places.habits
        write_habits(file, replace(read_habits(file), columns=columns))

    async def usage(self) -> None:
        from command_center.tui.usage_screen import UsageScreen

        app, meters = self._app, self._app.meters
        screen = UsageScreen(app.deck, app.fleet, meters.lost_today, lambda: meters.gauges)
        await app.push_screen(screen)

    async def machine(self) -> None:
        from command_center.tui.machine_screen import MachineScreen

        screen = MachineScreen(self._app, lambda run: self.runs.perform("details", [run]))
        await self._app.push_screen(screen)

    async def explain(self) -> None:
        from command_center.domain.rungs import LOOKED_BACK, past_words
        from command_center.tui.dialogs.explain import ExplainDialog

        agent, deck = self.agents.selected, self._app.deck
        spec = self._app.kit.specs.get(agent.order.spec)
        past = past_words(deck.view.records(max(0, self._app.fleet.seq - LOOKED_BACK)), agent)
        read = spec.signals.sources if spec else None
        await self._app.push_screen_wait(ExplainDialog(agent, deck.clock, read, past))

    async def turn_layout(self) -> None:
        await self.arrangements.turn()

    async def choose_layout(self) -> None:
        await self.arrangements.choose()

    @cached_property
    def arrangements(self) -> "Arrangements":
        from command_center.tui.arrangements import Arrangements

        return Arrangements(self._app)

    @cached_property
    def tasks(self) -> "TaskDeeds":
        from command_center.tui.task_deeds import TaskDeeds

        return TaskDeeds(self._app, self.ask, lambda: self.run_starts)

    @cached_property
    def plans(self) -> "PlanDeeds":
        from command_center.tui.plan_deeds import PlanDeeds

        return PlanDeeds(self._app, self.ask)

    @cached_property
    def run_starts(self) -> "RunStarts":
        from command_center.tui.run_starts import RunStarts

        return RunStarts(self._app, self.ask)

    @cached_property
    def runs(self) -> "RunDeeds":
        from command_center.tui.run_deeds import RunDeeds

        return RunDeeds(self._app, self.ask, lambda: self.doors)

    async def timeline(self) -> None:
        from command_center.store.replay import ReplayView
        from command_center.tui.timeline import TimelineScreen

        at = await self._app.push_screen_wait(TimelineScreen(self._app.deck))
        if at is not None and isinstance(view := self._app.deck.view, ReplayView):
            view.seek(at)

    async def help(self) -> None:
        from command_center.tui.help import HelpScreen

        await self._app.push_screen(HelpScreen(self._app.now))

    async def palette(self) -> None:
        from textual.command import CommandPalette

        from command_center.tui.palette import ActionProvider

        await self._app.push_screen(
            CommandPalette(providers=[ActionProvider], placeholder="What shall be done?")
        )

    async def open_split(self) -> None:
        await self.doors.turn_screen(self.agents.selected, "split")

    async def open_window(self) -> None:
        await self.doors.turn_screen(self.agents.selected, "window")

    async def open_shell(self) -> None:
        await self.doors.open_shell(self.agents.selected)

    async def open_editor(self) -> None:
        await self.doors.open_editor(self.agents.selected)

    @cached_property
    def doors(self) -> "Doors":
        from command_center.tui.doors import Doors

        return Doors(self._app)


def _first_and_last(names: str) -> str:
    listed = names.split()
    return names if len(listed) < 3 else f"{listed[0]} to {listed[-1]}"
