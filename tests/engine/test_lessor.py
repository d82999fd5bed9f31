"""What runs have cost decides whether others may begin."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest_asyncio

from command_center.domain import run_events as rev
from command_center.domain.places import Places
from command_center.domain.runs import Devices, Ration, RunLife, RunOrder
from command_center.drivers.tmux import TmuxServer
from command_center.engine.core import Engine
from command_center.engine.lessor import DAY_SECONDS, Lessor
from command_center.store.log import EventLog
from command_center.store.settings import RunSettings, Settings

MONEY = RunSettings(slots=1, cpu_hour_usd=3600, day_usd=2.5)
"""A dollar for each second."""
ORDER = RunOrder(("true",), ration=Ration(wall_s=2.0), retries=3)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest_asyncio.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    """Nobody acts on what it decides."""
    places = Places.of({"COMMAND_CENTER_HOME": str(tmp_path)}, tmp_path)
    tmux, settings = TmuxServer(places.socket), Settings(runs=MONEY)
    with closing(EventLog(places.log)) as log:
        made = Engine(places, log, tmux, settings=settings, environ={}, clock=Clock())
        yield made
        await made.close()


async def first_lease(engine: Engine) -> Lessor:
    """Of a run that has just been queued."""
    lessor = Lessor(engine)
    engine.record(rev.RunQueued("R1", ORDER, "me"))
    deadline = time.monotonic() + 40
    while not lessor.tick():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    assert engine.fleet.runs["R1"].devices == Devices()
    return lessor


def crashed(engine: Engine) -> None:
    """After a second it did, and is to be tried again."""
    clock = engine.clock
    assert isinstance(clock, Clock)
    engine.record(rev.RunStarted("R1", "4711"))
    clock.now += 1.0
    ended = rev.RunEnded("R1", RunLife.CRASHED, "exit status 1", 1)
    engine.record(ended, rev.RunRequeued("R1", "again"))


async def test_what_an_attempt_cost_is_not_forgotten_by_the_next(engine: Engine) -> None:
    lessor = await first_lease(engine)
    crashed(engine)
    assert lessor.tick() == []
    run = engine.fleet.runs["R1"]
    assert run.reason == "may cost 2.00 dollars, more than is left for today"


async def test_a_run_that_waits_for_money_begins_when_the_day_is_over(engine: Engine) -> None:
    lessor = await first_lease(engine)
    crashed(engine)
    assert lessor.tick() == []
    clock = engine.clock
    assert isinstance(clock, Clock)
    clock.now += DAY_SECONDS + 1.0
    await lessor.look()
    assert [run.attempt for run in lessor.tick()] == [2]
