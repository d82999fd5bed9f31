"""All of one task, with room to read."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from command_center.tui.dialogs.fields import Dialog
from command_center.tui.parts_list import PartsList
from command_center.tui.task_cards import Facts
from command_center.tui.task_costs import Costs
from command_center.tui.task_details import detail_lines

if TYPE_CHECKING:
    from command_center.tui.app import CommandCenter

_LOOK_S = 0.5


class _Lines(PartsList):
    HINT = "j k scroll"


class TaskDetailsDialog(Dialog[None]):
    """Follows the task while it is open."""

    ways = "esc closes"
    DEFAULT_CSS = """
    TaskDetailsDialog {
        & > #box { width: 100; }
        PartsList { height: auto; max-height: 80vh; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,q", "close", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,space", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, app: "CommandCenter", task: str) -> None:
        super().__init__()
        self._center = app
        self._task_id = task
        self._costs = Costs(app.deck)

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = Content(self._task_id)
            yield _Lines()

    async def on_mount(self) -> None:
        self.set_interval(_LOOK_S, self._show)
        self.call_after_refresh(self._show)
        await self._costs.count(self._center.fleet)

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        app = self._center
        facts = Facts(app.fleet, app.deck.clock(), self._costs.by_task)
        if self.is_attached and (task := app.fleet.tasks.get(self._task_id)) is not None:
            lines = self.query_one(PartsList)
            lines.put(detail_lines(task, facts, max(20, lines.size.width - 1)))

    def action_scroll(self, by: int) -> None:
        self.query_one(PartsList).scroll_relative(y=by, animate=False)
