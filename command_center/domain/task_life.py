"""What a task becomes when something has happened to it."""

from collections.abc import Iterable
from typing import assert_never

from msgspec.structs import replace

from command_center.domain import task_events as ev
from command_center.domain.tasks import LONGEST_OUTPUT, Life, Task

Tasks = dict[str, Task]


def tasked(tasks: Tasks, event: ev.TaskEvent, at: float) -> Tasks:
    """The tasks after `event`; words about an unknown task, or one that is over, change nothing."""
    if isinstance(event, ev.TaskAdded):
        life = Life.QUEUED if event.is_queued else Life.DRAFT
        added = Task(event.task, event.brief, at, event.by, life, at)
        return tasks if event.task in tasks else {**tasks, event.task: added}
    task = tasks.get(event.task)
    if task is None or task.life.is_over:
        return tasks
    return {**tasks, task.id: _changed(task, event, at)}


def _changed(task: Task, event: ev.TaskEvent, at: float) -> Task:
    match event:
        case ev.TaskAdded():
            return task
        case ev.TaskRevised():
            return task if task.life.is_on_agent else replace(task, brief=event.brief)
        case ev.PlacementProposed():
            return replace(task, proposed=event.agent, reason=event.reason)
        case ev.TaskHeld():
            return replace(task, is_held=True, reason=event.reason)
        case ev.TaskQueued():
            again = replace(task, agent="", prompt="", branch="", base_commit="", returns=0)
            return _moved(replace(again, is_measuring=False), Life.QUEUED, at, event.reason)
        case ev.TaskAssigned():
            taken = replace(task, agent=event.agent, prompt="", branch=event.branch, returns=0)
            return _moved(taken, Life.ASSIGNED, at, event.reason)
        case ev.TaskPrepared():
            return replace(
                task, prompt=event.prompt, branch=event.branch, base_commit=event.base_commit
            )
        case ev.TaskStarted():
            begun = replace(task, started_at=task.started_at or event.at)
            return _moved(begun, Life.RUNNING, event.at, task.reason)
        case ev.ExperimentQueued():
            return _experimenting(task, event, at)
        case ev.TaskMeasured():
            return _measured(task, event, at)
        case _:
            return _judged(task, event, at)


def _experimenting(task: Task, event: ev.ExperimentQueued, at: float) -> Task:
    """One without an agent is at work from now on; what an agent brought stays where it is."""
    runs = tuple(dict.fromkeys((*task.runs, *event.runs)))
    begun = replace(task, runs=runs, is_measuring=True)
    is_free = task.life in (Life.DRAFT, Life.QUEUED) or (task.is_held and not task.agent)
    if not is_free:
        return begun
    begun = replace(begun, agent="", prompt="", started_at=task.started_at or at)
    return _moved(begun, Life.RUNNING, at, f"runs {_listed(event.runs)}")


def _measured(task: Task, event: ev.TaskMeasured, at: float) -> Task:
    output = event.output[-LONGEST_OUTPUT:]
    told = replace(task, output=output, is_measuring=False, files=event.files or task.files)
    is_alone = task.life is Life.RUNNING and not task.agent
    if not (is_alone or task.life is Life.REVIEW or (task.life is Life.CHECK and task.is_held)):
        return told
    if not event.has_result:
        return replace(told, is_held=True, reason="none of its runs went to its end")
    return _moved(replace(told, ended_at=at), Life.REVIEW, at, "its runs have ended")


def _listed(runs: tuple[str, ...]) -> str:
    return runs[0] if len(runs) == 1 else f"{runs[0]} to {runs[-1]}"


def _judged(
    task: Task,
    event: ev.CheckIntended
    | ev.CheckPassed
    | ev.CheckFailed
    | ev.TaskReturned
    | ev.TaskAccepted
    | ev.TaskDiscarded
    | ev.TaskFailed,
    at: float,
) -> Task:
    match event:
        case ev.CheckIntended():
            return _moved(task, Life.CHECK, at, task.reason)
        case ev.CheckPassed():
            output = event.output[-LONGEST_OUTPUT:]
            passed = replace(task, output=output, ended_at=at, files=event.files)
            return _moved(passed, Life.REVIEW, at, f"passed its check by {event.by}")
        case ev.CheckFailed():
            return replace(task, output=event.output[-LONGEST_OUTPUT:])
        case ev.TaskReturned():
            returns = task.returns + (not event.is_free)
            returned = replace(task, prompt=event.prompt, returns=returns)
            return _moved(returned, Life.ASSIGNED, at, event.reason)
        case ev.TaskAccepted():
            # What runs alone brought is figures, and there is nothing to merge.
            is_answer = task.brief.kind.is_question or (task.runs and not task.branch)
            return _moved(task, Life.ANSWERED if is_answer else Life.MERGED, at, "")
        case ev.TaskDiscarded():
            return _moved(_ended(task, at), Life.DISCARDED, at, "")
        case ev.TaskFailed():
            return _moved(_ended(task, at), Life.FAILED, at, event.reason)
        case _:
            assert_never(event)


def _moved(task: Task, life: Life, at: float, reason: str) -> Task:
    return replace(task, life=life, since=at, reason=reason, is_held=False, proposed="")


def _ended(task: Task, at: float) -> Task:
    return replace(task, ended_at=task.ended_at or at)


def unmet(task: Task, tasks: Tasks) -> list[str]:
    """The ids of what `task` still waits for; one that nobody knows stays unmet for ever."""
    return [need for need in task.brief.needs if need not in tasks or not tasks[need].life.is_done]


def out_of_reach(task: Task, tasks: Tasks) -> str:
    """Why a queued task can never start as it is; empty while it can."""
    if task.life is not Life.QUEUED or task.is_held:
        return ""
    needs = (tasks[need] for need in task.brief.needs if need in tasks)
    lost = next((need for need in needs if need.life.is_over and not need.life.is_done), None)
    if lost is None:
        return ""
    way_out = "change its needs and queue it again, or discard it"
    return f"{lost.id}, which it needs, is {lost.life}; {way_out}"


def on_agent(tasks: Iterable[Task], agent: str) -> Task | None:
    """The task by which `agent` is taken; there is never more than one."""
    return next((t for t in tasks if t.agent == agent and t.takes_agent), None)


def circle(needs: dict[str, tuple[str, ...]]) -> list[str]:
    """The ids of one circle of needs, in order; empty when there is none."""
    done: set[str] = set()

    def walk(task: str, path: list[str]) -> list[str]:
        if task in path:
            return path[path.index(task) :]
        if task in done:
            return []
        for need in needs.get(task, ()):
            if found := walk(need, [*path, task]):
                return found
        done.add(task)
        return []

    return next((found for task in needs if (found := walk(task, []))), [])
