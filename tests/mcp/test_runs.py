"""Runs that agents start, watch, read and cancel through the real server process."""

import json
import sys
from pathlib import Path

import pytest

from command_center.domain.model import Agent
from command_center.domain.run_intents import QueueRuns
from command_center.domain.runs import RunLife, RunOrder
from command_center.domain.scopes import MODEST
from tests.center import Center
from tests.gitrepo import commit, make_repository, write
from tests.mcp.test_server import agent_of, client_of, result, said

SCOPES = ("list", "run")
TRAIN = """
import os
print('hello')
for step in range(3):
    print(f'step: {step} loss: {3 - step + float(os.environ["SEED"]):.1f}')
"""


@pytest.fixture(autouse=True)
def slots(center: Center) -> None:
    write(center.places.settings, "[runs]\nslots = 2\n")


async def ada_with_code(center: Center) -> Agent:
    ada = await agent_of(center, scopes=SCOPES)
    worktree = Path(ada.order.worktree)
    write(worktree / "train.py", TRAIN)
    commit(worktree, "train")
    return ada


async def all_over(center: Center, count: int) -> None:
    await center.until(
        lambda f: len(f.runs) == count and all(run.life.is_over for run in f.runs.values())
    )


async def test_an_agent_runs_its_commit_reads_the_figures_and_is_told(supervised: Center) -> None:
    ada = await ada_with_code(supervised)
    command = [sys.executable, "train.py"]
    async with client_of(supervised, ada.id, ada.launch) as client:
        names = await said(
            client, "start_run", command=command, seeds="0..1", metric="loss", name="a try"
        )
        assert names == "R1 R2"
        await all_over(supervised, 2)
        listed = json.loads(await said(client, "list_runs", mine=True))["runs"]
        read = json.loads(await said(client, "read_run", run="r2", metric="loss", lines=50))
        unknown, is_error = await result(client, "read_run", run="R2", metric="acc")
    assert [(r["id"], r["life"], r["result"], r["is_yours"]) for r in listed] == [
        ("R1", "done", 1.0, True),
        ("R2", "done", 2.0, True),
    ]
    assert read["curve"] == [[0.0, 4.0], [1.0, 3.0], [2.0, 2.0]]
    assert (read["figures"]["loss"], read["output"][0]) == (2.0, "hello")
    assert is_error
    assert "told no 'acc'" in unknown
    run = supervised.fleet.runs["R1"]
    assert (run.order.agent, run.by, run.order.name) == (ada.id, ada.id, "a try")
    await supervised.agent_until(ada.id, lambda a: len(a.receipts) == 1)
    assert supervised.fleet.agents[ada.id].receipts[0].text.startswith("run #1 finished: loss 1")


async def test_an_agent_cancels_its_own_runs_and_no_other(supervised: Center) -> None:
    ada = await ada_with_code(supervised)
    sleeper = RunOrder(("sleep", "60"))
    await supervised.answer(QueueRuns((sleeper,), str(supervised.repo)))
    async with client_of(supervised, ada.id, ada.launch) as client:
        assert await said(client, "start_run", command=["sleep", "60"], minutes=5) == "R2"
        assert await said(client, "cancel_run", run="R2") == "R2"
        text, is_error = await result(client, "cancel_run", run="R1")
    assert (is_error, text) == (True, "'R1' is no run of yours; see list_runs")
    await supervised.until(lambda f: f.runs["R2"].life is RunLife.CANCELLED)
    assert supervised.fleet.runs["R2"].order.ration.wall_s == 300
    assert not supervised.fleet.runs["R1"].life.is_over


async def test_a_template_is_run_by_its_name(supervised: Center) -> None:
    write(
        supervised.places.settings,
        f"[run-templates.tiny]\ncommand = '{sys.executable} train.py'\nmetric = 'loss'\n"
        "seeds = '3'\n",
    )
    ada = await ada_with_code(supervised)
    async with client_of(supervised, ada.id, ada.launch) as client:
        assert await said(client, "start_run", template="tiny") == "R1"
        text, is_error = await result(client, "start_run", template="tinny")
    assert (is_error, "did you mean 'tiny'" in text) == (True, True)
    await all_over(supervised, 1)
    assert supervised.fleet.runs["R1"].result == 4.0


REFUSED: tuple[tuple[dict[str, object], str], ...] = (
    ({}, "a command, or the name of a template"),
    ({"command": ["true"], "folder": "../.."}, "inside the repository"),
    ({"command": ["true"], "folder": "/etc"}, "inside the repository"),
    ({"command": ["true"], "seeds": "0..500"}, "too many"),
    ({"command": ["true"], "seeds": "x"}, "seeds: "),
    ({"command": ["true"], "against": "R9"}, "no run 'R9'"),
    ({"command": ["a\0b"]}, "NUL"),
    ({"command": ["true"], "env": {"A": "b"}}, "env"),
)


async def test_what_an_agent_may_not_start_is_refused(supervised: Center) -> None:
    ada = await ada_with_code(supervised)
    async with client_of(supervised, ada.id, ada.launch) as client:
        for arguments, said_so in REFUSED:
            text, is_error = await result(client, "start_run", **arguments)
            assert (is_error, said_so in text) == (True, True), text
    assert supervised.fleet.runs == {}


async def test_runs_need_a_scope_that_no_agent_has_unasked(supervised: Center) -> None:
    assert "run" not in MODEST
    ada = await agent_of(supervised)
    async with client_of(supervised, ada.id, ada.launch) as client:
        for tool in ("start_run", "list_runs", "read_run", "cancel_run"):
            text, is_error = await result(client, tool, run="R1")
            assert (is_error, "you have no tool" in text) == (True, True)


async def test_runs_of_another_repository_are_not_shown(supervised: Center) -> None:
    other = make_repository(supervised.home / "other")
    await supervised.answer(QueueRuns((RunOrder(("true",)),), str(other)))
    ada = await ada_with_code(supervised)
    async with client_of(supervised, ada.id, ada.launch) as client:
        assert json.loads(await said(client, "list_runs"))["runs"] == []
        text, is_error = await result(client, "read_run", run="R1")
    assert (is_error, "in your repository" in text) == (True, True)
