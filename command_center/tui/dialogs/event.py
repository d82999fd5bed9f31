"""One event of the log, word for word."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from command_center.domain.text import plain
from command_center.tui.dialogs.fields import Dialog


class EventDialog(Dialog[None]):
    DEFAULT_CSS = """
    EventDialog {
        & > #box { width: 96; }
        #event { height: auto; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,enter", "close", show=False)]

    def __init__(self, title: str, text: str) -> None:
        """`title` is plain already; `text` need not be."""
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="box") as box:
            box.border_title = Content(self._title)
            yield Static(Content(plain(self._text)), id="event")

    def on_mount(self) -> None:
        self.query_one("#box").focus()
