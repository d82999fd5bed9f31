"""A goal becomes tasks in a real terminal, by a real SDK on a scripted model."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_center.domain.niches import Provider
from command_center.domain.tasks import Life
from tests.center import Center
from tests.e2e.conftest import Open
from tests.e2e.screen import SMALL, until
from tests.e2e.stage import Stage
from tests.models.asking import told
from tests.scripted import ScriptedModel

PLAN = {
    "tasks": [
        {"title": "Look at it", "kind": "research"},
        {"title": "Cache it", "needs": [1], "check": "true"},
        {"title": "Tell of it", "needs": [2]},
    ]
}


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedModel]:
    with ScriptedModel() as model:
        yield model


@pytest.fixture(scope="module")
def planning(center: Center, model: ScriptedModel, open_dashboard: Open) -> Stage:
    """A dashboard of somebody who has a model for plans."""
    with center.places.settings.open("a", encoding="utf-8") as settings:
        settings.write(
            '[models.frontier]\nprovider = "openai"\nmodel = "scripted-1"\n'
            f'base_url = "{model.url}/v1"\nprice = [1, 2]\n[dispatch]\nmost_agents = 0\n'
        )
    return open_dashboard(SMALL)


def goal(*before: str) -> str:
    text = told(Provider.OPENAI, json.dumps(PLAN))
    return text.replace("SM[", "SM[" + "".join(f"{step} ;; " for step in before))


def test_a_goal_is_planned_changed_and_queued(planning: Stage) -> None:
    screen, center = planning.screen, planning.center
    screen.press("P")
    screen.until_shown("Plan tasks for a goal", "scripted-1 (frontier)")
    screen.type_text(goal())
    screen.press("C-s")
    screen.until_shown("by scripted-1 (frontier) · $", "└ Cache it", "3 tasks, 1 of them")
    assert center.fleet.tasks == {}
    screen.press("J")
    screen.until_shown("#1  feature    └ Cache it")
    screen.press("C-s")
    until(lambda: len(center.fleet.tasks) == 3, "the tasks are there")
    tasks = {task.brief.title: task for task in center.fleet.tasks.values()}
    assert [task.life for task in tasks.values()] == [Life.QUEUED] * 3
    assert tasks["Cache it"].brief.needs == (tasks["Look at it"].id,)
    assert tasks["Tell of it"].brief.needs == (tasks["Cache it"].id,)
    assert {center.fleet.repos[task.brief.repo].root for task in tasks.values()} == {
        os.path.realpath(center.repo)
    }


def test_the_dashboard_goes_on_and_a_plan_can_be_given_up(
    planning: Stage, model: ScriptedModel
) -> None:
    screen, before = planning.screen, len(model.bodies)
    screen.press("P")
    screen.until_shown("Plan tasks for a goal")
    screen.type_text(goal("wait:600"))
    screen.press("C-s")
    screen.until_shown("asking… 2 s")
    model.wait_for(lambda m: len(m.bodies) > before)
    screen.escape()
    screen.until_shown("given up; nothing was planned")
    screen.escape()
    screen.until_shown("n new")
    [*_, last] = ledger_lines(planning.center.places.calls)
    assert last["type"] == "asked"


def ledger_lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]
