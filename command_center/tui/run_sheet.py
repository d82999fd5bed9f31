"""The lines of runs in the fleet list, worked out anew only where something has changed."""

from collections.abc import Mapping, Sequence

from command_center.domain.runs import Run
from command_center.tui import theme
from command_center.tui.cells import Part
from command_center.tui.rows import MoreRunsRow, Row, RunRow, RunsRow
from command_center.tui.run_cells import (
    LOOKS,
    RunCells,
    RunWidths,
    run_cells,
    run_parts,
    shared_by_runs,
)
from command_center.tui.run_meters import Reading


class RunSheet:
    def __init__(self) -> None:
        self._texts: dict[str, tuple[Run, Reading | None, float, RunCells]] = {}
        self._made: dict[str, tuple[RunCells, RunWidths, bool, tuple[Part, ...]]] = {}
        self._widths = RunWidths(0, 0, (0, 0, 0, 0))

    def measure(
        self, found: Sequence[Row], width: int, readings: Mapping[str, Reading], now: float
    ) -> None:
        """Make the texts of all runs that have a line of `width` columns."""
        runs = [row.run for row in found if isinstance(row, RunRow)]
        texts = {run.id: self._text(run, readings.get(run.id), now) for run in runs}
        self._texts = texts
        self._made = {name: made for name, made in self._made.items() if name in texts}
        if texts:
            self._widths = shared_by_runs(width, [cells for *_, cells in texts.values()])

    def _text(
        self, run: Run, reading: Reading | None, now: float
    ) -> tuple[Run, Reading | None, float, RunCells]:
        # Only the time of one that runs goes on.
        at = now if run.life.holds_lease else 0.0
        known = self._texts.get(run.id)
        if known is not None and known[0] is run and known[1] is reading and known[2] == at:
            return known
        made = run_cells(run, reading, now)
        if known is not None and known[3] == made:
            made = known[3]
        return run, reading, at, made

    def parts(self, run: str, is_selected: bool) -> tuple[Part, ...]:
        cells = self._texts[run][3]
        known = self._made.get(run)
        if known is not None and known[0] is cells and known[1:3] == (self._widths, is_selected):
            return known[3]
        parts = run_parts(cells, self._widths, is_selected)
        self._made[run] = cells, self._widths, is_selected, parts
        return parts


def head_parts(row: RunsRow, is_selected: bool) -> tuple[Part, ...]:
    fold = theme.FOLDED_GLYPH if row.is_folded else theme.OPEN_GLYPH
    counts = [(f"  {LOOKS[life].glyph} {n} {life}", LOOKS[life].style) for life, n in row.counts]
    return (
        (theme.CURSOR_GLYPH if is_selected else " ", theme.CURSOR_BAR),
        (f"{fold} ", theme.QUIET),
        (row.name, theme.STRONG),
        (f"  {row.runs}", theme.QUIET),
        *counts,
    )


def more_parts(row: MoreRunsRow) -> tuple[Part, ...]:
    return ((f"  and {row.runs} more · X shows all", theme.QUIET),)
