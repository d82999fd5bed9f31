"""A few words of the user, on one line or on several."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static, TextArea

from command_center.tui.dialogs.fields import Dialog


class WordsDialog(Dialog[str]):
    """Answers with the words, or None; there is no answer without any."""

    DEFAULT_CSS = """
    WordsDialog {
        & > #box { width: 84; }
        TextArea { height: 8; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s,ctrl+enter", "send", show=False)]

    def __init__(self, title: str, said: str, verb: str) -> None:
        """`title` and `said`, what is known so far, must be plain text."""
        super().__init__()
        self._title = title
        self._said = said
        self._verb = verb
        self.ways = f"ctrl+s {verb.lower()}s · esc closes"

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = Content(self._title)
            yield Static(self._said, markup=False)
            yield TextArea()
            with Horizontal(id="buttons"):
                yield Button(self._verb, compact=True)

    def on_mount(self) -> None:
        self.query_one(TextArea).focus()

    @on(Button.Pressed)
    def action_send(self) -> None:
        text = self.query_one(TextArea).text.rstrip()
        if text.strip():
            self.dismiss(text)
        else:
            self.query_one(TextArea).border_subtitle = "nothing said yet"


class NumberDialog(Dialog[int]):
    """Answers with a whole number, or None."""

    ways = "enter sets it · esc closes"
    DEFAULT_CSS = "NumberDialog > #box { width: 64; }"

    def __init__(self, title: str, said: str, number: int) -> None:
        """`title` and `said`, which explains it, must be plain text."""
        super().__init__()
        self._title = title
        self._said = said
        self._number = number

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = Content(self._title)
            yield Static(self._said, markup=False)
            yield Input(str(self._number), type="integer", max_length=6, compact=True)

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        try:
            self.dismiss(int(event.value))
        except ValueError:
            self.app.bell()
