"""The parts that dialogs are made of."""

from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Label

from command_center.tui.following import Keyed, Modal

T = TypeVar("T")


class Dialog(Modal[T], Keyed, Generic[T]):
    """A framed box in the middle of the screen; escape closes it with None.

    What is typed after a tab is for the next field, however soon it comes.
    """

    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        & > #box {
            width: 78; max-width: 100%; height: auto; max-height: 100%;
            padding: 0 1;
            border: round ansi_bright_black;
            border-title-color: ansi_cyan; border-title-style: bold;
            border-subtitle-color: ansi_default;
            background: ansi_default;
        }
        Button { min-width: 6; margin: 0 0 0 2; }
        Button:focus { text-style: bold reverse; }
        .quiet { text-style: dim; }
        .problem { color: ansi_red; text-style: bold; }
        .gap { margin-top: 1; }
        #buttons { height: 1; align-horizontal: right; }
        TextArea {
            padding: 0 1; background: ansi_default;
            border: round ansi_bright_black;
            &:focus { border: round ansi_cyan; }
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", show=False)]

    ways = "esc closes"
    """What the lower edge of the box says, after a hint on what has the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.keys = {"tab": self._to_next, "shift+tab": self._to_last}

    def _to_next(self) -> None:
        self.focus_next()

    def _to_last(self) -> None:
        self.focus_previous()

    def action_close(self) -> None:
        self.dismiss(None)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        is_text = isinstance(event.widget, VerticalScroll)
        hint = getattr(event.widget, "HINT", "↑ ↓ scroll" if is_text else "tab moves on")
        self.query_one("#box").border_subtitle = f"{hint} · {self.ways}"


class Field(Horizontal):
    """A label and the widget that it names; the label says which one has the keyboard."""

    DEFAULT_CSS = """
    Field {
        height: 1; width: 1fr;
        & > Label { width: 12; }
        /* Textual looks for a rule of the field itself before it draws what is in it anew. */
        &:focus-within { height: 1; }
        &:focus-within > Label { color: ansi_cyan; text-style: bold; }
        & > Input, & > Input:focus {
            width: 1fr; border: none; padding: 0; background: ansi_default;
        }
    }
    """

    def __init__(self, label: str, widget: Widget) -> None:
        super().__init__()
        self._label = Label(label)
        self._widget = widget

    def compose(self) -> ComposeResult:
        yield self._label
        yield self._widget


class Tick(Widget, can_focus=True):
    """A yes or no on one line; drawn in words that need no colour."""

    HINT = "space ticks it"
    DEFAULT_CSS = """
    Tick { height: 1; width: 1fr; }
    Tick:focus { color: ansi_cyan; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("space,enter", "turn", show=False)]
    is_on: reactive[bool] = reactive(False)

    class Changed(Message):
        """It is ticked now, or no longer."""

    def __init__(self, label: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._label = label

    def action_turn(self) -> None:
        self.is_on = not self.is_on
        self.post_message(self.Changed())

    def on_click(self) -> None:
        self.action_turn()

    def render(self) -> Content:
        return Content(f"[{'x' if self.is_on else ' '}] {self._label}")


class Choice(Widget, can_focus=True):
    """One of a few values with what it means; left and right turn it."""

    HINT = "← → turn it"
    DEFAULT_CSS = """
    Choice { height: 1; width: 1fr; }
    Choice:focus { text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h,up", "turn(-1)", show=False),
        Binding("right,l,down,space", "turn(1)", show=False),
    ]
    at: reactive[int] = reactive(0)

    class Changed(Message):
        """Another value is chosen."""

    def __init__(self, values: tuple[tuple[str, str], ...], *, id: str | None = None) -> None:  # noqa: A002
        """Each value with the words that stand for it."""
        super().__init__(id=id)
        self._values = values

    @property
    def value(self) -> str:
        return self._values[self.at][0]

    def choose(self, value: str) -> None:
        """Without word of it; one that there is not changes nothing."""
        self.at = next((n for n, each in enumerate(self._values) if each[0] == value), self.at)

    def action_turn(self, by: int) -> None:
        self.at = (self.at + by) % len(self._values)
        self.post_message(self.Changed())

    def on_click(self) -> None:
        self.action_turn(1)

    def render(self) -> Content:
        room = max(1, self.size.width - len("‹  ›"))
        said = Content(self._values[self.at][1]).truncate(room, ellipsis=True)
        return Content.assemble(("‹ ", "$primary"), said, (" ›", "$primary"))
