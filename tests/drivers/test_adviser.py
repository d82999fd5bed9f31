import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from command_center.domain.errors import IntentError
from command_center.domain.runs import Run, RunLife, RunOrder
from command_center.domain.searches import Search
from command_center.domain.spaces import drawn, fits, space_of, trial_of
from command_center.drivers.adviser import Adviser
from tests.extras import PYTHON, needs

ORDER = RunOrder(("train",), metric="loss")
BOWL = Search("bowl", ORDER, space_of(["x=-10.0..10"]), 100, draw=1)
WIDE = Search("wide", ORDER, space_of(["a=1e-4..1e-2:log", "b=1..6", "c=0..1.0:0.25", "d=x,y"]), 9)


@pytest_asyncio.fixture
async def adviser() -> AsyncIterator[Adviser]:
    adviser = Adviser(str(PYTHON))
    yield adviser
    await adviser.close()


async def problem(python: str) -> str:
    adviser = Adviser(python)
    with pytest.raises(IntentError) as raised:
        await adviser.advise(BOWL, [])
    await adviser.close()
    return str(raised.value)


def trial(search: Search, number: int, config: dict[str, str | int | float | bool]) -> Run:
    """As it ends when the loss is the square of the distance of `x` to 2."""
    loss = (float(config["x"]) - 2) ** 2 if "x" in config else None
    order = trial_of(search, config)
    return Run(f"R{number}", order, 1.0, life=RunLife.DONE, figures={"loss": loss})


async def advised(adviser: Adviser, search: Search, trials: int) -> list[Run]:
    found: list[Run] = []
    while len(found) < trials:
        found.append(trial(search, len(found), await adviser.advise(search, found)))
    return found


def distance(runs: list[Run]) -> float:
    return sum(abs(float(run.order.config["x"]) - 2) for run in runs) / len(runs)


@needs("optuna")
async def test_optuna_comes_nearer_to_the_best_than_chance_does(adviser: Adviser) -> None:
    found = await advised(adviser, BOWL, 30)
    by_chance = [trial(BOWL, n, drawn(BOWL, n)) for n in range(30)]
    assert distance(found[15:]) < distance(by_chance[15:])


@needs("optuna")
async def test_every_kind_of_axis_is_understood(adviser: Adviser) -> None:
    for run in await advised(adviser, WIDE, 4):
        assert fits(run.order.config, WIDE.axes)
        assert isinstance(run.order.config["b"], int)


@needs("optuna")
async def test_the_same_results_lead_to_the_same_trial_in_another_process(adviser: Adviser) -> None:
    found = await advised(adviser, BOWL, 12)
    assert adviser._process is not None
    os.kill(adviser._process.pid, signal.SIGKILL)
    again = await asyncio.gather(adviser.advise(BOWL, found), adviser.advise(BOWL, found[:5]))
    assert again[0] == await adviser.advise(BOWL, found)
    assert again[1] == found[5].order.config


@needs("optuna")
async def test_trials_under_way_and_failed_ones_count_too(adviser: Adviser) -> None:
    found = await advised(adviser, BOWL, 10)
    running = Run("R98", trial_of(BOWL, {"x": 2.0}), 1.0, life=RunLife.RUNNING)
    failed = Run("R99", trial_of(BOWL, {"x": 2.0}), 1.0, life=RunLife.CRASHED)
    strange = Run("R97", trial_of(BOWL, {"y": 2.0}), 1.0, life=RunLife.DONE)
    config = await adviser.advise(BOWL, [*found, running, failed, strange])
    assert fits(config, BOWL.axes)


async def test_an_interpreter_without_optuna_is_told_what_to_do(tmp_path: Path) -> None:
    python = tmp_path / "python"
    # Without the folder of installed packages: a Python that has nothing.
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n', "utf-8")
    python.chmod(0o755)
    assert "pip install 'command-center[optuna]'" in await problem(str(python))


async def test_an_interpreter_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "nowhere: No such file" in await problem(str(tmp_path / "nowhere"))


async def test_a_process_that_says_nothing_is_no_answer() -> None:
    assert await problem("/bin/true") == "no answer from Optuna in /bin/true"
