"""The Runs screen: every run there is, to sort, filter, compare, end and queue again."""

from typing import TYPE_CHECKING

from rich.style import Style
from textual import on
from textual.app import ComposeResult

from command_center.domain.model import Fleet
from command_center.tui import theme
from command_center.tui.actions import BY_ID
from command_center.tui.entry_list import EntryList
from command_center.tui.figures import Part
from command_center.tui.following import Following, KeyDeed
from command_center.tui.run_screen import Ways
from command_center.tui.runs_part import RunTable

if TYPE_CHECKING:
    from textual.worker import Worker

    from command_center.tui.app import CommandCenter
    from command_center.tui.run_deeds import RunDeeds

NEW = "new_run"
"""The action that makes one."""


class RunsScreen(Following):
    DEFAULT_CSS = "RunsScreen RunTable { height: 1fr; }"

    def __init__(self, app: "CommandCenter", deeds: "RunDeeds") -> None:
        super().__init__()
        self._center = app
        self._table = RunTable(app)
        self._ways = Ways(id="runs-ways")
        self._own = self._all_keys(deeds)
        self.keys = self._own

    def compose(self) -> ComposeResult:
        yield self._table
        yield self._ways

    def on_mount(self) -> None:
        self._table.take_focus()
        self._center.runs.wants_all = True
        self._center.runs.look()
        self.take_fleet(self._center.fleet)

    def on_unmount(self) -> None:
        self._center.runs.wants_all = False

    def take_fleet(self, fleet: Fleet) -> None:
        del fleet
        self._table.show()
        self._show_ways()

    def _all_keys(self, deeds: "RunDeeds") -> dict[str, KeyDeed]:
        keys = self._table.keys(deeds)
        if NEW in BY_ID:
            keys["N"] = self._make
        keys["slash"] = self._filter
        return {**keys, **dict.fromkeys(("escape", "X", "q"), self.action_close)}

    def _make(self) -> "Worker[None] | None":
        return self._center.perform(NEW)

    def action_act(self, key: str) -> None:
        """As if the key had been pressed."""
        self._own[key]()

    def action_close(self) -> None:
        if not self._table.clear_filter():
            self.dismiss(None)
        self._take_keys()

    def on_descendant_focus(self) -> None:
        self._take_keys()

    def _take_keys(self) -> None:
        # What is typed into the filter is no key.
        self.keys = {"escape": self.action_close} if self._table.is_filtering else self._own

    def _filter(self) -> None:
        self._table.open_filter()
        # At once, or what is typed next would still be keys.
        self._take_keys()

    @on(EntryList.Opened)
    def _open(self, message: EntryList.Opened) -> None:
        message.stop()
        self.action_act("enter")

    @on(EntryList.Selected)
    def _follow_cursor(self, message: EntryList.Selected) -> None:
        message.stop()
        self._show_ways()

    def _show_ways(self) -> None:
        if self.is_mounted:
            click = Style(meta={"@click": "screen.act('escape')"})
            back: list[Part] = [(" esc ", theme.KEY + click), ("back ", click)]
            self._ways.put(self._table.ways("screen.act"), back)
