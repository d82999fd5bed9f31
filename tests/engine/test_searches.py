"""Searches under a real supervisor: each trial is chosen when there is room for it."""

import asyncio
import os
import signal
import sys
from itertools import pairwise

import pytest

from command_center.domain import run_intents as runs
from command_center.domain.model import Fleet
from command_center.domain.runs import Demand, Run, RunLife, RunOrder
from command_center.domain.searches import Search, trials_of
from command_center.domain.spaces import drawn, space_of
from tests.center import Center
from tests.engine.test_tasks import done
from tests.extras import PYTHON, needs
from tests.gitrepo import commit, write

TRAIN = """
import math, sys, time
x = float(sys.argv[-1].removeprefix("--x="))
time.sleep(float(sys.argv[1]))
if x > 9:
    sys.exit("too far")
print(f"loss: {(x - 2) ** 2}")
"""


@pytest.fixture(autouse=True)
def trainer(center: Center) -> None:
    write(center.repo / "train.py", TRAIN)
    commit(center.repo, "train")
    slots = f"[runs]\nslots = 1\npython = '{PYTHON}'\n"
    write(center.places.settings, slots)


def search(trials: int, *, sampler: str = "random", name: str = "s", seconds: str = "0") -> Search:
    order = RunOrder((sys.executable, "train.py", seconds), metric="loss")
    return Search(name, order, space_of(["x=-10.0..10"]), trials, sampler, draw=1)


async def begun(center: Center, asking: Search) -> None:
    assert await done(center, runs.BeginSearch(asking, str(center.repo))) == asking.id


async def queued(center: Center) -> str:
    """A run of nobody's search."""
    return await done(center, runs.QueueRuns((RunOrder(("true",)),), str(center.repo)))


async def through(center: Center, trials: int, name: str = "s") -> list[Run]:
    def holds(fleet: Fleet) -> bool:
        found = trials_of(name, fleet.runs)
        problem = fleet.searches[name].ended if name in fleet.searches else ""
        assert not problem, problem
        return len(found) == trials and all(run.life.is_over for run in found)

    return trials_of(name, (await center.until(holds)).runs)


async def test_trials_come_one_after_the_other_with_what_they_chose(supervised: Center) -> None:
    await begun(supervised, asking := search(6))
    found = await through(supervised, 6)
    assert [run.order.config for run in found] == [drawn(asking, n) for n in range(6)]
    for before, after in pairwise(found):
        assert after.queued_at >= before.ended_at
    assert all(
        run.life is (RunLife.CRASHED if float(run.order.config["x"]) > 9 else RunLife.DONE)
        for run in found
    )


async def test_a_killed_supervisor_goes_on_with_the_trials_that_would_have_come(
    center: Center,
) -> None:
    supervisor = center.start_supervisor()
    await begun(center, asking := search(5, seconds="0.2"))
    for ended in (1, 3):
        await center.until(
            lambda f, n=ended: sum(r.life.is_over for r in trials_of("s", f.runs)) >= n  # type: ignore[misc]
        )
        os.kill(supervisor.pid, signal.SIGKILL)
        await asyncio.to_thread(supervisor.wait)
        supervisor = center.start_supervisor()
    found = await through(center, 5)
    assert [run.order.config for run in found] == [drawn(asking, n) for n in range(5)]
    assert [run.attempt for run in found] == [1] * 5


async def test_a_search_that_is_ended_queues_no_more(supervised: Center) -> None:
    await begun(supervised, search(50, seconds="60"))
    await supervised.until(lambda f: any(r.life is RunLife.RUNNING for r in f.runs.values()))
    await done(supervised, runs.EndSearch("s"))
    await done(supervised, runs.CancelRun("R1"))
    fleet = await supervised.until(lambda f: f.runs["R1"].life.is_over)
    assert fleet.searches["s"].ended == "cancelled"
    other = await queued(supervised)
    await supervised.until(lambda f: f.runs[other].life.is_over)
    assert len(trials_of("s", supervised.fleet.runs)) == 1
    again = await supervised.answer(runs.EndSearch("s"))
    assert "over already" in again.text


async def test_a_search_goes_on_under_its_name_with_what_was_found(supervised: Center) -> None:
    await begun(supervised, asking := search(2))
    await through(supervised, 2)
    await begun(supervised, search(2))
    found = await through(supervised, 4)
    assert [run.order.config for run in found] == [drawn(asking, n) for n in range(4)]


async def test_a_trial_that_gets_no_devices_says_why(supervised: Center) -> None:
    asking = search(2)
    order = RunOrder(asking.order.command, metric="loss", demand=Demand(cpus=2))
    await begun(supervised, Search("s", order, asking.axes, 2, "random"))
    said = "needs 2 CPU slots; there are 1"
    fleet = await supervised.until(lambda f: any(run.reason == said for run in f.runs.values()))
    [run] = fleet.runs.values()
    await done(supervised, runs.EndSearch("s"))
    await done(supervised, runs.CancelRun(run.id))


async def test_trials_side_by_side_wait_for_room(center: Center) -> None:
    write(center.places.settings, "[runs]\nslots = 2\n")
    supervisor = center.start_supervisor()
    await begun(center, search(5, seconds="60"))
    await center.until(lambda f: sum(r.life is RunLife.RUNNING for r in f.runs.values()) == 2)
    other = await queued(center)
    await center.until(lambda f: f.runs[other].reason != "")
    assert len(trials_of("s", center.fleet.runs)) == 2
    await done(center, runs.EndSearch("s"))
    for run in trials_of("s", center.fleet.runs):
        await done(center, runs.CancelRun(run.id))
    await center.until(lambda f: all(run.life.is_over for run in f.runs.values()))
    supervisor.terminate()
    await asyncio.to_thread(supervisor.wait)


async def test_a_search_that_cannot_be_is_refused(supervised: Center) -> None:
    good = search(1)
    place = str(supervised.repo)
    for wrong, said in (
        (Search("R7", good.order, good.axes, 1), "no name for a study"),
        (Search("s", RunOrder(("x",)), good.axes, 1), "needs a metric"),
        (Search("s", good.order, {}, 1), "needs a space"),
        (Search("s", good.order, good.axes, 1, sampler="luck"), "no sampler 'luck'"),
    ):
        answer = await supervised.answer(runs.BeginSearch(wrong, place))
        assert answer.is_refused
        assert said in answer.text
    await begun(supervised, search(50, seconds="60"))
    answer = await supervised.answer(runs.BeginSearch(search(1), place))
    assert "under way" in answer.text
    await done(supervised, runs.EndSearch("s"))
    await supervised.until(lambda f: any(run.handle for run in f.runs.values()))
    for run in supervised.fleet.runs:
        await done(supervised, runs.CancelRun(run))


async def test_an_agent_is_told_when_the_last_trial_is_through(supervised: Center) -> None:
    agent = await supervised.launch(name="ada")
    asking = search(3)
    order = RunOrder(asking.order.command, metric="loss", agent="ada")
    await begun(supervised, Search("s", order, asking.axes, 3, "random", 1))
    await through(supervised, 3)
    await supervised.until(
        lambda f: (
            f.agents[agent.id].receipts != ()
            and all(r.delivery.is_over for r in f.agents[agent.id].receipts)
        )
    )
    [said] = supervised.received(agent.id)
    assert [line.split()[1] for line in said.splitlines()[:3]] == ["#1", "#2", "#3"]


@needs("optuna")
async def test_optuna_chooses_trials_that_differ(supervised: Center) -> None:
    await begun(supervised, search(3, sampler="tpe"))
    found = await through(supervised, 3)
    assert len({run.order.config["x"] for run in found}) == 3


async def test_a_search_ends_with_what_optuna_said(center: Center) -> None:
    python = write(center.home / "python", '#!/bin/sh\nread -r _ && echo \'{"error": "no"}\'\n')
    python.chmod(0o755)
    write(center.places.settings, f"[runs]\npython = '{python}'\n")
    supervisor = center.start_supervisor()
    await begun(center, search(2, sampler="tpe"))
    fleet = await center.until(lambda f: f.searches["s"].ended != "")
    assert (fleet.searches["s"].ended, fleet.runs) == ("Optuna: no", {})
    supervisor.terminate()
    await asyncio.to_thread(supervisor.wait)
