"""The lines of runs in the fleet list, worked out anew only where something has changed."""

from collections.abc import Mapping, Sequence

from command_center.tui import theme
from command_center.tui.cells import Part
from command_center.tui.rows import MoreRunsRow, Row, RunRow, RunsRow
from command_center.tui.run_cells import (
    LOOKS,
    RunCells,
    RunTexts,
    RunWidths,
    run_parts,
    shared_by_runs,
)
from command_center.tui.run_meters import Reading


class RunSheet:
    def __init__(self) -> None:
        self._texts = RunTexts()
        self._cells: dict[str, RunCells] = {}
        self._made: dict[str, tuple[RunCells, RunWidths, bool, tuple[Part, ...]]] = {}
        self._widths = RunWidths(0, 0, (0, 0, 0, 0))

    def measure(
        self, found: Sequence[Row], width: int, readings: Mapping[str, Reading], now: float
    ) -> None:
        """Make the texts of all runs that have a line of `width` columns."""
        runs = [row.run for row in found if isinstance(row, RunRow)]
        self._cells = self._texts.of(runs, readings, now)
        self._made = {name: made for name, made in self._made.items() if name in self._cells}
        if runs:
            self._widths = shared_by_runs(width, self._cells.values())

    def parts(self, run: str, is_selected: bool) -> tuple[Part, ...]:
        cells = self._cells[run]
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
