"""The machine in a few lines, as a part of a layout."""

from itertools import zip_longest
from typing import TYPE_CHECKING

from command_center.domain.model import Fleet
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.machine_figures import STALE_S, Parts, width_of
from command_center.tui.machine_gpus import gpu_lines
from command_center.tui.machine_lines import narrow_lines
from command_center.tui.machine_loads import Order, load_entries, loads
from command_center.tui.machine_past import Steps
from command_center.tui.parts_list import PartsList

if TYPE_CHECKING:
    from command_center.domain.machine import Sample

_WIDE = 150
"""Columns from which GPUs, or who takes most, stand beside the rest."""
_NO_SAMPLE = "nothing is measured yet"


class MachinePart(PartsList):
    """What does not fit is scrolled to; `M` opens all of it."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._made_for: tuple[Sample | None, int] = (None, 0)

    def show(self, sample: "Sample | None", steps: Steps | None, fleet: Fleet, now: float) -> None:
        width = self.size.width
        if sample is None or now - sample.at > STALE_S:
            words = _NO_SAMPLE if sample is None else "nothing is measured now"
            self._made_for = (None, 0)
            self.put([((f" {words}", theme.QUIET),)])
        elif self._made_for[0] is not sample or self._made_for[1] != width:
            self._made_for = (sample, width)
            # A bar to scroll by has the last column.
            self.put(part_lines(sample, steps or Steps(), fleet, width - 1))


def part_lines(sample: "Sample", steps: Steps, fleet: Fleet, width: int) -> list[Parts]:
    """What stands out first."""
    alarms: list[Parts] = [
        ((f" ▲ {one_line(alarm.text, 300)}", theme.UNSEEN),) for alarm in sample.alarms
    ]
    if width < _WIDE:
        cpu, *host = narrow_lines(sample.host, steps, width)
        return [*alarms, cpu, *_devices(sample, steps, fleet, width), *host]
    left = width * 2 // 5
    host = narrow_lines(sample.host, steps, left)
    beside = _devices(sample, steps, fleet, width - left - 2)
    beside = beside or _users(sample, steps, fleet, width - left - 2)
    pairs = zip_longest(host, beside, fillvalue=())
    return [*alarms, *(_side_by_side(one, other, left) for one, other in pairs)]


def _side_by_side(one: Parts, other: Parts, width: int) -> Parts:
    gap = " " * max(0, width - width_of(one))
    return *one, (f"{gap}  ", theme.PLAIN), *other


def _devices(sample: "Sample", steps: Steps, fleet: Fleet, width: int) -> list[Parts]:
    return gpu_lines(sample.gpus, fleet, steps, width) if sample.gpus else []


def _users(sample: "Sample", steps: Steps, fleet: Fleet, width: int) -> list[Parts]:
    entries = load_entries(loads(sample, Order.CPU), fleet, steps, width)
    return [line for entry in entries for line in entry.lines]
