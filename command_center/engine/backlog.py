"""What becomes of intents for tasks: decided at once; the work follows in the dispatcher."""

import re
import secrets
from typing import assert_never

from msgspec.structs import replace

from command_center.domain import events as ev, task_events as tev, task_intents as want
from command_center.domain.errors import IntentError
from command_center.domain.model import Agent, Delivery, Repo
from command_center.domain.task_life import circle, unmet
from command_center.domain.tasks import Brief, Life, Task
from command_center.domain.text import one_line, plain
from command_center.drivers.git import open_repository
from command_center.engine.checker import Checker
from command_center.engine.core import Engine
from command_center.engine.dispatcher import Dispatcher, worker_problem
from command_center.engine.preparer import assignment

MODES = ("manual", "confirm", "automatic")
LONGEST_TITLE = 120
LONGEST_REASON = 20_000
"""Characters; what a reviewer found goes on as it stands."""
_UNTYPED = (Delivery.QUEUED, Delivery.HELD)
_PLACE = re.compile(r"#(\d{1,6})")


class Backlog:
    def __init__(self, engine: Engine, dispatcher: Dispatcher, checker: Checker) -> None:
        self._engine = engine
        self._checker = checker
        self._dispatcher = dispatcher

    async def take(self, intent: want.TaskIntent, taken: ev.IntentTaken, by: str) -> None:
        """Raises IntentError, GitError; then nothing was recorded."""
        if isinstance(intent, want.AddTasks):
            await self._add(intent, taken, by)
            return
        if isinstance(intent, want.SetDispatch):
            if intent.mode not in MODES:
                raise IntentError(f"mode {intent.mode!r}: use {', '.join(MODES)}")
            done = ev.IntentDone(taken.intent, text=intent.mode)
            self._engine.record(taken, tev.DispatchSet(intent.mode), done)
            return
        task = self._engine.fleet.tasks.get(intent.task)
        if task is None:
            raise IntentError(f"no task '{intent.task}'; `acc task list` shows them")
        if task.life.is_over:
            raise IntentError(f"{task.id} is {task.life} already")
        if isinstance(intent, want.ApproveTask):
            events = await self._approved(task, by)
        elif isinstance(intent, want.AssignTask):
            events = await self._assigned(intent, task)
        else:
            events = self._decided(intent, task, by)
        self._engine.record(taken, *events, ev.IntentDone(taken.intent, task.agent, task.id))

    async def _add(self, intent: want.AddTasks, taken: ev.IntentTaken, by: str) -> None:
        if not intent.briefs:
            raise IntentError("no tasks were given")
        repo = await open_repository(intent.repo) if intent.repo else None
        first = 1 + max((task.number for task in self._engine.fleet.tasks.values()), default=0)
        ids = [f"T{first + place}" for place in range(len(intent.briefs))]
        briefs = [self._checked(brief, repo, ids) for brief in intent.briefs]
        needs = {task.id: task.brief.needs for task in self._engine.fleet.tasks.values()}
        needs |= {name: brief.needs for name, brief in zip(ids, briefs, strict=True)}
        if found := circle(needs):
            raise IntentError(f"{' needs '.join([*found, found[0]])}: nothing of it could start")
        known = self._engine.fleet.repos
        events: list[ev.Event] = [taken]
        if repo is not None and repo.id not in known:
            events.append(ev.RepositoryAdded(repo))
        for name, brief in zip(ids, briefs, strict=True):
            events.append(tev.TaskAdded(name, brief, by, intent.is_queued, taken.intent))
        self._engine.record(*events, ev.IntentDone(taken.intent, text=" ".join(ids)))

    def _checked(self, brief: Brief, repo: Repo | None, ids: list[str]) -> Brief:
        """With its needs as ids. Raises IntentError."""
        title = one_line(brief.title, LONGEST_TITLE)
        if not title:
            raise IntentError("a task needs a title")
        if "\0" in brief.prompt:
            raise IntentError(f"{title}: its prompt holds a NUL byte, which no program takes")
        place = brief.repo or (repo.id if repo else "")
        if not place or (place not in self._engine.fleet.repos and (not repo or place != repo.id)):
            raise IntentError(f"{title}: no repository; run this inside one, or name it")
        if brief.spec:
            self._engine.catalog(repo).spec(brief.spec)
        needs = tuple(self._need(title, need, ids) for need in brief.needs)
        return replace(brief, title=title, repo=place, needs=tuple(dict.fromkeys(needs)))

    def _need(self, title: str, need: str, ids: list[str]) -> str:
        if found := _PLACE.fullmatch(need):
            place = int(found[1])
            if 1 <= place <= len(ids):
                return ids[place - 1]
        elif need in ids or need in self._engine.fleet.tasks:
            return need
        raise IntentError(f"{title}: needs {need!r}, and there is no such task")

    def _decided(
        self,
        intent: (
            want.ReviseTask | want.QueueTask | want.ReturnTask | want.FailTask | want.DiscardTask
        ),
        task: Task,
        by: str,
    ) -> list[ev.Event]:
        match intent:
            case want.ReviseTask():
                return [self._revised(intent, task)]
            case want.QueueTask():
                reason = f"taken back by {by}" if task.agent else ""
                return [*self._dropped(task), tev.TaskQueued(task.id, reason)]
            case want.ReturnTask():
                return self._returned(intent, task)
            case want.FailTask():
                return self._failed(intent, task)
            case want.DiscardTask():
                return [*self._dropped(task), tev.TaskDiscarded(task.id)]
            case _:
                assert_never(intent)

    def _revised(self, intent: want.ReviseTask, task: Task) -> ev.Event:
        if task.life not in (Life.DRAFT, Life.QUEUED):
            raise IntentError(f"{task.id} is {task.life}; only a draft or queued one is revised")
        brief = replace(intent.brief, repo=intent.brief.repo or task.brief.repo)
        brief = self._checked(brief, None, [])
        needs = {t.id: t.brief.needs for t in self._engine.fleet.tasks.values()}
        if found := circle(needs | {task.id: brief.needs}):
            raise IntentError(f"{' needs '.join([*found, found[0]])}: nothing of it could start")
        return tev.TaskRevised(task.id, brief)

    async def _approved(self, task: Task, by: str) -> list[ev.Event]:
        if task.life is Life.REVIEW:
            return [tev.TaskAccepted(task.id)]
        if task.life is not Life.CHECK:
            raise IntentError(f"{task.id} is {task.life}; there is nothing to approve yet")
        return [await self._checker.passed(task, by)]

    async def _assigned(self, intent: want.AssignTask, task: Task) -> list[ev.Event]:
        if task.life not in (Life.DRAFT, Life.QUEUED):
            raise IntentError(f"{task.id} is {task.life}; take it back first")
        tasks = self._engine.fleet.tasks
        if missing := unmet(task, tasks):
            raise IntentError(f"{task.id} waits for {', '.join(missing)}")
        if not intent.agent:
            return await self._dispatcher.chosen(task)
        agent = self._engine.fleet.named(intent.agent)
        if agent is None:
            raise IntentError(f"no agent '{intent.agent}'; `acc list` shows them")
        if problem := worker_problem(self._engine, agent) or _elsewhere(task, agent):
            raise IntentError(problem)
        return [assignment(task, agent.id, "you chose it")]

    def _returned(self, intent: want.ReturnTask, task: Task) -> list[ev.Event]:
        agent = self._engine.fleet.agents.get(task.agent)
        is_there = task.life in (Life.CHECK, Life.RUNNING, Life.REVIEW) or task.is_held
        if not is_there or agent is None:
            raise IntentError(f"{task.id} is {task.life}; it has no agent to go back to")
        if agent.order.branch != task.branch:
            raise IntentError(f"{agent.name} has gone on to other work; queue {task.id} again")
        if not intent.text.strip() or "\0" in intent.text:
            raise IntentError("say what is to be done; a NUL byte is not taken")
        prompt = secrets.token_hex(4)
        return [
            ev.PromptQueued(agent.id, prompt, intent.text),
            tev.TaskReturned(task.id, prompt, "you sent it back", is_free=True),
        ]

    def _failed(self, intent: want.FailTask, task: Task) -> list[ev.Event]:
        if not intent.text.strip():
            raise IntentError("say what is wrong")
        reason = plain(intent.text)[:LONGEST_REASON]
        return [*self._dropped(task), tev.TaskFailed(task.id, reason)]

    def _dropped(self, task: Task) -> list[ev.Event]:
        """Its prompt is taken back if it was not typed yet."""
        agent = self._engine.fleet.agents.get(task.agent)
        receipt = agent.receipt(task.prompt) if agent else None
        if agent is None or receipt is None or receipt.delivery not in _UNTYPED:
            return []
        return [ev.PromptDropped(agent.id, receipt.id, f"{task.id} was taken from it")]


def _elsewhere(task: Task, agent: Agent) -> str:
    if agent.order.repo == task.brief.repo:
        return ""
    return f"{agent.name} works on another repository than {task.id}"
