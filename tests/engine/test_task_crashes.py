"""Whenever the supervisor is killed: no task is lost, and none is run twice."""

import asyncio
import os
import random
import subprocess
from collections import Counter

import pytest

from command_center.domain import events as ev
from command_center.domain.model import Delivery, Fleet
from command_center.domain.task_intents import AddTasks, SetDispatch
from command_center.domain.task_markdown import parse_tasks
from command_center.domain.tasks import Life
from tests.center import SHOWN_SPEC, Center
from tests.gitrepo import run_git
from tests.twelve_tasks import (
    LIMITED,
    NEEDS,
    check_all_done,
    check_order,
    lay_check,
    longest_idle,
    plan,
)

KILLS = 20
SEED = 5
AGENTS = 4
LONGEST_IDLE = 2.0
"""Seconds."""
SETTINGS = f"""
[dispatch]
most_agents = {AGENTS}
specs = ["echo"]
least_free_gib = 0
"""


def work(title: str, file: str) -> str:
    limit = " [limit:2]" if title == LIMITED else ""
    return f"{title}: [write:{file}] [slow]{limit}"


async def begun(center: Center) -> "subprocess.Popen[bytes]":
    """The supervisor of four idle agents, with the whole plan in its backlog."""
    center.places.settings.write_text(SETTINGS, "utf-8")
    center.add_spec("echo", SHOWN_SPEC)
    lay_check(center.repo)
    supervisor = center.start_supervisor()
    for name in ("ada", "bob", "cyd", "dee")[:AGENTS]:
        agent = await center.launch(name=name)
        await center.agent_until(agent.id, lambda a: a.state == "idle")
    await center.answer(SetDispatch("automatic"))
    added = await center.answer(AddTasks(parse_tasks(plan(work)), str(center.repo)))
    assert len(added.text.split()) == len(NEEDS), added.text
    return supervisor


def is_over(fleet: Fleet) -> bool:
    return all(task.life is Life.REVIEW for task in fleet.tasks.values())


@pytest.mark.timeout(400)
async def test_twenty_kills_lose_no_task_and_run_none_twice(center: Center) -> None:
    dice = random.Random(int(os.environ.get("SEED", SEED)))
    supervisor = await begun(center)
    for _ in range(KILLS):
        await asyncio.sleep(dice.uniform(0.2, 1.0))
        supervisor.kill()
        supervisor.wait()
        supervisor = center.start_supervisor()
    fleet = await center.until(is_over, 120)
    check_all_done(fleet)
    check_order(fleet)
    check_prompts(center)
    check_branches(center)


async def test_nobody_stands_idle_while_there_is_a_task_for_it(center: Center) -> None:
    await begun(center)
    fleet = await center.until(is_over, 120)
    check_all_done(fleet)
    check_order(fleet)
    check_prompts(center)
    seconds, pair = longest_idle(center.view.records())
    assert seconds <= LONGEST_IDLE, pair


def check_prompts(center: Center) -> None:
    """Every receipt that is called finished was received once, and nothing else was."""
    told: Counter[str] = Counter()
    for agent in center.fleet.agents.values():
        received = Counter(center.received(agent.id)) if agent.receipts else Counter()
        over = [r for r in agent.receipts if r.delivery is Delivery.FINISHED]
        assert received == Counter(receipt.text for receipt in over), agent.name
        told += received
    for task in center.fleet.tasks.values():
        own = [text for text in told.elements() if text.startswith(f"{task.brief.title}\n")]
        assert len(own) == 1, (task.id, own)


def check_branches(center: Center) -> None:
    """One for each agent's launch and one for each task: nothing was begun a second time."""
    branches = run_git(center.repo, "branch", "--format=%(refname:short)").split("\n")
    launched = {
        record.event.order.branch
        for record in center.view.records()
        if isinstance(record.event, ev.LaunchIntended)
    }
    tasks = {task.branch for task in center.fleet.tasks.values()}
    assert set(branches) == {"main", *launched, *tasks}
