"""Chooses the next trial of a search with Optuna, in a process of its own.

    python -I advising.py

One JSON object per line: a question on standard input, an answer on standard output. A question
holds all that there is to know, so nothing is kept from one to the next and nothing is lost with
the process. It leaves when nobody has asked for a while.
"""

from __future__ import annotations

import json
import select
import sys
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from types import TracebackType

    from optuna.distributions import BaseDistribution

IDLE_SECONDS = 60.0
Value = str | int | float | bool


class Axis(TypedDict):
    """A range, unless it has values."""

    low: float
    high: float
    whole: bool
    log: bool
    step: float
    values: list[Value]


class Trial(TypedDict):
    config: dict[str, Value]
    state: str
    """`complete`, `running` or `fail`, as Optuna has them."""
    value: float | None


class Question(TypedDict):
    axes: dict[str, Axis]
    trials: list[Trial]
    """Those before, in their order."""
    higher_is_better: bool
    seed: int


class Answer(TypedDict, total=False):
    config: dict[str, Value]
    error: str


def advise(asked: Question) -> dict[str, Value]:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space = {name: _distribution(axis) for name, axis in asked["axes"].items()}
    study = optuna.create_study(
        direction="maximize" if asked["higher_is_better"] else "minimize",
        # Trials under way count as bad ones, so that two at a time do not try the same.
        sampler=optuna.samplers.TPESampler(seed=asked["seed"], constant_liar=True),
    )
    for trial in asked["trials"]:
        known = optuna.trial.create_trial(
            state=optuna.trial.TrialState[trial["state"].upper()],
            params=trial["config"],
            distributions=space,
            value=trial["value"],
        )
        study.add_trial(known)
    found: dict[str, Value] = study.ask(fixed_distributions=space).params
    return found


def _distribution(axis: Axis) -> BaseDistribution:
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if axis["values"]:
        return CategoricalDistribution(axis["values"])
    if axis["whole"]:
        low, high, step = int(axis["low"]), int(axis["high"]), int(axis["step"]) or 1
        return IntDistribution(low, high, log=axis["log"], step=step)
    return FloatDistribution(axis["low"], axis["high"], log=axis["log"], step=axis["step"] or None)


def answer(told: Answer) -> None:
    print(json.dumps(told), flush=True)  # noqa: T201


def last_words(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    del trace
    answer({"error": f"{kind.__name__}: {error}"})


def main() -> None:
    sys.excepthook = last_words
    while select.select([sys.stdin], [], [], IDLE_SECONDS)[0] and (line := sys.stdin.readline()):
        answer({"config": advise(json.loads(line))})


if __name__ == "__main__":
    main()
