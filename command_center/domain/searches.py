"""Searches: runs whose settings are chosen one after the other, each in the light of those before.

Optuna calls one a study, and each of its runs a trial.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from command_center.domain.runs import Run, RunLife, RunOrder

Value: TypeAlias = str | int | float | bool
SAMPLERS = ("tpe", "random")
"""Optuna's tree-structured Parzen estimator; and plain chance, which needs nothing installed."""
MOST_TRIALS = 1000


class Range(Struct, frozen=True, tag=True, forbid_unknown_fields=True, omit_defaults=True):
    """Numbers from `low` to `high`, both included."""

    low: float
    high: float
    is_whole: bool = False
    is_log: bool = False
    """Whether equal factors count as equal distances."""
    step: float = 0.0
    """From one number to the next; 0: none between numbers with a point, 1 between whole ones."""


class Choice(Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """Values of which none is nearer to another."""

    values: tuple[Value, ...]


Axis: TypeAlias = Range | Choice
Axes: TypeAlias = dict[str, Axis]


class Search(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What was asked for. Its trials are the runs whose sweep it is, in their order."""

    id: str
    """The name that the user gave it."""
    order: RunOrder
    """Of every trial, before its values are filled in."""
    axes: Axes
    trials: Annotated[int, Meta(ge=1, le=MOST_TRIALS)]
    """In all, those of an earlier search by that name included."""
    sampler: str = SAMPLERS[0]
    draw: int = 0
    """Its seed: the same trials follow from the same results."""
    parallel: Annotated[int, Meta(ge=0)] = 0
    """Trials at a time; 0: as many as get a lease at once."""
    by: str = ""
    ended: str = ""
    """Why no more are tried, when it was ended before its time."""


def trials_of(search: str, runs: Mapping[str, Run]) -> list[Run]:
    return [run for run in runs.values() if run.order.sweep == search]


def may_go_on(search: Search, trials: Iterable[Run]) -> bool:
    """Whether there are trials to come."""
    return not search.ended and sum(1 for _ in trials) < search.trials


def may_try_now(search: Search, trials: list[Run]) -> bool:
    """Whether the next one may be chosen: when none is on its way to its devices."""
    if not may_go_on(search, trials):
        return False
    if any(run.life in (RunLife.QUEUED, RunLife.STARTING) for run in trials):
        return False
    return not search.parallel or sum(not r.life.is_over for r in trials) < search.parallel
