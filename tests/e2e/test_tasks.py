"""Tasks by keys alone: made, handed out, checked and approved in a real terminal."""

import pytest

from command_center.domain.task_intents import AddTasks, DiscardTask
from command_center.domain.tasks import Brief, Life, Task
from tests.e2e.conftest import Crew
from tests.e2e.screen import until
from tests.e2e.stage import Stage

pytestmark = pytest.mark.usefixtures("calm")


def made(stage: Stage, title: str, check: str) -> str:
    """The id of a task that is made with the form."""
    screen = stage.screen
    screen.press("d")
    screen.until_shown("New task", "no title yet")
    screen.type_text(title)
    screen.until_shown("a feature in")
    screen.press("Tab", "Tab", "Tab", "Tab", "Tab")
    screen.type_text(check)
    screen.until_shown("a command passes", check)
    screen.press("C-s")
    until(lambda: title in {t.brief.title for t in tasks(stage).values()}, f"{title} is there")
    [found] = [task.id for task in tasks(stage).values() if task.brief.title == title]
    screen.until_shown(f"{found} is queued")
    return found


def tasks(stage: Stage) -> dict[str, Task]:
    return stage.center.fleet.tasks


def until_life(stage: Stage, task: str, life: Life) -> Task:
    until(lambda: tasks(stage)[task].life is life, f"{task} is {life}")
    return tasks(stage)[task]


def test_a_task_is_made_handed_out_checked_and_approved(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("worker")
    stage.launch(name)
    task = made(stage, f"Greet the {name}", "test -d src")
    screen.press("D")
    screen.until_shown("Dispatch", f"{task} → ", "because")
    screen.press("a")
    done = until_life(stage, task, Life.REVIEW)
    worker = stage.center.fleet.agents[done.agent]
    assert stage.received(worker.name)[-1].startswith(
        f"Greet the {name}\n\n(Task {task}, on branch"
    )
    screen.escape()
    screen.until_shown("1 task waits for you")
    screen.press("b")
    screen.until_shown("Review 1", worker.name)
    screen.press("a")
    until_life(stage, task, Life.MERGED)
    screen.until_shown("Review 0")
    screen.escape()
    screen.until_hidden("waits for you")


def test_a_red_check_comes_back_to_the_user_who_sends_it_back_with_words(
    stage: Stage, crew: Crew
) -> None:
    screen, name = stage.screen, crew("redone")
    stage.launch(name)
    task = made(stage, f"Break the {name}", "false")
    screen.press("D")
    screen.until_shown(f"{task} → ")
    screen.press("s")
    screen.until_shown(f"Who takes {task}?", name)
    screen.press("Enter")
    until(lambda: tasks(stage)[task].is_held, f"{task} waits for the user")
    worker = stage.center.fleet.agents[tasks(stage)[task].agent].name
    screen.escape()
    screen.until_shown("1 task waits for you")
    screen.press("I")
    screen.until_shown("Waits for your decision", "exit status 1")
    screen.press("R")
    screen.until_shown(f"Send {task} back to")
    screen.type_text("once more; #{pane_id} $(id)")
    screen.press("C-s")
    until(lambda: "once more; #{pane_id} $(id)" in stage.received(worker), "it is told so")
    until(lambda: tasks(stage)[task].is_held, f"{task} waits for the user again")

    def is_asked(text: str) -> bool:
        # While it was not there, the cursor went to another.
        screen.press("g", "x")
        return f"Discard {task}" in text

    screen.until(is_asked)
    screen.press("y")
    until_life(stage, task, Life.DISCARDED)
    screen.until_shown("nothing waits for you")


def test_keys_typed_ahead_act_one_by_one_on_the_board(stage: Stage, crew: Crew) -> None:
    screen, word = stage.screen, crew("ahead")
    briefs = (Brief(f"First {word}"), Brief(f"Second {word}"))
    answer = stage.answer(AddTasks(briefs, str(stage.center.repo), is_queued=False))
    first, second = answer.text.split()
    screen.press("b")
    screen.until_shown(first, second)
    screen.press("h", "g")
    screen.until_shown(f"▌{first}")
    screen.press("j", "p", "7", "Enter")
    until(lambda: tasks(stage)[second].brief.priority == 7, f"{second} has its priority")
    screen.until_hidden("Priority of")
    screen.press("g", "j", "x", "y")
    until_life(stage, second, Life.DISCARDED)
    assert (tasks(stage)[first].life, tasks(stage)[first].brief.priority) == (Life.DRAFT, 0)
    stage.answer(DiscardTask(first))
