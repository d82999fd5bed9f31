"""Which runs the fleet list holds below its agents, and in which order: pure."""

from collections import Counter

from command_center.domain.model import Fleet
from command_center.domain.run_words import title
from command_center.domain.runs import Run, RunLife
from command_center.tui.rows import RUNS, MoreRunsRow, RunRow, RunsRow
from command_center.tui.run_cells import LOOKS
from command_center.tui.sieve import Sieve

MOST = 100
"""Lines of runs in the list; the Runs screen has all."""
_ORDER = (RunLife.RUNNING, RunLife.ENDING, RunLife.STARTING)


def is_listed(run: Run) -> bool:
    """Whether it is under way, or its end was not looked at yet."""
    return not run.life.is_over or run.is_unseen


def run_rows(fleet: Fleet, sieve: Sieve) -> list[RunsRow | RunRow | MoreRunsRow]:
    """Those that are not over, and those that ended unseen; nothing where there are none."""
    found = [run for run in fleet.runs.values() if is_listed(run) and _passes(run, sieve)]
    if not found:
        return []
    found.sort(key=_place)
    lives = Counter(run.life for run in found)
    is_folded = RUNS in sieve.folded
    counts = tuple((life, lives[life]) for life in LOOKS if lives[life])
    lines: list[RunsRow | RunRow | MoreRunsRow] = [RunsRow(len(found), counts, is_folded)]
    if is_folded:
        return lines
    lines += map(RunRow, found[:MOST])
    if len(found) > MOST:
        lines.append(MoreRunsRow(len(found) - MOST))
    return lines


def _place(run: Run) -> tuple[int, float, int]:
    """At work first, then what has just ended, then what waits, each in its turn."""
    if run.life in _ORDER:
        return 0, 0.0, run.number
    if run.life.is_over:
        return 1, -run.ended_at, run.number
    return 2, -run.order.priority, run.number


def _passes(run: Run, sieve: Sieve) -> bool:
    order = run.order
    if sieve.standings or sieve.task:
        # They are about agents.
        return False
    return (
        sieve.repo in ("", order.repo)
        and (not sieve.tag or sieve.tag in order.tags)
        and matches_run(run, sieve.needle)
    )


def matches_run(run: Run, needle: str) -> bool:
    """Whether every word of `needle` occurs in what the user sees of the run."""
    if not needle:
        return True
    order = run.order
    config = (f"{name}={value}" for name, value in order.config.items())
    seen = (run.id, title(run), *order.command, run.life, run.reason, order.metric, order.sweep)
    more = (order.executor, order.commit, *order.tags, *config)
    text = "\n".join((*seen, *more)).casefold()
    return all(word in text for word in needle.casefold().split())
