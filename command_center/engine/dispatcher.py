"""Hands tasks to agents and follows them until they are done. It decides; others carry out."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from command_center.domain import events as ev
from command_center.domain import task_events as tev
from command_center.domain.errors import IntentError
from command_center.domain.model import Agent, Delivery, Fleet, Receipt, State
from command_center.domain.placement import (
    Placement,
    Standing,
    Worker,
    in_turn,
    placements,
)
from command_center.domain.tasks import Life, Task
from command_center.domain.workers import why_not_free, why_not_offered
from command_center.engine.checker import Checker
from command_center.engine.core import Engine
from command_center.engine.nursery import nurseries
from command_center.engine.preparer import Preparer, assignment

REMEMBERED_TASKS = 5
"""Of an agent's last tasks, whose files it still knows."""
GONE = (State.EXITED, State.LOST, State.PARKED)
ANYWAY_SECONDS = 5.0
"""From one look to the next when nothing happens."""
GO_ON = "A limit interrupted you. Go on where you stopped."


class Dispatcher:
    def __init__(self, engine: Engine, preparer: Preparer, checker: Checker) -> None:
        self._engine = engine
        self._preparer = preparer
        self._checker = checker
        self._seen: tuple[int, frozenset[str], int] | None = None

    def tick(self) -> None:
        """Move every task on as far as it goes now, then hand out what waits."""
        engine, fleet = self._engine, self._engine.fleet
        # Memory becomes free without news.
        state = (fleet.seq, engine.acting, int(engine.clock() / ANYWAY_SECONDS))
        if not fleet.tasks or self._seen == state:
            return
        # What follows from here is news as well, for the next tick.
        self._seen = state
        for task in fleet.tasks.values():
            if task.takes_agent:
                self._follow(task)
        self._hand_out()

    async def chosen(self, task: Task) -> list[ev.Event]:
        """The assignment of one task to who fits best. Raises IntentError when nobody does."""
        tasks = self._engine.fleet.tasks
        alone = {k: t for k, t in tasks.items() if t.life is not Life.QUEUED or k == task.id}
        alone[task.id] = replace(task, life=Life.QUEUED, is_held=False)
        words = placements(alone, list(self.workers()), nurseries(self._engine))
        word = next(each for each in words if each.task == task.id)
        if not isinstance(word, Placement):
            raise IntentError(f"{task.id}: {word.reason}")
        if word.agent:
            return [assignment(task, word.agent, word.reason)]
        return await self._preparer.newcomer(task, word.spec, word.reason)

    def workers(self) -> Iterator[Worker]:
        """Every agent that could take a task now."""
        engine = self._engine
        for agent in engine.fleet.agents.values():
            if worker_problem(engine, agent) or why_not_offered(engine.fleet, agent):
                continue
            yield Worker(
                agent.id,
                agent.name,
                agent.order.spec,
                agent.order.repo,
                agent.since,
                niches=niches(engine, agent.order.spec),
                touched=_known_files(engine.fleet, agent),
                context_free=context_free(engine, agent),
                quota_free=engine.quotas.get(agent.order.spec),
            )

    def _hand_out(self) -> None:
        """Say of every queued task where it would go, or why it waits; do so when automatic."""
        engine = self._engine
        is_automatic = engine.fleet.dispatch == "automatic"
        for word in self._words():
            task = engine.fleet.tasks[word.task]
            proposed = word.agent or f"new {word.spec}" if isinstance(word, Placement) else ""
            if proposed and is_automatic:
                self._place(task, word)
            elif (task.proposed, task.reason) != (proposed, word.reason):
                engine.record(tev.PlacementProposed(task.id, proposed, word.reason))

    def _words(self) -> list[Placement | Standing]:
        tasks = self._open()
        if reason := self._engine.why_no_launch():
            return [Standing(task.id, reason) for task in in_turn(tasks)]
        return placements(tasks, list(self.workers()), nurseries(self._engine))

    def _open(self) -> dict[str, Task]:
        """The tasks, less those for which an agent is just being made."""
        tasks = self._engine.fleet.tasks
        return {k: t for k, t in tasks.items() if k not in self._preparer.expecting}

    def _place(self, task: Task, word: Placement | Standing) -> None:
        assert isinstance(word, Placement)
        if word.agent:
            self._engine.record(assignment(task, word.agent, word.reason))
            self._follow(self._engine.fleet.tasks[task.id])
        else:
            self._preparer.launch(task, word.spec, word.reason)

    def _follow(self, task: Task) -> None:
        engine = self._engine
        agent = engine.fleet.agents.get(task.agent)
        if agent is None:
            engine.record(tev.TaskQueued(task.id, "its agent could not be launched or was removed"))
        elif engine.is_acting(agent.id):
            return
        elif task.life is Life.ASSIGNED and not task.prompt:
            self._preparer.prepare(task, agent)
        elif task.life is Life.CHECK:
            self._checker.judge(task)
        elif (receipt := agent.receipt(task.prompt)) is not None:
            engine.record(*_moved_by(task, agent, receipt))


def _moved_by(task: Task, agent: Agent, receipt: Receipt) -> Iterator[ev.Event]:
    """What the receipt of a task's prompt means for it."""
    taken = receipt.delivery in (Delivery.ACCEPTED, Delivery.FINISHED)
    if receipt.delivery in (Delivery.UNSENT, Delivery.DROPPED):
        yield tev.TaskHeld(task.id, f"its prompt is {receipt.delivery}: {receipt.proof}")
    elif agent.state in GONE:
        yield tev.TaskHeld(task.id, f"{agent.name} is {agent.state}; resume it, or queue it again")
    elif task.life is Life.ASSIGNED and taken:
        yield tev.TaskStarted(task.id, receipt.changed_at)
    elif receipt.delivery is Delivery.FINISHED and agent.state is State.IDLE:
        if receipt.proof.endswith(f": {State.LIMITED}"):
            prompt = f"{receipt.id}+"
            yield ev.PromptQueued(agent.id, prompt, GO_ON)
            yield tev.TaskReturned(task.id, prompt, "its limit is over", is_free=True)
        else:
            yield tev.CheckIntended(task.id)


def worker_problem(engine: Engine, agent: Agent) -> str:
    """Why no task can be given to the agent; empty when one can."""
    if problem := why_not_free(engine.fleet, agent):
        return problem
    spec = engine.spec_or_none(agent)
    if spec is None or not spec.prompt.takes_prompts:
        return f"{agent.name} takes no prompts"
    return f"{agent.name} is just being changed" if engine.is_acting(agent.id) else ""


def niches(engine: Engine, spec: str) -> tuple[str, ...]:
    return tuple(name for name, specs in engine.settings.dispatch.niches.items() if spec in specs)


def _known_files(fleet: Fleet, agent: Agent) -> frozenset[str]:
    done: Iterable[Task] = (t for t in fleet.tasks.values() if t.agent == agent.id and t.files)
    latest = sorted(done, key=lambda t: t.ended_at)[-REMEMBERED_TASKS:]
    return frozenset(path for task in latest for path in task.files)


def context_free(engine: Engine, agent: Agent) -> float | None:
    gauge = engine.gauges.get(agent.id)
    if gauge is None or gauge.context is None or not gauge.context.window:
        return None
    return max(0.0, 1 - gauge.context.used / gauge.context.window)
