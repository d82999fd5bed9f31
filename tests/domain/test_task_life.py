from collections.abc import Iterable

from command_center.domain import task_events as ev
from command_center.domain.task_life import Tasks, circle, on_agent, tasked, unmet
from command_center.domain.tasks import LONGEST_OUTPUT, Brief, Life, Task, TaskKind


def lived(*happened: ev.TaskEvent, tasks: Tasks | None = None) -> Tasks:
    tasks = tasks or {}
    for at, event in enumerate(happened):
        tasks = tasked(tasks, event, float(at))
    return tasks


def added(number: int, *needs: str, kind: TaskKind = TaskKind.FEATURE) -> ev.TaskAdded:
    brief = Brief(f"task {number}", needs=needs, kind=kind)
    return ev.TaskAdded(f"T{number}", brief, "cli", is_queued=True)


ASSIGNED = ev.TaskAssigned("T1", "ada", "idle longest", "tasks/t1")
PREPARED = ev.TaskPrepared("T1", "p1", "tasks/t1", "c0ffee")
UNTIL_CHECK: Iterable[ev.TaskEvent] = (
    added(1),
    ASSIGNED,
    PREPARED,
    ev.TaskStarted("T1", 7.0),
    ev.CheckIntended("T1"),
)


def test_a_task_goes_from_the_backlog_over_its_agent_and_its_check_to_review() -> None:
    tasks: Tasks = {}
    lives = []
    for event in (*UNTIL_CHECK, ev.CheckPassed("T1", "ok", "command"), ev.TaskAccepted("T1")):
        tasks = tasked(tasks, event, 1.0)
        lives.append(tasks["T1"].life)
    assert lives == [
        Life.QUEUED,
        Life.ASSIGNED,
        Life.ASSIGNED,
        Life.RUNNING,
        Life.CHECK,
        Life.REVIEW,
        Life.MERGED,
    ]
    assert (tasks["T1"].branch, tasks["T1"].started_at) == ("tasks/t1", 7.0)


def test_an_agent_is_taken_from_the_assignment_until_the_check_is_over() -> None:
    tasks = lived(*UNTIL_CHECK)
    taken = on_agent(tasks.values(), "ada")
    assert taken is not None
    assert on_agent(tasks.values(), "bob") is None
    assert on_agent(lived(ev.CheckPassed("T1"), tasks=tasks).values(), "ada") is None


def test_a_failed_check_counts_against_the_returns_and_keeps_the_branch() -> None:
    returned = ev.TaskReturned("T1", "p2", "exit status 1")
    task = lived(*UNTIL_CHECK, ev.CheckFailed("T1", "boom"), returned)["T1"]
    assert (task.life, task.prompt, task.returns, task.output) == (Life.ASSIGNED, "p2", 1, "boom")
    assert task.branch == "tasks/t1"
    again = lived(ev.TaskReturned("T1", "p3", "a limit", is_free=True), tasks={"T1": task})["T1"]
    assert again.returns == 1


def test_what_a_check_printed_is_kept_to_its_end() -> None:
    task = lived(*UNTIL_CHECK, ev.CheckFailed("T1", "x" * LONGEST_OUTPUT + "end"))["T1"]
    assert len(task.output) == LONGEST_OUTPUT
    assert task.output.endswith("end")


def test_a_task_that_was_taken_back_forgets_its_agent() -> None:
    task = lived(*UNTIL_CHECK, ev.TaskQueued("T1", "ada was lost"))["T1"]
    assert (task.life, task.agent, task.branch, task.prompt) == (Life.QUEUED, "", "", "")


def test_a_task_that_is_over_stays_as_it_is() -> None:
    over = lived(added(1), ev.TaskDiscarded("T1"))
    assert lived(ev.TaskQueued("T1"), ASSIGNED, tasks=over) == over


def test_a_task_is_added_once() -> None:
    first = lived(added(1), ASSIGNED)
    assert lived(added(1), tasks=first) == first


def test_a_brief_is_revised_only_before_an_agent_has_it() -> None:
    revised = ev.TaskRevised("T1", Brief("better"))
    assert lived(added(1), revised)["T1"].brief.title == "better"
    assert lived(added(1), ASSIGNED, revised)["T1"].brief.title == "task 1"


def test_an_accepted_question_is_answered_not_merged() -> None:
    asked = (added(1, kind=TaskKind.RESEARCH), ASSIGNED, ev.CheckPassed("T1"))
    assert lived(*asked, ev.TaskAccepted("T1"))["T1"].life is Life.ANSWERED


def test_a_need_is_met_once_its_check_was_passed() -> None:
    tasks = lived(*UNTIL_CHECK, added(2, "T1", "T9"))
    assert unmet(tasks["T2"], tasks) == ["T1", "T9"]
    assert unmet(tasks["T2"], lived(ev.CheckPassed("T1"), tasks=tasks)) == ["T9"]


def test_a_held_task_is_free_again_when_it_moves() -> None:
    held = lived(*UNTIL_CHECK, ev.TaskHeld("T1", "its check failed three times"))
    assert held["T1"].is_held
    assert not lived(ev.TaskReturned("T1", "p", "the user"), tasks=held)["T1"].is_held


def test_a_circle_of_needs_is_found_and_a_diamond_is_none() -> None:
    assert circle({"T1": ("T2",), "T2": ("T3",), "T3": ("T1",)}) == ["T1", "T2", "T3"]
    assert circle({"T1": ("T1",)}) == ["T1"]
    assert circle({"T1": (), "T2": ("T1",), "T3": ("T1",), "T4": ("T2", "T3")}) == []


def test_a_task_knows_its_number() -> None:
    assert Task("T12", Brief("x"), 0.0).number == 12
