"""One of a list of things; those that cannot be chosen say why."""

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from command_center.tui import theme
from command_center.tui.cells import fitted
from command_center.tui.dialogs.fields import Dialog
from command_center.tui.entry_list import Entry, EntryList


class Option(Struct, frozen=True):
    id: str
    label: str
    """Plain text, as the others."""
    hint: str = ""
    why_not: str = ""
    """Why it cannot be chosen."""


class ChooserDialog(Dialog[str]):
    """Answers with the id of one of `options`, or None."""

    ways = "enter chooses · esc closes"
    DEFAULT_CSS = """
    ChooserDialog {
        & > #box { width: 84; }
        EntryList { height: auto; max-height: 16; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "take", show=False)]

    def __init__(self, title: str, options: Sequence[Option]) -> None:
        """`title` must be plain text."""
        super().__init__()
        self._title = title
        self._options = {option.id: option for option in options}

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = Content(self._title)
            yield EntryList()

    def on_mount(self) -> None:
        entries = self.query_one(EntryList)
        entries.put([_entry(option) for option in self._options.values()])
        entries.focus()

    def on_entry_list_opened(self) -> None:
        self.action_take()

    def action_take(self) -> None:
        option = self._options.get(self.query_one(EntryList).selected)
        if option is None or option.why_not:
            self.app.bell()
        else:
            self.dismiss(option.id)


def _entry(option: Option) -> Entry:
    name = theme.QUIET if option.why_not else theme.STRONG
    said = (option.why_not or option.hint, theme.QUIET)
    return Entry(option.id, (((fitted(option.label, 20) + " ", name), said),))
