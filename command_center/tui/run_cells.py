"""What one line says of a run, and how lines of runs share their width: pure."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from msgspec import Struct
from rich.cells import cell_len
from rich.style import Style

from command_center.domain.run_words import devices, lasting, limit_of, seconds_run, title
from command_center.domain.runs import Run, RunLife
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.cells import Part, fitted
from command_center.tui.line_parts import joined
from command_center.tui.run_meters import SPARK, Reading, means
from command_center.tui.theme import Look
from command_center.tui.widths import GAP, HEAD, STATE

LOOKS = {
    RunLife.RUNNING: Look("◐", Style(color="cyan")),
    RunLife.STARTING: Look("◌", Style(color="cyan")),
    RunLife.ENDING: Look("‖", Style(color="cyan")),
    RunLife.QUEUED: Look("○", theme.QUIET),
    RunLife.DONE: Look("✓", Style(color="green")),
    RunLife.TIMED_OUT: Look("▲", Style(color="magenta", bold=True)),
    RunLife.OUT_OF_MEMORY: Look("✗", Style(color="red", bold=True)),
    RunLife.CRASHED: Look("✗", Style(color="red", bold=True)),
    RunLife.LOST: Look("✗", Style(color="red", bold=True)),
    RunLife.CANCELLED: Look("■", theme.PLAIN),
}
"""In the order in which they are counted."""
SHORT = {RunLife.OUT_OF_MEMORY: "memory", RunLife.TIMED_OUT: "timeout", RunLife.CANCELLED: "ended"}
"""For places that are narrow."""
_STEP = 4
_LEASTS = ((3, 24), (1, 20), (2, 12), (0, 12))
"""Figures that give way, one after the other, to a title of so many columns."""
_METRIC_MOST, _TIME_MOST, _DEVICES_MOST = 24, 16, 20


class RunCells(Struct, frozen=True, dict=True):
    """The texts of one run, free of control characters."""

    life: RunLife
    id: str
    title: str
    reason: str
    metric: str
    spark: str
    time: str
    devices: str
    is_unseen: bool

    @cached_property
    def wants(self) -> tuple[int, ...]:
        return tuple(cell_len(text) for text in (self.id, *self.figures))

    @property
    def figures(self) -> tuple[str, str, str, str]:
        return self.metric, self.spark, self.time, self.devices


def run_cells(run: Run, reading: Reading | None, now: float) -> RunCells:
    told = reading or Reading()
    name, value = told.metric, told.value
    if run.life.is_over and run.result is not None:
        name, value = run.order.metric, run.result
    return RunCells(
        life=run.life,
        id=run.id,
        title=titled(run),
        reason=one_line(run.reason, 200),
        metric=one_line(f"{name} {value:.6g}" if value is not None else "", _METRIC_MOST),
        spark=trend(told.trend, SPARK),
        time=progress(run, now, told.step),
        devices=one_line(devices(run), _DEVICES_MOST),
        is_unseen=run.is_unseen,
    )


def titled(run: Run) -> str:
    """What it is called, with its seed."""
    seed = f" · seed {run.order.seed}" if run.order.seed is not None else ""
    return f"{title(run)}{seed}"


def progress(run: Run, now: float, step: float | None = None) -> str:
    """How long it has run, and its limit: `41.0s/10m`, `41.0s/36s cpu`, `41.0s 120/600`."""
    ration, spent = run.order.ration, seconds_run(run, now)
    took = lasting(spent) if run.started_at else "-"
    if ration.wall_s:
        return f"{took}/{limit_of(ration.wall_s)}"
    if ration.steps and step is not None:
        return f"{took} {step:g}/{ration.steps}"
    if ration.cpu_s:
        return f"{took}/{limit_of(ration.cpu_s)} cpu"
    if ration.gpu_s:
        return f"{took}/{limit_of(ration.gpu_s)} gpu"
    return took if run.started_at else ""


def trend(values: Sequence[float], width: int) -> str:
    """The course of `values` as bars between their least and their greatest."""
    if len(values) < 2:
        return ""
    least, most = min(values), max(values)
    return "".join(_bar(value, least, most) for value in means(values, width))


def _bar(value: float, least: float, most: float) -> str:
    steps = len(theme.SPARKS) - 1
    # A difference may overflow where its ends do not.
    share = (value - least) / (most - least) if 0 < most - least < float("inf") else 0.0
    return theme.SPARKS[round(min(1.0, max(0.0, share)) * steps)]


class RunTexts:
    """Cells of runs, made anew only where something has changed; times go on by whole seconds."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Run, Reading | None, int, RunCells]] = {}

    def of(
        self, runs: Iterable[Run], readings: Mapping[str, Reading], now: float
    ) -> dict[str, RunCells]:
        """Of these runs and no others, by their ids."""
        self._known = {run.id: self._text(run, readings.get(run.id), int(now)) for run in runs}
        return {name: known[3] for name, known in self._known.items()}

    def _text(
        self, run: Run, reading: Reading | None, now: int
    ) -> tuple[Run, Reading | None, int, RunCells]:
        # Only the time of one that runs goes on.
        at = now if run.life.holds_lease else 0
        known = self._known.get(run.id)
        if known is not None and known[0] is run and known[1] is reading and known[2] == at:
            return known
        made = run_cells(run, reading, now)
        # The same object says that nothing has changed.
        return run, reading, at, known[3] if known is not None and known[3] == made else made


class RunWidths(Struct, frozen=True):
    """How wide each column is; all lines of runs share one."""

    id: int
    title: int
    figures: tuple[int, int, int, int]


def shared_by_runs(width: int, lines: Iterable[RunCells]) -> RunWidths:
    """Each figure as wide as its widest, while the title keeps a rest."""
    name, *wants = map(max, zip(*(line.wants for line in lines), strict=True))
    # In steps, or a digit more in one line would repaint all of them.
    wants = [want + -want % _STEP for want in wants]
    rest = width - HEAD - name - GAP - 1
    for place, least in _LEASTS:
        if rest - sum(want + GAP for want in wants if want) < least:
            wants[place] = 0
    title = max(0, rest - sum(want + GAP for want in wants if want))
    metric, spark, time, held = wants
    return RunWidths(name, title, (metric, spark, time, held))


def run_parts(line: RunCells, widths: RunWidths, is_selected: bool) -> tuple[Part, ...]:
    look = LOOKS[line.life]
    word = SHORT.get(line.life, str(line.life))
    parts: list[Part] = [
        (theme.CURSOR_GLYPH if is_selected else " ", theme.CURSOR_BAR),
        (theme.UNSEEN_GLYPH if line.is_unseen else " ", theme.UNSEEN),
        (f"{look.glyph} {word:<{STATE}} ", look.style),
        (fitted(line.id, widths.id) + " " * GAP, theme.STRONG),
        *_words(line, widths.title),
    ]
    styles = (theme.PLAIN, theme.TREND, theme.QUIET, theme.QUIET)
    for text, size, style in zip(line.figures, widths.figures, styles, strict=True):
        if size:
            parts.append((" " * (GAP + size - cell_len(text)) + text, style))
    return joined([*parts, (" ", theme.PLAIN)])


def _words(line: RunCells, width: int) -> list[Part]:
    """The title, and why it waits or how it ended."""
    if not line.reason:
        return [(fitted(line.title, width), theme.PLAIN)]
    if line.life is RunLife.QUEUED:
        first, second = (line.title, theme.PLAIN), (line.reason, theme.QUIET)
    else:
        first, second = (line.reason, LOOKS[line.life].style), (line.title, theme.QUIET)
    room = width - cell_len(first[0]) - 3
    if room < 4:
        return [(fitted(first[0], width), first[1])]
    return [first, (" · ", theme.QUIET), (fitted(second[0], room), second[1])]
