"""A plan of twelve tasks, handed to real CLIs."""

import asyncio
import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from itertools import cycle, islice
from pathlib import Path

import pytest
import pytest_asyncio

from command_center.domain.intents import Launch
from command_center.domain.model import Delivery, Fleet, State
from command_center.domain.task_intents import AddTasks, SetDispatch
from command_center.domain.task_markdown import parse_tasks
from command_center.domain.tasks import Allowance, Brief, Check, Judge, Life
from tests.agents.cases import chosen
from tests.agents.clis import INSTALLED, claude_env, codex_env, is_installed, native_env
from tests.agents.test_end_to_end import SECONDS
from tests.center import Center
from tests.gitrepo import isolate_git, make_repository
from tests.scripted.server import ScriptedModel
from tests.twelve_tasks import (
    LIMITED,
    NEEDS,
    check_all_done,
    check_order,
    lay_check,
    longest_idle,
    plan,
)

pytestmark = [pytest.mark.agents, pytest.mark.timeout(400)]

AGENTS = 4
KILLS = 20
LONGEST_IDLE = 2.0
"""Seconds for which an agent may stand idle while there is a task for it."""
SETTINGS = f"""
[dispatch]
most_agents = {AGENTS}
least_free_gib = 0
mode = "edits"
"""


def specs() -> list[str]:
    """One for each of the four agents."""
    there = [s for s in ("claude", "codex", "native") if s in chosen()]
    there = [s for s in there if s == "native" or is_installed(s)]
    return list(islice(cycle(there), AGENTS)) if there else []


def work(title: str, file: str) -> str:
    limit = "limit:3,1 ;; " if title == LIMITED else ""
    return f"SM[write:{file}|{title} ;; {limit}wait:1 ;; say:Made.]SM"


@pytest_asyncio.fixture
async def center(model: ScriptedModel, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Center]:
    """Four idle agents. Outside /tmp, where the sandboxes of CLIs may write."""
    if not specs():
        pytest.skip("none of the CLIs is installed")
    isolate_git(monkeypatch)
    root = Path(tempfile.mkdtemp(dir=INSTALLED.resolve(), prefix="tasks-"))
    repo = make_repository(root)
    lay_check(repo)
    envs = [make(root / "user", model.url, repo) for make in (claude_env, codex_env, native_env)]
    center = Center(root / "home", repo, envs[0] | envs[1] | envs[2])
    center.places.settings.parent.mkdir(parents=True, exist_ok=True)
    center.places.settings.write_text(SETTINGS, "utf-8")
    try:
        yield center
    finally:
        center.close()
        shutil.rmtree(root, ignore_errors=True)


async def begun(center: Center) -> None:
    """The plan is in the backlog of four idle agents."""
    for spec in specs():
        answer = await center.answer(Launch(spec, str(center.repo), mode="edits"))
        assert not answer.is_refused, answer.text
    await center.until(
        lambda f: len(f.agents) == AGENTS and all(a.state is State.IDLE for a in f.agents.values()),
        SECONDS,
    )
    # Not one whose CLI tells of its plan: for others of the same account there is no task then.
    limits = {LIMITED: "native" if "native" in specs() else specs()[0]}
    added = await center.answer(AddTasks(parse_tasks(plan(work, limits)), str(center.repo)))
    assert len(added.text.split()) == len(NEEDS), added.text
    await center.answer(SetDispatch("automatic"))


def is_over(fleet: Fleet) -> bool:
    return all(task.life is Life.REVIEW for task in fleet.tasks.values())


async def finished(center: Center) -> Fleet:
    try:
        return await center.until(is_over, 150)
    except AssertionError as error:
        agents = center.fleet.agents.values()
        screens = (center.tmux("capture-pane", "-p", "-t", a.pane) for a in agents)
        raise AssertionError("\n".join((str(error), *screens))) from None


def check_prompts(center: Center, model: ScriptedModel) -> None:
    """The model saw every prompt that is called finished once, and no other."""
    seen = Counter(p for who in model.conversations() if who for p in model.prompts(who))
    told: Counter[str] = Counter()
    for agent in center.fleet.agents.values():
        over = (r for r in agent.receipts if r.delivery is Delivery.FINISHED)
        told.update(receipt.text for receipt in over)
    assert seen == told


async def test_a_plan_is_carried_out_in_order_and_nobody_is_left_idle(
    center: Center, model: ScriptedModel
) -> None:
    center.start_supervisor()
    await begun(center)
    fleet = await finished(center)
    check_all_done(fleet)
    check_order(fleet)
    check_prompts(center, model)
    seconds, pair = longest_idle(center.view.records())
    assert seconds <= LONGEST_IDLE, pair


async def test_killing_the_supervisor_loses_no_task_and_runs_none_twice(
    center: Center, model: ScriptedModel
) -> None:
    dice = random.Random(int(os.environ.get("SEED", 5)))
    supervisor = center.start_supervisor()
    await begun(center)
    for _ in range(KILLS):
        await asyncio.sleep(dice.uniform(0.2, 1.2))
        supervisor.kill()
        supervisor.wait()
        supervisor = center.start_supervisor()
    fleet = await finished(center)
    check_all_done(fleet)
    check_order(fleet)
    check_prompts(center, model)


async def test_a_task_that_reached_its_budget_waits_for_the_user(
    center: Center, model: ScriptedModel
) -> None:
    center.start_supervisor()
    brief = Brief(
        "Dear",
        prompt="SM[u:100,20,2000,300,0 ;; say:Made.]SM",
        check=Check(Judge.COMMAND, ("sh", "check.sh", "never.txt")),
        allowance=Allowance(tokens=4_000),
        spec=specs()[0],
    )
    await center.answer(AddTasks((brief,), str(center.repo)))
    await center.answer(SetDispatch("automatic"))
    fleet = await center.until(lambda f: f.tasks["T1"].is_held, SECONDS)
    assert "its budget is reached" in fleet.tasks["T1"].reason
    assert not any("never.txt" in prompt for prompt in model.prompts() if "failed" in prompt)
