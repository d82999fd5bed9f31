"""Runs by keys alone: started, ended, and told of, in a real terminal."""

import pytest

from command_center.domain.runs import RunLife
from command_center.domain.task_intents import AddTasks, DiscardTask
from command_center.domain.tasks import Brief, Life, TaskKind
from tests.e2e.conftest import Crew
from tests.e2e.screen import until
from tests.e2e.stage import Stage

pytestmark = pytest.mark.usefixtures("calm")


def test_a_run_is_started_at_an_agents_commit_which_is_told_of_it(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("runner")
    agent = stage.launch(name)
    screen.press("N")
    screen.until_shown("Start runs", "no command yet")
    screen.press("Tab")
    screen.type_text("echo val_bpb: 2.5")
    screen.press("Tab", "Tab")
    screen.type_text(name)
    screen.until_shown("1 run, ", f"at {agent.order.branch}")
    screen.press("Tab", "Tab", "Tab", "Tab")
    screen.type_text("val_bpb")
    screen.press("Tab", "Tab", "Tab", "Tab", "Tab")
    screen.type_text(name)
    screen.until_shown("Tell        " + name)
    before = set(stage.center.fleet.runs)
    screen.press("C-s")
    until(lambda: set(stage.center.fleet.runs) - before, "a run is queued")
    [run] = set(stage.center.fleet.runs) - before
    until(lambda: stage.center.fleet.runs[run].life is RunLife.DONE, f"{run} is done")
    told = stage.center.fleet.runs[run]
    assert (told.result, told.order.agent) == (2.5, agent.id)
    until(lambda: stage.received(name), f"{name} is told")
    assert stage.received(name)[0].startswith(f"run #{told.number} finished: val_bpb 2.5")


def test_the_experiment_of_a_task_is_run_from_the_board(stage: Stage, crew: Crew) -> None:
    screen = stage.screen
    stage.launch(crew("bystander"))
    brief = Brief("Measure it", kind=TaskKind.EXPERIMENT, run="echo val_bpb: 3")
    task = stage.answer(AddTasks((brief,), str(stage.center.repo))).text
    screen.press("b")
    screen.until_shown(f"{task} Measure it")
    # The board may have opened before it heard of the task, on one of the last column.
    screen.press("h")
    screen.until_shown(f"▌{task} Measure it")
    screen.press("x")
    screen.until_shown(f"Run {task}: Measure it", "echo val_bpb: 3")
    screen.press("C-s")
    until(lambda: stage.center.fleet.tasks[task].life is Life.REVIEW, f"{task} is in review")
    assert "finished" in stage.center.fleet.tasks[task].output
    stage.answer(DiscardTask(task))
