"""Which columns the fleet list shows, and in which order. What is ticked shows at once."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from command_center.tui.columns import ALWAYS, DEFAULT, SHAPES, Column
from command_center.tui.dialogs.checklist import Checklist, Item, Ordered
from command_center.tui.dialogs.fields import Dialog


class ColumnsDialog(Dialog[tuple[Column, ...]]):
    """Answers the columns, also when it is closed."""

    ways = "d default · esc closes"
    DEFAULT_CSS = "ColumnsDialog > #box { width: 62; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,C,q", "close", show=False),
        Binding("d", "default", show=False),
    ]

    def __init__(
        self, columns: Sequence[Column], show: Callable[[tuple[Column, ...]], None]
    ) -> None:
        """`show` is called with every change."""
        super().__init__()
        self._columns = tuple(columns)
        self._show = show

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = "Columns"
            yield Ordered(_items(self._columns), id="columns")

    def on_mount(self) -> None:
        self.query_one("#columns").focus()

    @on(Checklist.Changed)
    def _changed(self) -> None:
        items = self.query_one("#columns", Ordered).items
        self._put(tuple(Column(item.id) for item in items if item.is_on))

    def action_default(self) -> None:
        self.query_one("#columns", Ordered).put(_items(DEFAULT))
        self._put(DEFAULT)

    def _put(self, columns: tuple[Column, ...]) -> None:
        self._columns = columns
        self._show(columns)

    def action_close(self) -> None:
        self.dismiss(self._columns)


def _items(shown: Sequence[Column]) -> list[Item]:
    """Those that are shown first, in their order."""
    return [
        Item(column, column, SHAPES[column].help, column in shown, column in ALWAYS)
        for column in (*shown, *(c for c in Column if c not in shown))
    ]
