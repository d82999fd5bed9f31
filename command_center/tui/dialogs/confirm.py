"""One question, yes or no."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from command_center.tui.dialogs.fields import Dialog


class ConfirmDialog(Dialog[bool]):
    """Answers True for yes; closing it is False."""

    ways = "y yes · n no"
    DEFAULT_CSS = "ConfirmDialog > #box { width: 64; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", show=False),
        Binding("n,escape", "answer(False)", show=False),
        Binding("left,right", "app.focus_next", show=False),
    ]

    def __init__(self, question: str, verb: str) -> None:
        """`question` must be plain text; `verb` is what the yes button says."""
        super().__init__()
        self._question = question
        self._verb = verb

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = self._verb
            yield Static(self._question, markup=False)
            with Horizontal(id="buttons", classes="gap"):
                yield Button(self._verb, id="yes", compact=True)
                yield Button("Cancel", id="no", compact=True)

    def on_mount(self) -> None:
        self.query_one("#yes", Button).focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, is_yes: bool) -> None:
        self.dismiss(is_yes)
