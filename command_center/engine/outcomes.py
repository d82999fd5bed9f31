"""Brings what the runs of a task's experiment came to back to the task."""

import statistics
from collections.abc import Iterator

from command_center.domain import events as ev, task_events as tev
from command_center.domain.errors import CommandCenterError, IntentError
from command_center.domain.runs import Run, RunLife
from command_center.domain.tasks import Life, Task
from command_center.engine.checker import Checker
from command_center.engine.core import Engine
from command_center.engine.results import told_line


class Outcomes:
    def __init__(self, engine: Engine, checker: Checker) -> None:
        self._engine = engine
        self._checker = checker
        self._seen: tuple[object, object] = (None, None)
        self._busy: set[str] = set()

    def tick(self) -> None:
        fleet = self._engine.fleet
        if self._seen[0] is fleet.tasks and self._seen[1] is fleet.runs:
            return
        self._seen = fleet.tasks, fleet.runs
        for task in fleet.tasks.values():
            if not task.is_measuring or task.id in self._busy:
                continue
            runs = [fleet.runs[name] for name in task.runs if name in fleet.runs]
            if all(run.life.is_over for run in runs):
                self._busy.add(task.id)
                self._engine.later(self._measure(task, runs))

    async def _measure(self, task: Task, runs: list[Run]) -> None:
        engine = self._engine
        try:
            files = (await self._checker.passed(task, "")).files
        except (CommandCenterError, OSError) as error:
            files = ()
            engine.notice_once(f"{task.id}: {error}")
        finally:
            self._busy.discard(task.id)
        has_result = any(run.life is RunLife.DONE for run in runs)
        output = "\n".join((*(told_line(engine, run) for run in runs), *_together(runs)))
        now = engine.fleet.tasks[task.id]
        # The user may have decided otherwise meanwhile, or asked for more runs.
        if now.is_measuring and now.runs == task.runs:
            engine.record(tev.TaskMeasured(task.id, output, has_result, files))
        engine.changed.set()


def why_no_runs(task: Task) -> str:
    """Why a task cannot become runs now; empty when it can."""
    if task.life.is_over:
        return f"{task.id} is {task.life} already"
    if task.is_measuring:
        return f"{task.id} waits for the end of its runs"
    if task.life.is_on_agent and not task.is_held:
        return f"{task.id} is {task.life}: an agent is at work on it"
    return ""


def base_of(task: Task) -> str:
    """The ref at which its runs start; empty: where anything does."""
    return f"refs/heads/{task.branch}" if task.branch else task.brief.base


def queued_for(engine: Engine, names: list[str], tasks: list[str]) -> Iterator[ev.Event]:
    """What links the runs called `names` with the task that each is for. Raises IntentError."""
    for identity in dict.fromkeys(filter(None, tasks)):
        task = engine.fleet.tasks[identity]
        if reason := why_no_runs(task):
            raise IntentError(reason)
        own = tuple(name for name, of in zip(names, tasks, strict=True) if of == identity)
        yield tev.ExperimentQueued(identity, own)


def again(engine: Engine, run: Run) -> Iterator[ev.Event]:
    """A run of a task is run once more: its result is awaited anew."""
    task = engine.fleet.tasks.get(run.order.task)
    if task is not None and task.life in (Life.RUNNING, Life.CHECK, Life.REVIEW):
        yield tev.ExperimentQueued(task.id, (run.id,))


def _together(runs: list[Run]) -> Iterator[str]:
    """Mean and spread, where several runs have the same figure that counts."""
    metrics = {run.order.metric for run in runs}
    results = [r.result for r in runs if r.life is RunLife.DONE and r.result is not None]
    if len(metrics) != 1 or len(results) < 2:
        return
    best = max(results) if runs[0].order.is_higher_better else min(results)
    mean, sd = statistics.fmean(results), statistics.stdev(results)
    yield f"{metrics.pop()}: mean {mean:.6g}, sd {sd:.2g}, best {best:.6g} of {len(results)} runs"
