"""The table of what each agent and run takes of the machine: pure."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from command_center.domain.model import Fleet
from command_center.domain.run_words import title
from command_center.domain.runs import RunLife
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.cells import fitted, reason_of
from command_center.tui.entry_list import INDENT, Entry
from command_center.tui.figures import bytes_text
from command_center.tui.machine_figures import BUSY, Parts, bars, cpu

if TYPE_CHECKING:
    from command_center.domain.machine import Sample, TreeLoad
    from command_center.tui.machine_past import Steps

_NAME, _STATE, _CPU, _MEMORY, _COUNT = 14, 10, 6, 7, 6
_TREND, _WIDE_TREND = 10, 30
_WIDE = 120
_RUN = theme.Look("▶", theme.KEY)
_RUN_OVER = theme.Look("■", theme.PLAIN)


class Order(StrEnum):
    """What the table is sorted by, the greatest first."""

    CPU = "CPU"
    MEMORY = "memory"


def loads(sample: "Sample", order: Order) -> "list[TreeLoad]":
    def rank(tree: "TreeLoad") -> tuple[float, float, str]:
        # Whole percents, so that idle ones stay in place.
        used = round(tree.cpu or 0.0, 2)
        pair = (used, tree.memory) if order is Order.CPU else (tree.memory, used)
        return -pair[0], -pair[1], tree.owner

    return sorted(sample.trees, key=rank)


def head_parts(width: int) -> Parts:
    who = f"{' ' * INDENT}{'WHO':<{_NAME}}  {'STATE':<{_STATE}}"
    figures = f"{'CPU':>{_CPU}} {'MEMORY':>{_MEMORY}} {'PROCS':>{_COUNT}}"
    past = fitted("OVER TIME", _trend(width))
    return ((f"{who}  {figures}  {past}  WHAT", theme.QUIET),)


def load_entries(
    trees: "Sequence[TreeLoad]", fleet: Fleet, steps: "Steps", width: int
) -> list[Entry]:
    """One line each; the id is that of the agent or run."""
    trend = _trend(width)
    pasts = {t.owner: steps.values(f"tree.{t.owner}.cpu", trend) for t in trees}
    top = max((v for past in pasts.values() for v in past if v is not None), default=1.0)
    return [
        Entry(tree.owner, (_line(tree, fleet, bars(pasts[tree.owner], max(1.0, top)), width),))
        for tree in trees
    ]


def _line(tree: "TreeLoad", fleet: Fleet, past: str, width: int) -> Parts:
    name, look, state, what = _who(tree.owner, fleet)
    used = cpu(tree.cpu)
    left = width - INDENT - _NAME - _STATE - _CPU - _MEMORY - _COUNT - len(past) - 10
    return (
        (f"{fitted(name, _NAME)}  ", theme.STRONG),
        (f"{fitted(f'{look.glyph} {state}', _STATE)}  ", look.style),
        (f"{used:>{_CPU}} ", BUSY if (tree.cpu or 0.0) >= 0.005 else theme.QUIET),
        (f"{bytes_text(tree.memory):>{_MEMORY}} ", theme.PLAIN),
        (f"{tree.processes:>{_COUNT}}  ", theme.QUIET),
        (f"{past}  ", BUSY),
        (fitted(what, left).rstrip() if left > 3 else "", theme.QUIET),
    )


def _who(owner: str, fleet: Fleet) -> tuple[str, theme.Look, str, str]:
    """Its name, how its state looks and is called, and what it is at."""
    if (agent := fleet.agents.get(owner)) is not None:
        about = " · ".join(filter(None, (reason_of(agent), one_line(agent.task, 200))))
        return one_line(agent.name, 64), theme.LOOKS[agent.state], str(agent.state), about
    if (run := fleet.runs.get(owner)) is not None:
        look = _RUN if run.life is RunLife.RUNNING else _RUN_OVER
        return run.id, look, str(run.life), title(run)
    return one_line(owner, 64), _RUN_OVER, "gone", "left behind"


def _trend(width: int) -> int:
    return _WIDE_TREND if width >= _WIDE else _TREND


def whole_words(trees: "Sequence[TreeLoad]") -> str:
    """All of them together."""
    if not trees:
        return "no agent or run has a process"
    used = sum(tree.cpu or 0.0 for tree in trees)
    # Not of memory: what several share would be counted for each.
    return f"{len(trees)} with processes · CPU {cpu(used)}"
