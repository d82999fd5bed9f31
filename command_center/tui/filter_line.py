"""The line above the footer into which a filter is typed."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual.widgets import Input

from command_center.tui.fleet_list import FleetList
from command_center.tui.following import Later

if TYPE_CHECKING:
    from command_center.tui.following import KeyDeed


class FilterLine(Input):
    DEFAULT_CSS = """
    FilterLine, FilterLine:focus {
        height: 1;
        border: none;
        padding: 0 1;
        background: transparent;
    }
    """

    def __init__(self, fleet_list: FleetList, give_keys_back: Callable[[], None]) -> None:
        needle = fleet_list.sieve.needle
        super().__init__(needle, id="filter", compact=True, select_on_focus=False)
        self._fleet_list = fleet_list
        self._give_keys_back = give_keys_back
        self.keys: Mapping[str, KeyDeed] = {
            "enter": lambda: self.run_worker(Later(self._keep_when_typed))
        }
        """Those that act before the next key is looked at."""

    def on_input_changed(self) -> None:
        self._sift()

    async def _keep_when_typed(self) -> None:
        # The keys before this one may still lie in the queue of the line.
        typed = asyncio.Event()
        self.call_later(typed.set)
        await typed.wait()
        self._sift()
        self._give_keys_back()
        if not self.value.strip():
            self.remove()
        self._fleet_list.post_message(FleetList.Sifted())

    def _sift(self) -> None:
        self._fleet_list.sift(replace(self._fleet_list.sieve, needle=self.value.strip()))
