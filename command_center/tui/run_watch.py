"""What the dashboard knows of runs beside their log: figures, and who has the keys."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from command_center.domain.errors import LogError
from command_center.domain.layouts import Part
from command_center.domain.runs import Run
from command_center.tui.following import Later

if TYPE_CHECKING:
    from textual.worker import Worker

    from command_center.tui.app import CommandCenter
    from command_center.tui.figures import Part as PartText
    from command_center.tui.following import KeyDeed
    from command_center.tui.run_deeds import RunDeeds
    from command_center.tui.run_meters import Reading, RunMeters


class RunWatch:
    """Does nothing, and imports nothing, while there are no runs."""

    def __init__(self, app: "CommandCenter") -> None:
        self._app = app
        self._meters: RunMeters | None = None
        self._problem = ""
        self.wants_all = False
        """Whether runs that left the list are shown too."""

    @property
    def readings(self) -> "Mapping[str, Reading]":
        return self._meters.readings if self._meters is not None else {}

    def look(self) -> None:
        """Read what the runs that are shown have told since; called once a second."""
        runs = self._app.fleet.runs
        if not runs:
            return
        from command_center.tui.run_rows import is_listed

        has_all = self.wants_all or self._app.body.shows(Part.RUNS)
        if self._meters is None:
            from command_center.tui.run_meters import RunMeters

            self._meters = RunMeters(self._app.deck.places.ledger)
        shown = [run for run in runs.values() if has_all or is_listed(run)]
        read = Later(partial(self._read, self._meters, shown))
        self._app.run_worker(read, group="runs")

    async def _read(self, meters: "RunMeters", runs: Sequence[Run]) -> None:
        try:
            await meters.read(runs)
        except LogError as error:
            # It fails again with every look, and is told once.
            if str(error) != self._problem:
                self._problem = str(error)
                self._app.crier.complain(self._problem)

    def close(self) -> None:
        if self._meters is not None:
            self._meters.close()

    def show_part(self) -> None:
        part = self._app.body.runs
        if part is not None and self._app.body.shows(Part.RUNS):
            part.show()

    @property
    def has_part_focus(self) -> bool:
        """Whether the keys are those of the table in the layout."""
        part = self._app.body.runs
        return part is not None and part.has_keyboard

    def keys(self, deeds: "RunDeeds") -> "Mapping[str, KeyDeed]":
        """Those that act on runs now."""
        part = self._app.body.runs
        if part is not None and part.has_keyboard:
            back = dict.fromkeys(("escape", "tab"), self._leave_part)
            return {**part.keys(deeds), **back}
        return deeds.list_keys if self.is_on_run else {}

    @property
    def is_on_run(self) -> bool:
        """Whether the cursor of the list is on one, and has the keys."""
        shown = self._app.fleet_list
        return shown.has_focus and shown.selected_run is not None

    def _leave_part(self) -> "Worker[None] | None":
        part = self._app.body.runs
        if part is None or not part.clear_filter():
            self._app.moves.take_focus()
        return None

    def ways(self) -> "Sequence[PartText]":
        part = self._app.body.runs
        if part is not None and part.has_keyboard:
            return part.ways()
        if not self.is_on_run:
            return ()
        from command_center.tui.run_actions import ways

        return ways(self._app.fleet_list.selected_run, self._app.fleet)
