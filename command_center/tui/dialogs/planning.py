"""Waiting for a plan; the dashboard goes on behind it."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from command_center.domain.errors import CommandCenterError
from command_center.domain.plans import Proposal
from command_center.domain.text import one_line
from command_center.tui.dialogs.fields import Dialog


class PlanningDialog(Dialog[Proposal | str | None]):
    """Answers with the plan, with why there is none, or with None when the user gave it up."""

    ways = "esc gives it up"
    DEFAULT_CSS = "PlanningDialog > #box { width: 72; }"
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, plan: Callable[[], Awaitable[Proposal]], goal: str) -> None:
        super().__init__()
        self._plan = plan
        self._goal = one_line(goal, 200)
        self._seconds = 0

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = Content("Planning")
            box.border_subtitle = self.ways
            yield Static(self._goal, markup=False)
            yield Static("asking…", id="since", classes="quiet gap", markup=False)

    def on_mount(self) -> None:
        self.set_interval(1.0, self._tick)
        self._asking = self.run_worker(self._ask(), exit_on_error=False)

    def _tick(self) -> None:
        self._seconds += 1
        self.query_one("#since", Static).update(f"asking… {self._seconds} s")

    async def _ask(self) -> None:
        # Leaving cancels this worker, and that ends whom it asks.
        try:
            self.dismiss(await self._plan())
        except (CommandCenterError, OSError) as error:
            self.dismiss(str(error))

    def action_close(self) -> None:
        # Not `self.workers`: those are the whole app's.
        self._asking.cancel()
        self.dismiss(None)
