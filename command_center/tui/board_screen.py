"""The screen of tasks: the board, or the inbox of results, and beside it all of the chosen task."""

from functools import partial
from typing import TYPE_CHECKING

from rich.style import Style
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from command_center.domain.decisions import undecided
from command_center.domain.model import Fleet
from command_center.domain.tasks import Life, Task
from command_center.tui import theme
from command_center.tui.board import TaskBoard
from command_center.tui.entry_list import EntryList
from command_center.tui.figures import Part
from command_center.tui.following import Following, KeyDeed
from command_center.tui.lines import PartsLine
from command_center.tui.parts_list import PartsList
from command_center.tui.task_actions import keys_of, ways
from command_center.tui.task_cards import Facts
from command_center.tui.task_costs import Costs
from command_center.tui.task_details import detail_lines
from command_center.tui.task_inbox import inbox_entries

if TYPE_CHECKING:
    from textual.worker import Worker

    from command_center.tui.app import CommandCenter
    from command_center.tui.task_deeds import TaskDeeds

WIDE = 140
"""Columns from which the details stand beside the board."""


class BoardScreen(Following):
    DEFAULT_CSS = """
    BoardScreen {
        #task-parts { height: 1fr; }
        #task-inbox { width: 1fr; height: 1fr; }
        #task-details { width: 60; height: 1fr; border-left: solid ansi_bright_black; }
        #task-details { padding: 0 0 0 1; display: none; }
        &.-wide #task-details { display: block; }
        #task-board, #task-inbox { display: none; }
        &.-board #task-board { display: block; }
        &.-inbox #task-inbox { display: block; }
    }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012

    def __init__(self, app: "CommandCenter", deeds: "TaskDeeds", *, is_inbox: bool) -> None:
        super().__init__()
        self._center = app
        self._deeds = deeds
        self._is_inbox = is_inbox
        self._costs = Costs(app.deck)
        self._board = TaskBoard(id="task-board")
        self._list = EntryList(id="task-inbox")
        self.keys = self._all_keys()

    def compose(self) -> ComposeResult:
        yield PartsLine(id="task-head")
        with Horizontal(id="task-parts"):
            yield self._board
            yield self._list
            yield PartsList(id="task-details")
        yield Ways(id="task-ways")

    def on_mount(self) -> None:
        self.turn(is_inbox=self._is_inbox)
        if waiting := undecided(self._center.fleet):
            self._board.select(waiting[0].id)

    def on_resize(self) -> None:
        self.call_after_refresh(self._redraw)

    def take_fleet(self, fleet: Fleet) -> None:
        if self._costs.are_due(fleet, self._center.deck.clock()):
            self.run_worker(self._count(fleet), group="costs", exclusive=True)
        self._redraw()

    async def _count(self, fleet: Fleet) -> None:
        await self._costs.count(fleet)
        self._redraw()

    # Keys

    def _all_keys(self) -> dict[str, KeyDeed]:
        return {
            **keys_of(self._move, self._perform),
            **dict.fromkeys(("escape", "b"), self.action_close),
            **dict.fromkeys(("tab", "I"), self.action_turn),
            "d": partial(self._center.perform, "new_task"),
            "D": partial(self._center.perform, "dispatch"),
        }

    def _perform(self, action: str) -> "Worker[None] | None":
        return self._deeds.perform(action, self._selected)

    def action_act(self, key: str) -> None:
        """As if the key had been pressed."""
        self.keys[key]()

    def action_close(self) -> None:
        self.dismiss(None)

    def action_turn(self) -> None:
        self.turn(is_inbox=not self._is_inbox)

    def turn(self, *, is_inbox: bool) -> None:
        """Show the inbox of results, or the board."""
        selected = self._selected
        self._is_inbox = is_inbox
        self.set_class(is_inbox, "-inbox")
        self.set_class(not is_inbox, "-board")
        self.take_fleet(self._center.fleet)
        (self._list if is_inbox else self._board).select(selected)
        self.set_focus(self._list if is_inbox else self._board)

    def _move(self, dx: int, dy: int) -> None:
        if not self._is_inbox:
            self._board.move(dx, dy)
        elif dy:
            self._list.action_move(dy)

    @property
    def _selected(self) -> str:
        return self._list.selected if self._is_inbox else self._board.selected

    @on(TaskBoard.Opened)
    @on(EntryList.Opened)
    def _open(self, message: TaskBoard.Opened | EntryList.Opened) -> None:
        message.stop()
        self._perform("details")

    @on(TaskBoard.Dropped)
    def _drop(self, message: TaskBoard.Dropped) -> None:
        message.stop()
        self._deeds.drop(message.task, message.lane)

    # Showing

    @property
    def _facts(self) -> Facts:
        app = self._center
        return Facts(app.fleet, app.deck.clock(), self._costs.by_task)

    @on(TaskBoard.Selected)
    @on(EntryList.Selected)
    def _follow_cursor(self, message: TaskBoard.Selected | EntryList.Selected) -> None:
        message.stop()
        self._redraw()

    def _redraw(self) -> None:
        if not self.is_attached:
            return
        facts = self._facts
        if self._is_inbox:
            self._list.put(inbox_entries(facts, self._list.size.width - 1))
        else:
            self._board.show(facts)
        task = facts.fleet.tasks.get(self._selected)
        details = self.query_one("#task-details", PartsList)
        if details.display:
            width = max(8, details.size.width - 2)
            details.put(detail_lines(task, facts, width) if task else [])
        self.query_one("#task-head", PartsLine).put(*self._head(facts.fleet))
        self.query_one("#task-ways", PartsLine).put(*_ways(task, facts.fleet))

    def _head(self, fleet: Fleet) -> tuple[list[Part], list[Part]]:
        waiting = len(undecided(fleet))
        inbox = f"Inbox {waiting}" if waiting else "Inbox"
        left: list[Part] = [(" Tasks", theme.BRAND)]
        left += [*_tab("Board", not self._is_inbox), *_tab(inbox, self._is_inbox)]
        if waiting:
            wait = "waits for your decision" if waiting == 1 else "wait for your decision"
            left.append((f"   {waiting} {wait}", theme.UNSEEN))
        queued = sum(task.life is Life.QUEUED for task in fleet.tasks.values())
        told = f"{queued} queued  " if queued else ""
        click = Style(meta={"@click": "screen.act('D')"})
        return left, [(told, theme.QUIET), (f"dispatch: {fleet.dispatch} ", theme.KEY + click)]


class Ways(PartsLine):
    DROPS_WHOLE = True


def _tab(words: str, is_here: bool) -> list[Part]:
    click = Style(meta={"@click": "screen.turn"}) if not is_here else theme.PLAIN
    look = Style(color="cyan", bold=True, underline=True) if is_here else theme.PLAIN
    return [("   ", theme.PLAIN), (words, look + click)]


def _ways(task: Task | None, fleet: Fleet) -> tuple[list[Part], list[Part]]:
    right = list[Part]()
    for key, shown, label in (("d", "d", "new"), ("tab", "tab", "turn"), ("escape", "esc", "back")):
        click = Style(meta={"@click": f"screen.act('{key}')"})
        right += [(f" {shown} ", theme.KEY + click), (f"{label} ", click)]
    return ways(task, fleet, "screen.act"), right
