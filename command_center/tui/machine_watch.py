"""What the dashboard itself shows of the machine: words at the top, columns, a part of a layout."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from command_center.domain.errors import LogError
from command_center.domain.layouts import Part
from command_center.tui.columns import MOVING

if TYPE_CHECKING:
    from command_center.domain.gauges import Gauge
    from command_center.domain.machine import Sample
    from command_center.store.machine import MachineView
    from command_center.tui.app import CommandCenter
    from command_center.tui.machine_past import Past, Steps

_SPAN_S = 600.0


class MachineWatch:
    """Reads nothing, and imports nothing, while none of it is shown."""

    def __init__(self, app: "CommandCenter") -> None:
        self._app = app
        self._view: MachineView | None = None
        self._sample: Sample | None = None
        self._past: Past | None = None
        self._steps: Steps | None = None
        self._merged: tuple[Mapping[str, Gauge], Sample, Mapping[str, Gauge]] | None = None

    @property
    def _has_columns(self) -> bool:
        return not MOVING.isdisjoint(self._app.fleet_list.columns)

    def look(self) -> None:
        """Take in the newest sample; called once a second."""
        app = self._app
        has_part = app.body.shows(Part.MACHINE)
        if not (has_part or self._has_columns or app.vitals.is_shown):
            return
        self._view = self._view or app.deck.machine()
        if self._view is None:
            return
        try:
            self._sample = self._view.poll() or self._sample
            if has_part and self._sample is not None:
                self._look_back(self._view, self._sample)
        except LogError:
            # The supervisor, whose file it is, makes it anew and has a notice about it.
            return

    def _look_back(self, view: "MachineView", sample: "Sample") -> None:
        from command_center.tui.machine_past import Past, Steps, read_on

        names = ["cpu", "memory", *(f"gpu.{gpu.id}.use" for gpu in sample.gpus)]
        since = self._app.deck.clock() - _SPAN_S - 10
        self._past = read_on(view, self._past or Past(), names, since)
        self._steps = self._steps or Steps()
        self._steps.take(self._past, sample.at, _SPAN_S)

    @property
    def words(self) -> str:
        """All of it in a few words, for the top line."""
        if self._sample is None:
            return ""
        from command_center.tui.machine_figures import strip_words

        return strip_words(self._sample, self._app.deck.clock())

    def with_loads(self, gauges: "Mapping[str, Gauge]") -> "Mapping[str, Gauge]":
        """`gauges` with what each agent takes now, where the list shows that."""
        if self._sample is None or not self._has_columns:
            return gauges
        known = self._merged
        if known is None or known[0] is not gauges or known[1] is not self._sample:
            known = self._merged = gauges, self._sample, _with_loads(gauges, self._sample)
        return known[2]

    def show_part(self) -> None:
        app, part = self._app, self._app.body.machine
        if part is not None and app.body.shows(Part.MACHINE):
            part.show(self._sample, self._steps, app.fleet, app.deck.clock())

    def close(self) -> None:
        if self._view is not None:
            self._view.close()


def _with_loads(gauges: "Mapping[str, Gauge]", sample: "Sample") -> "Mapping[str, Gauge]":
    from command_center.domain.gauges import Gauge

    loads = {
        tree.owner: replace(
            gauges.get(tree.owner) or Gauge(tree.owner, sample.at),
            cpu=tree.cpu,
            memory=tree.memory,
        )
        for tree in sample.trees
    }
    return {**gauges, **loads}
