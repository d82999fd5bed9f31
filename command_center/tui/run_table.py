"""The lines of the table of runs: sorted, in their sweeps, with what tells them apart: pure."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len

from command_center.domain.model import Fleet
from command_center.domain.run_words import rank, seconds_run
from command_center.domain.runs import Run, RunLife, RunOrder
from command_center.domain.sweeps import differences
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.cells import fitted
from command_center.tui.entry_list import INDENT, Entry
from command_center.tui.figures import Part
from command_center.tui.run_cells import LOOKS, RunCells, RunTexts
from command_center.tui.run_meters import Reading
from command_center.tui.run_rows import matches_run

GAP = 2
LIFE = 13
_LEAD = 2
"""Columns of the mark and of the sign that it was not looked at yet."""
_TITLE_LEAST, _CONFIG_MOST = 16, 20
SWEEP = "sweep:"
"""How the entry of a folded sweep begins."""


class Order(StrEnum):
    NEWEST = "newest first"
    RESULT = "best result first"
    TIME = "longest first"
    LIFE = "by life"


class Only(StrEnum):
    ALL = "all"
    LIVE = "not over"
    OVER = "over"
    UNSEEN = "not looked at"


class Choice(Struct, frozen=True):
    """What the user has asked to see of the runs."""

    order: Order = Order.NEWEST
    only: Only = Only.ALL
    needle: str = ""
    is_grouped: bool = True
    folded: frozenset[str] = frozenset()
    """Sweeps of which only the head line is shown."""
    marked: frozenset[str] = frozenset()

    def turned(self, key: str) -> "Choice":
        """On to the next order, or the next of what is shown."""
        if key == "order":
            orders = list(Order)
            return replace(self, order=orders[(orders.index(self.order) + 1) % len(orders)])
        every = list(Only)
        return replace(self, only=every[(every.index(self.only) + 1) % len(every)])

    def marking(self, runs: Iterable[str]) -> "Choice":
        return replace(self, marked=self.marked ^ frozenset(runs))


def chosen(fleet: Fleet, choice: Choice, now: float) -> list[Run]:
    found = [
        run
        for run in fleet.runs.values()
        if _is_asked_for(run, choice.only) and matches_run(run, choice.needle)
    ]
    match choice.order:
        case Order.NEWEST:
            return sorted(found, key=lambda run: -run.number)
        case Order.RESULT:
            return sorted(found, key=rank)
        case Order.TIME:
            return sorted(found, key=lambda run: (-seconds_run(run, now), -run.number))
        case Order.LIFE:
            lives = list(LOOKS)
            return sorted(found, key=lambda run: (lives.index(run.life), -run.number))


def _is_asked_for(run: Run, only: Only) -> bool:
    match only:
        case Only.ALL:
            return True
        case Only.LIVE:
            return not run.life.is_over
        case Only.OVER:
            return run.life.is_over
        case Only.UNSEEN:
            return run.is_unseen


class Table(Struct, frozen=True):
    head: str
    """Names of the columns."""
    entries: tuple[Entry, ...]


class Tabler:
    """Lays out the table, and does again only what has changed: there may be thousands of runs."""

    def __init__(self) -> None:
        self._texts = RunTexts()
        self._apart: tuple[list[RunOrder], dict[str, dict[str, str]]] = ([], {})
        self._made: dict[str, tuple[tuple[object, ...], Entry]] = {}

    def table(
        self,
        fleet: Fleet,
        choice: Choice,
        readings: Mapping[str, Reading],
        now: float,
        width: int,
    ) -> Table:
        """Every line is at most `width` columns wide."""
        runs = chosen(fleet, choice, now)
        cells = self._texts.of(runs, readings, now)
        apart = self._told_apart(runs)
        layout = _laid_out(list(cells.values()), apart, width - INDENT - _LEAD)
        before, self._made = self._made, {}
        entries: list[Entry] = []
        for sweep, members in _groups(runs, choice):
            is_folded = sweep in choice.folded
            if sweep:
                line = _sweep_line(sweep, members, is_folded)
                entries.append(Entry(f"{SWEEP}{sweep}" if is_folded else "", (line,)))
            for run in () if sweep and is_folded else members:
                made_of = (cells[run.id], id(apart), layout, run.id in choice.marked)
                known = before.get(run.id)
                if known is None or known[0][0] is not made_of[0] or known[0][1:] != made_of[1:]:
                    config = [values[run.id] for values in apart.values()]
                    line = layout.line(cells[run.id], config, is_marked=made_of[3])
                    known = made_of, Entry(run.id, (line,))
                self._made[run.id] = known
                entries.append(known[1])
        return Table(" " * (INDENT + _LEAD) + layout.head, tuple(entries))

    def _told_apart(self, runs: Sequence[Run]) -> dict[str, dict[str, str]]:
        orders = [run.order for run in runs]
        # Orders stay the same objects while their runs go on.
        if list(map(id, orders)) != list(map(id, self._apart[0])):
            self._apart = orders, told_apart(runs)
        return self._apart[1]


def _groups(runs: Sequence[Run], choice: Choice) -> list[tuple[str, list[Run]]]:
    """Sweeps stand where their first run does; the others have no head line."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        sweep = run.order.sweep if choice.is_grouped else ""
        groups.setdefault(sweep or f" {'' if not choice.is_grouped else run.id}", []).append(run)
    return [("" if key.startswith(" ") else key, members) for key, members in groups.items()]


def _sweep_line(sweep: str, members: Sequence[Run], is_folded: bool) -> tuple[Part, ...]:
    over = sum(run.life.is_over for run in members)
    best = min(members, key=rank)
    told = (
        f"  best {best.id} {best.order.metric} {best.result:.6g}" if best.result is not None else ""
    )
    fold = theme.FOLDED_GLYPH if is_folded else theme.OPEN_GLYPH
    return (
        (f"{fold} ", theme.QUIET),
        (f"sweep {one_line(sweep, 40)}", theme.STRONG),
        (f"  {over} of {len(members)} over", theme.QUIET),
        (one_line(told, 80) and f"  {one_line(told, 80)}", theme.ADDED),
    )


def told_apart(runs: Sequence[Run]) -> dict[str, dict[str, str]]:
    """What tells the runs apart, each by its column: the values by the run, as text."""
    found = differences([run.order for run in runs])
    # What the configuration says all that the command line says.
    if len(found) > 1:
        found.pop("command", None)
    for name in ("executor", "command"):
        # Where each runs is told already, and the command is the title.
        found.pop(name, None)
    return {
        name: {run.id: _shown(value) for run, value in zip(runs, values, strict=True)}
        for name, values in found.items()
    }


def _shown(value: object) -> str:
    return "" if value is None else one_line(str(value), _CONFIG_MOST)


class _Layout(Struct, frozen=True):
    id: int
    title: int
    figures: tuple[int, ...]
    config: tuple[tuple[str, int], ...]

    @property
    def head(self) -> str:
        names = ("METRIC", "COURSE", "TIME", "DEVICES")
        shown = [f"{'LIFE':<{LIFE + 2}}", f"{'RUN':<{self.id}}", f"{'WHAT':<{self.title}}"]
        shown += [f"{name:>{size}}" for name, size in zip(names, self.figures, strict=True) if size]
        return (" " * GAP).join([*shown, *(fitted(name, size) for name, size in self.config)])

    def line(self, cells: RunCells, config: Sequence[str], *, is_marked: bool) -> tuple[Part, ...]:
        look = LOOKS[cells.life]
        why = cells.reason if cells.life is not RunLife.DONE else ""
        what = f"{cells.title} · {why}" if why else cells.title
        gap = " " * GAP
        parts: list[Part] = [
            ("+" if is_marked else " ", theme.KEY),
            (theme.UNSEEN_GLYPH if cells.is_unseen else " ", theme.UNSEEN),
            (f"{look.glyph} {cells.life:<{LIFE}}", look.style),
            (gap + fitted(cells.id, self.id) + gap, theme.STRONG),
            (fitted(what, self.title), theme.PLAIN),
        ]
        styles = (theme.STRONG, theme.TREND, theme.QUIET, theme.QUIET)
        for text, size, style in zip(cells.figures, self.figures, styles, strict=True):
            if size:
                parts.append((gap + " " * (size - cell_len(text)) + text, style))
        values = zip(config, self.config, strict=False)
        return (*parts, *((gap + fitted(value, size), theme.KEY) for value, (_, size) in values))


def _laid_out(
    cells: Sequence[RunCells], apart: Mapping[str, Mapping[str, str]], width: int
) -> _Layout:
    """What tells runs apart comes before the devices and the sparkline, where room is short."""
    wants = [max((line.wants[place] for line in cells), default=0) for place in range(5)]
    name = max(3, wants.pop(0))
    least = (6, 6, 4, 7)
    figures = [max(want, size) if want else 0 for want, size in zip(wants, least, strict=True)]
    rest = width - LIFE - 2 - name - 2 * GAP
    sizes = {
        key: min(_CONFIG_MOST, max(1, *map(cell_len, (one_line(key, 12), *values.values()))))
        for key, values in apart.items()
    }

    def free() -> int:
        shown = [size for size in (*figures, *sizes.values()) if size]
        return rest - sum(size + GAP for size in shown)

    for place in (3, 1):
        if free() < _TITLE_LEAST:
            figures[place] = 0
    while free() < _TITLE_LEAST and sizes:
        sizes.popitem()
    for place in (2, 0):
        if free() < _TITLE_LEAST:
            figures[place] = 0
    config = tuple((one_line(key, 12).upper(), size) for key, size in sizes.items())
    return _Layout(name, max(0, free()), tuple(figures), config)
