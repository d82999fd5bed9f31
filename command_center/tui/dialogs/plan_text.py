"""Tasks as Markdown, to be edited."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static, TextArea

from command_center.domain.errors import IntentError
from command_center.domain.task_markdown import parse_task, parse_tasks, written, written_task
from command_center.domain.tasks import Brief
from command_center.domain.text import one_line
from command_center.tui.dialogs.fields import Dialog


class PlanTextDialog(Dialog[tuple[Brief, ...]]):
    """Answers with what the text says, or None when nothing is to change."""

    ways = "ctrl+s takes it · esc leaves it as it was"
    DEFAULT_CSS = """
    PlanTextDialog {
        & > #box { width: 110; height: 90%; }
        TextArea { height: 1fr; }
        #problem { height: auto; max-height: 3; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s,ctrl+enter", "take", show=False)]

    def __init__(self, briefs: Sequence[Brief], *, is_one: bool) -> None:
        """With `is_one` it is about a task that others stand beside: its needs stay as written."""
        super().__init__()
        self._briefs = briefs
        self._is_one = is_one

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = Content("Task" if self._is_one else "Tasks")
            yield TextArea()
            yield Static(_HINT, id="problem", markup=False)

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        try:
            one = written_task(self._briefs[0]) if self._is_one else written(self._briefs)
        except IntentError as error:
            self._tell(str(error))
        else:
            area.text = one
        area.focus()

    def action_take(self) -> None:
        text = self.query_one(TextArea).text
        try:
            self.dismiss((parse_task(text),) if self._is_one else parse_tasks(text))
        except IntentError as error:
            self.app.bell()
            self._tell(str(error))

    def _tell(self, words: str) -> None:
        problem = self.query_one("#problem", Static)
        problem.add_class("problem")
        problem.update(one_line(words, 300))


_HINT = (
    "## title, then lines such as kind: needs: touches: check: niche: priority: tags: budget:,"
    " then what its agent is told"
)
