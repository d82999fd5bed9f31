"""The fleet list, in the room that a layout gives it."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical

from command_center.domain.model import Fleet
from command_center.tui.fleet_list import FleetList
from command_center.tui.sieve import turned

if TYPE_CHECKING:
    from command_center.domain.layouts import Region

MOST = "42vh"
"""What the style sheet allows a list that is as high as its lines."""


class Side(Vertical):
    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.fleet_list = FleetList(id="fleet")

    def compose(self) -> ComposeResult:
        yield self.fleet_list

    def fit(self, region: "Region | None") -> None:
        """Be as high as the lines need, or take what room there is, as the layout says."""
        is_auto = region is not None and region.size == "auto"
        self.set_class(is_auto, "-auto")
        if is_auto and region is not None:
            most = region.most.replace("%", "vh") or None
            self.fleet_list.styles.max_height = most if most != MOST else None

    @property
    def wanted(self) -> int:
        """Lines to show everything, or as many as the list may have."""
        most = self.fleet_list.styles.max_height
        lines = max(1, self.fleet_list.virtual_size.height)
        if most is not None:
            lines = min(lines, int(most.resolve(self.app.size, self.app.size)))
        return lines

    def take_focus(self) -> None:
        # At once, or what is typed next would go to the widget that is being left.
        self.screen.set_focus(self.fleet_list)

    def turn_repo(self, fleet: Fleet, step: int) -> None:
        self.fleet_list.sift(turned(self.fleet_list.sieve, fleet, step))
