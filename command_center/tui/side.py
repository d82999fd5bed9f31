"""The fleet list, and the line below it into which a filter is typed."""

from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.containers import Vertical

from command_center.domain.model import Fleet
from command_center.tui.fleet_list import FleetList
from command_center.tui.sieve import turned

if TYPE_CHECKING:
    from textual.widgets import Input

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
        return lines + len(self.query("#filter"))

    @property
    def is_filtering(self) -> bool:
        """Whether the keyboard belongs to the filter."""
        # A second may pass while the dashboard is being left.
        focused = self.screen.focused if self.is_attached else None
        return focused is not None and focused.id == "filter"

    def take_focus(self) -> None:
        # At once, or what is typed next would go to the widget that is being left.
        self.screen.set_focus(self.fleet_list)

    def open_filter(self) -> None:
        from textual.widgets import Input

        if not self.query("#filter"):
            needle = self.fleet_list.sieve.needle
            self.mount(Input(needle, id="filter", compact=True, select_on_focus=False))
        # At once, or what is typed next would act on the fleet.
        self.screen.set_focus(self.query_one("#filter"))

    def clear_filter(self) -> None:
        self.query("#filter").remove()
        self.fleet_list.sift(self.fleet_list.sieve.cleared)

    def turn_repo(self, fleet: Fleet, step: int) -> None:
        self.fleet_list.sift(turned(self.fleet_list.sieve, fleet, step))

    def on_input_changed(self, event: "Input.Changed") -> None:
        self.fleet_list.sift(replace(self.fleet_list.sieve, needle=event.value.strip()))

    def on_input_submitted(self, event: "Input.Submitted") -> None:
        self.take_focus()
        if not event.value.strip():
            event.input.remove()
        self.fleet_list.post_message(FleetList.Sifted())
