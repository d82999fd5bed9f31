"""What shall be planned, and who plans it."""

from pathlib import Path
from typing import ClassVar

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static, TextArea

from command_center.domain.errors import IntentError
from command_center.domain.niches import ModelSettings, Niche
from command_center.domain.plans import Proposal, checked_goal
from command_center.domain.task_markdown import parse_tasks
from command_center.domain.tasks import Brief
from command_center.domain.text import one_line
from command_center.tui.dialogs.draft import DraftError, repository
from command_center.tui.dialogs.fields import Choice, Dialog, Field


class Goal(Struct, frozen=True):
    """What the form says."""

    text: str = ""
    repo: str = ""
    niche: str = ""
    """Empty: the one for plans, or an agent CLI."""
    by_hand: Proposal | None = None
    """Tasks that were written down already; then nobody is asked."""


class GoalDialog(Dialog[Goal | None]):
    """Answers with what is wanted, or None."""

    ways = "ctrl+s plans · ctrl+o by hand · esc closes"
    DEFAULT_CSS = """
    GoalDialog {
        & > #box { width: 96; }
        TextArea { height: 10; }
        #said { height: auto; max-height: 4; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,ctrl+enter", "plan", show=False),
        Binding("ctrl+o", "by_hand", show=False),
    ]

    def __init__(
        self, models: ModelSettings, root: Path | None, first: Goal, said: str = ""
    ) -> None:
        """`first` fills the form in; `said` is what came of it, in plain text."""
        super().__init__()
        self._models = models
        self._first = first if first.repo else Goal(first.text, str(root or ""), first.niche)
        self._said = said

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = Content("Plan tasks for a goal")
            yield TextArea(self._first.text)
            yield Field("Repository", Input(self._first.repo, id="repo", compact=True))
            yield Field("Asks", Choice(_askable(self._models), id="niche"))
            yield Static(
                self._said, id="said", markup=False, classes="problem" if self._said else ""
            )
            with Horizontal(id="buttons"):
                yield Button("By hand", id="hand", compact=True)
                yield Button("Plan", id="plan", compact=True)

    def on_mount(self) -> None:
        self.query_one(Choice).choose(self._first.niche)
        text = self.query_one(TextArea)
        text.border_title = "Goal, or tasks as Markdown"
        text.focus()
        if not self._said:
            self._tell(_WAYS)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "plan":
            self.action_plan()
        else:
            self.action_by_hand()

    def action_plan(self) -> None:
        """Ask; nothing is added before the plan was seen."""
        try:
            checked_goal(self._goal.text)
            repository(self._goal.repo)
        except (IntentError, DraftError) as error:
            self._refuse(error)
        else:
            self.dismiss(self._goal)

    def action_by_hand(self) -> None:
        """Take the text for the tasks themselves; one without any begins with one to fill in."""
        goal = self._goal
        try:
            repository(goal.repo)
            tasks = parse_tasks(goal.text) if goal.text.strip() else (Brief("First task"),)
        except (IntentError, DraftError) as error:
            self._refuse(error)
        else:
            by_hand = Proposal("hand", tasks)
            self.dismiss(Goal(goal.text, goal.repo, goal.niche, by_hand))

    @property
    def _goal(self) -> Goal:
        text, repo = self.query_one(TextArea).text, self.query_one("#repo", Input).value
        return Goal(text, repo, self.query_one(Choice).value)

    def _refuse(self, error: Exception) -> None:
        self.app.bell()
        self._tell(one_line(str(error), 300), is_problem=True)

    def _tell(self, words: str, *, is_problem: bool = False) -> None:
        said = self.query_one("#said", Static)
        said.set_class(is_problem, "problem")
        said.update(words)


_WAYS = "The plan is shown before anything is added. By hand: the text is tasks, one per heading."


def _askable(models: ModelSettings) -> tuple[tuple[str, str], ...]:
    usual = models.choice(models.jobs.plan)
    name = f"{one_line(usual.model, 40)} ({models.jobs.plan})" if usual else ""
    first = name or "an installed agent CLI, on its own account (no model is set)"
    others = [(niche, models.choice(niche)) for niche in Niche if niche is not models.jobs.plan]
    return (
        ("", first),
        *((str(n), f"{one_line(each.model, 40)} ({n})") for n, each in others if each),
    )
