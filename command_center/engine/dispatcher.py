"""Hands tasks to agents and follows them until they are done. It decides; others carry out."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from command_center.domain import events as ev, task_events as tev
from command_center.domain.budgets import TASK
from command_center.domain.errors import IntentError
from command_center.domain.model import Agent, Delivery, Fleet, Receipt, State
from command_center.domain.placement import (
    Nursery,
    Placement,
    Standing,
    Worker,
    in_turn,
    placements,
)
from command_center.domain.task_life import out_of_reach
from command_center.domain.tasks import Life, Task
from command_center.domain.workers import why_not_free, why_not_offered
from command_center.engine.checker import Checker
from command_center.engine.core import Engine
from command_center.engine.keyboard import interrupt
from command_center.engine.nursery import niches, nurseries
from command_center.engine.preparer import Preparer, assignment
from command_center.engine.proofs import END_KNOWN
from command_center.engine.sender import INTERRUPTED

REMEMBERED_TASKS = 5
"""Of an agent's last tasks, whose files it still knows."""
GONE = (State.EXITED, State.LOST, State.PARKED)
UNTYPED = (Delivery.QUEUED, Delivery.HELD)
ANYWAY_SECONDS = 5.0
"""From one look to the next when nothing happens."""
Beat = tuple[int, frozenset[str]]
GO_ON = "A limit interrupted you. Go on where you stopped."


class Dispatcher:
    def __init__(self, engine: Engine, preparer: Preparer, checker: Checker) -> None:
        self._engine = engine
        self._preparer = preparer
        self._checker = checker
        self._seen: tuple[int, frozenset[str], Beat] | None = None
        self._handed: tuple[dict[str, Task], tuple[object, ...]] | None = None
        """What the last placements followed from."""
        self._known: dict[str, tuple[Agent, bool, Worker | None]] = {}
        """Of idle agents, as long as neither they nor any task have changed."""
        self._known_for: tuple[dict[str, Task], Beat] | None = None

    def tick(self) -> None:
        """Move every task on as far as it goes now, then hand out what waits."""
        engine, fleet = self._engine, self._engine.fleet
        state = (fleet.seq, engine.acting, self._beat())
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
        self._known.clear()
        alone = {k: t for k, t in tasks.items() if t.life is not Life.QUEUED or k == task.id}
        alone[task.id] = replace(task, life=Life.QUEUED, is_held=False)
        words = placements(alone, list(self.workers()), self._nurseries())
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
            if agent.state is not State.IDLE:
                continue
            known, is_acting = self._known.get(agent.id), engine.is_acting(agent.id)
            if known is None or known[0] is not agent or known[1] != is_acting:
                known = (agent, is_acting, self._worker(agent))
                self._known[agent.id] = known
            if known[2] is not None:
                yield known[2]

    def _beat(self) -> Beat:
        """What changes without news: memory becomes free, and the window of a plan begins anew."""
        engine = self._engine
        spent = frozenset(spec for spec in engine.windows if engine.quota_left(spec) == 0)
        return int(engine.clock() / ANYWAY_SECONDS), spent

    def _worker(self, agent: Agent) -> Worker | None:
        engine = self._engine
        if worker_problem(engine, agent) or why_not_offered(engine.fleet, agent):
            return None
        return worker_of(engine, agent)

    def _hand_out(self) -> None:
        """Say of every queued task where it would go, or why it waits; do so when automatic."""
        engine, tasks = self._engine, self._engine.fleet.tasks
        if not any(task.life is Life.QUEUED for task in tasks.values()):
            return
        beat, known_for = self._beat(), self._known_for
        if known_for is None or known_for[0] is not tasks or known_for[1] != beat:
            self._known.clear()
            self._known_for = (tasks, beat)
        reason, workers = engine.why_no_launch(), list(self.workers())
        running = sum(not agent.is_resumable for agent in engine.fleet.agents.values())
        expected = tuple(self._preparer.expecting.items())
        given = (engine.fleet.dispatch, reason, workers, running, expected, beat)
        # Most news is of agents at work, and changes nothing here.
        if self._handed is not None and self._handed[0] is tasks and self._handed[1] == given:
            return
        self._handed = (tasks, given)
        lost = ((task.id, out_of_reach(task, tasks)) for task in tasks.values())
        engine.record(*(tev.TaskHeld(name, reason) for name, reason in lost if reason))
        self._say(self._words(reason, workers))

    def _say(self, words: list[Placement | Standing]) -> None:
        engine = self._engine
        is_automatic = engine.fleet.dispatch == "automatic"
        news: list[ev.Event] = []
        for word in words:
            task = engine.fleet.tasks[word.task]
            proposed = word.agent or f"new {word.spec}" if isinstance(word, Placement) else ""
            if proposed and is_automatic:
                self._place(task, word)
            elif (task.proposed, task.reason) != (proposed, word.reason):
                news.append(tev.PlacementProposed(task.id, proposed, word.reason))
        engine.record(*news)

    def _words(self, reason: str, workers: list[Worker]) -> list[Placement | Standing]:
        tasks = self._open()
        if reason:
            return [Standing(task.id, reason) for task in in_turn(tasks)]
        return placements(tasks, workers, self._nurseries())

    def _nurseries(self) -> list[Nursery]:
        tasks, expecting = self._engine.fleet.tasks, self._preparer.expecting
        return nurseries(self._engine, [(s, tasks[t].brief.repo) for t, s in expecting.items()])

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
            engine.record(*_orphaned(task, engine.fleet))
        elif engine.is_acting(agent.id):
            return
        elif minutes := overdue(task, engine.clock()):
            engine.record(tev.TaskHeld(task.id, f"its {minutes:g} minutes are over"))
            if agent.state is State.BUSY:
                engine.act(agent.id, interrupt(engine, agent))
        elif task.life is Life.ASSIGNED and not task.prompt:
            self._preparer.prepare(task, agent)
        elif task.life is Life.CHECK:
            self._checker.judge(task)
        elif (receipt := agent.receipt(task.prompt)) is not None:
            spec = engine.spec_or_none(agent)
            grace = spec.limit.grace_s if spec else 0.0
            moved = _moved_by(task, agent, receipt, engine.clock(), grace)
            engine.record(*(_unpaid(task, engine.fleet, receipt) or moved))


def overdue(task: Task, now: float) -> float:
    """The minutes that the task may take, when they are over before its done-check; else 0."""
    minutes = task.brief.allowance.minutes if task.started_at else 0.0
    is_over = task.life is not Life.CHECK and now - task.started_at > minutes * 60
    return minutes if is_over else 0.0


def _orphaned(task: Task, fleet: Fleet) -> Iterator[ev.Event]:
    """Its agent is no more: what a launch cannot do is not tried again and again."""
    if task.agent in fleet.removals:
        yield tev.TaskQueued(task.id, "its agent was removed")
    else:
        problem = "no agent could be launched for it; the notices say why"
        yield from (tev.TaskQueued(task.id, problem), tev.TaskHeld(task.id, problem))


def _unpaid(task: Task, fleet: Fleet, receipt: Receipt) -> list[ev.Event]:
    """What ends a task whose own budget allows no other prompt; empty while it may go on."""
    budget = fleet.budgets.get(TASK + task.id)
    if budget is None or not budget.is_held or receipt.delivery not in UNTYPED:
        return []
    reason = f"its budget is reached: {budget.words}"
    return [
        ev.PromptDropped(task.agent, receipt.id, reason),
        tev.TaskHeld(task.id, f"{reason}; raise it, then send the task back"),
    ]


def _moved_by(
    task: Task, agent: Agent, receipt: Receipt, now: float, grace: float
) -> Iterator[ev.Event]:
    """What the receipt of a task's prompt means for it."""
    taken = receipt.delivery in (Delivery.ACCEPTED, Delivery.FINISHED)
    if receipt.proof == INTERRUPTED and agent.state not in GONE:
        yield from _another(task, agent, receipt, receipt.text, task.reason)
    elif receipt.delivery in (Delivery.UNSENT, Delivery.DROPPED):
        yield tev.TaskHeld(task.id, f"its prompt is {receipt.delivery}: {receipt.proof}")
    elif agent.state in GONE:
        yield tev.TaskHeld(task.id, f"{agent.name} is {agent.state}; resume it, or queue it again")
    elif task.life is Life.ASSIGNED and taken:
        yield tev.TaskStarted(task.id, receipt.changed_at)
    elif was_limited(receipt) and not went_on(agent, receipt):
        # A CLI that goes on by itself needs a while for it; so long nothing is said.
        if agent.state is State.IDLE and now > agent.limited_until + grace:
            yield from _another(task, agent, receipt, GO_ON, "its limit is over")
    elif receipt.delivery is Delivery.FINISHED and agent.state is State.IDLE:
        yield tev.CheckIntended(task.id)


def was_limited(receipt: Receipt) -> bool:
    """Whether a limit ended the prompt's turn before its time."""
    return receipt.delivery is Delivery.FINISHED and f": {State.LIMITED}" in receipt.proof


def went_on(agent: Agent, receipt: Receipt) -> bool:
    """Whether the agent worked again after the limit; where its end was not told, nobody knows."""
    return agent.limited_until == 0 and receipt.proof.endswith(END_KNOWN)


def _another(
    task: Task, agent: Agent, receipt: Receipt, text: str, reason: str
) -> Iterator[ev.Event]:
    """A prompt that takes the place of one that came to nothing."""
    prompt = f"{receipt.id}+"
    yield ev.PromptQueued(agent.id, prompt, text)
    yield tev.TaskReturned(task.id, prompt, reason, is_free=True)


def worker_of(engine: Engine, agent: Agent) -> Worker:
    gauge = engine.gauges.get(agent.id)
    return Worker(
        agent.id,
        agent.name,
        agent.order.spec,
        agent.order.repo,
        agent.since,
        niches=niches(engine, agent.order.spec),
        touched=_known_files(engine.fleet, agent),
        context_free=context_free(engine, agent),
        quota_free=engine.quota_left(agent.order.spec),
        price=gauge.price if gauge else None,
    )


def worker_problem(engine: Engine, agent: Agent) -> str:
    """Why no task can be given to the agent; empty when one can."""
    if problem := why_not_free(engine.fleet, agent):
        return problem
    spec = engine.spec_or_none(agent)
    if spec is None or not spec.prompt.takes_prompts:
        return f"{agent.name} takes no prompts"
    return f"{agent.name} is just being changed" if engine.is_acting(agent.id) else ""


def _known_files(fleet: Fleet, agent: Agent) -> frozenset[str]:
    done: Iterable[Task] = (t for t in fleet.tasks.values() if t.agent == agent.id and t.files)
    latest = sorted(done, key=lambda t: t.ended_at)[-REMEMBERED_TASKS:]
    return frozenset(path for task in latest for path in task.files)


def context_free(engine: Engine, agent: Agent) -> float | None:
    gauge = engine.gauges.get(agent.id)
    if gauge is None or gauge.context is None or not gauge.context.window:
        return None
    return max(0.0, 1 - gauge.context.used / gauge.context.window)
