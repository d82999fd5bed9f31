"""All layouts, each under a digit, and a name for the present arrangement."""

from typing import ClassVar

from msgspec import Struct
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from command_center.domain.layouts import Layout
from command_center.domain.text import one_line
from command_center.tui.arrangements import id_of
from command_center.tui.dialogs.fields import Dialog, Field

_DIGITS = "123456789"
_NAME_MOST = 40


class Saving(Struct, frozen=True):
    """The present arrangement is to be kept under this name."""

    name: str


class _Lines(VerticalScroll):
    HINT = "↑ ↓ choose"


class LayoutDialog(Dialog[str | Saving]):
    """Answers with the id of a layout, or with a name to save the present one under."""

    ways = "enter or a digit shows it · s saves this one · esc closes"
    DEFAULT_CSS = """
    LayoutDialog {
        & > #box { width: 92; }
        #layouts { height: auto; max-height: 16; }
        #layouts > Static { text-wrap: nowrap; text-overflow: ellipsis; }
        #layouts:focus { background-tint: transparent; }
        #name-field { display: none; }
        &.-saving #name-field { display: block; height: auto; }
        #taken { height: 1; padding-left: 12; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("enter", "take", show=False),
        Binding("s", "save", show=False),
    ]

    def __init__(self, layouts: tuple[Layout, ...], now: str) -> None:
        """`now` is the id of the one that is shown."""
        super().__init__()
        self._layouts = layouts
        self._now = now
        self._at = next((n for n, layout in enumerate(layouts) if layout.id == now), 0)
        self._lines = Static()

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = "Layouts"
            with _Lines(id="layouts"):
                yield self._lines
            name = Input(id="name", compact=True, max_length=_NAME_MOST)
            with Vertical(id="name-field", classes="gap"):
                yield Field("Save as", name)
                yield Static(id="taken", classes="quiet", markup=False)

    def on_mount(self) -> None:
        self._redraw()
        self.query_one("#layouts").focus()

    def _redraw(self) -> None:
        self._lines.update(Content("\n").join(map(self._line, range(len(self._layouts)))))

    def _line(self, number: int) -> Content:
        layout = self._layouts[number]
        bar = "▌" if number == self._at else " "
        digit = _DIGITS[number] if number < len(_DIGITS) else " "
        shown = "shown" if layout.id == self._now else ""
        return Content.assemble(
            (f"{bar} ", "bold $primary"),
            (f"{digit}  ", "$primary"),
            (f"{one_line(layout.name, 16):<17}", "bold" if number == self._at else ""),
            (f"{shown:<7}", "$primary"),
            (one_line(layout.help, 58), "dim" if number != self._at else ""),
        )

    def on_key(self, event: events.Key) -> None:
        at = _DIGITS.find(event.character or " ")
        if 0 <= at < len(self._layouts) and not isinstance(self.focused, Input):
            event.stop()
            self.dismiss(self._layouts[at].id)

    def action_move(self, by: int) -> None:
        self._at = (self._at + by) % len(self._layouts)
        self._redraw()

    def action_take(self) -> None:
        self.dismiss(self._layouts[self._at].id)

    def action_save(self) -> None:
        self.add_class("-saving")
        # At once, or what is typed next would act on the layouts.
        self.set_focus(self.query_one("#name"))

    @on(Input.Changed)
    def _say_if_taken(self, event: Input.Changed) -> None:
        taken = [layout.name for layout in self._layouts if layout.id == id_of(event.value)]
        said = f"takes the place of {one_line(taken[0], 40)}" if taken and event.value else ""
        self.query_one("#taken", Static).update(said)

    @on(Input.Submitted)
    def _named(self, event: Input.Submitted) -> None:
        event.stop()
        if name := one_line(event.value, _NAME_MOST):
            self.dismiss(Saving(name))
