"""From a goal to tasks: a form, a wait, a plan to change, and at last an intent."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from command_center.domain.errors import SpecError
from command_center.domain.intents import Intent
from command_center.domain.plans import Proposal
from command_center.domain.text import one_line
from command_center.tui.dialogs.draft import repository
from command_center.tui.dialogs.goal import Goal, GoalDialog
from command_center.tui.dialogs.plan import PlanDialog
from command_center.tui.dialogs.planning import PlanningDialog

if TYPE_CHECKING:
    from command_center.tui.app import CommandCenter


class PlanDeeds:
    """Keeps what was put aside: a plan has cost something."""

    def __init__(self, app: "CommandCenter", ask: Callable[[Intent], Awaitable[None]]) -> None:
        self._app = app
        self._ask = ask
        self._goal = Goal()
        self._aside: tuple[Proposal, Path] | None = None

    async def plan(self) -> None:
        """Until tasks are added, or the user leaves."""
        said = ""
        while True:
            found = self._aside or await self._made(said)
            if found is None:
                return
            if isinstance(found, str):
                said = found
            elif await self._is_decided(*found):
                return
            else:
                said = ""

    async def _made(self, said: str) -> tuple[Proposal, Path] | str | None:
        """A plan; why there is none, if it is to be tried again; or None to leave."""
        app = self._app
        try:
            models = app.deck.settings.models
        except SpecError as error:
            app.crier.complain(one_line(str(error), 400))
            return None
        form = GoalDialog(models, app.deck.repo_root, self._goal, said)
        goal = await app.push_screen_wait(form)
        if goal is None:
            return None
        self._goal = goal
        root = repository(goal.repo)
        if goal.by_hand is not None:
            return goal.by_hand, root
        wait = PlanningDialog(lambda: app.deck.plan(goal.text, root, goal.niche), goal.text)
        answer = await app.push_screen_wait(wait)
        if isinstance(answer, Proposal):
            return answer, root
        return one_line(answer, 400) if answer else "given up; nothing was planned"

    async def _is_decided(self, made: Proposal, root: Path) -> bool:
        """False when another goal is wanted."""
        # Before it is shown: whatever closes it, the plan is not lost.
        self._aside = made, root
        decision = await self._app.push_screen_wait(PlanDialog(made, root))
        self._aside = None if decision.intent or decision.is_given_up else (decision.made, root)
        if decision.intent is not None:
            self._goal = Goal()
            await self._ask(decision.intent)
        return not decision.is_given_up
