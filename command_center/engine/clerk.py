"""Decides what becomes of the calls that agents make through our MCP server."""

import secrets
from collections import defaultdict, deque
from typing import assert_never

from command_center.domain import board_events as bev, events as ev, task_events as tev, tools
from command_center.domain.asks import Kind, Question
from command_center.domain.board import clashes, fenced, standing, tidied
from command_center.domain.errors import IntentError
from command_center.domain.intents import Call
from command_center.domain.model import Agent
from command_center.domain.placement import RUNS_ALONE, in_turn, misfit
from command_center.domain.pleas import PleaEnded, PleaMade
from command_center.domain.scopes import Scope
from command_center.domain.task_intents import AddTasks
from command_center.domain.task_life import on_agent, unmet
from command_center.domain.tasks import Brief, Task
from command_center.domain.text import one_line, plain
from command_center.domain.workers import why_not_taking
from command_center.engine.backlog import Backlog
from command_center.engine.checker import Checker
from command_center.engine.core import Engine
from command_center.engine.dispatcher import worker_of
from command_center.engine.preparer import assignment
from command_center.engine.run_desk import RunDesk

PACE_SECONDS = 600.0
PACE = {Scope.REPORT: 60, Scope.BOARD: 30, Scope.MESSAGE: 10, Scope.PROPOSE: 20, Scope.HAND_OFF: 10}
USUAL_PACE = 40
"""Calls of one agent within PACE_SECONDS, by their scope."""
LONGEST_LINE = 400


class Clerk:
    def __init__(self, engine: Engine, backlog: Backlog, checker: Checker, runs: RunDesk) -> None:
        self._engine = engine
        self._backlog = backlog
        self._checker = checker
        self._runs = runs
        self._calls: defaultdict[tuple[str, Scope], deque[float]] = defaultdict(deque)
        self._open: dict[str, str] = {}
        """Questions for which somebody waits, by the agent that asks."""
        self._note_open()

    def tick(self) -> None:
        """Tell those who wait for an answer that there will be none."""
        fleet = self._engine.fleet
        for name, plea in list(self._open.items()):
            agent = fleet.agents.get(name)
            if agent is not None and agent.plea is not None and agent.plea.id == plea:
                continue
            del self._open[name]
            if plea not in fleet.answers:
                reason = "nobody answered; the turn that asked is over"
                self._engine.record(ev.IntentRefused(plea, reason, name))

    def _note_open(self) -> None:
        agents = self._engine.fleet.agents.values()
        self._open |= {agent.id: agent.plea.id for agent in agents if agent.plea is not None}

    async def take(self, intent: Call, taken: ev.IntentTaken, by: str) -> None:
        """Raises IntentError, GitError; then nothing was recorded."""
        agent, call = self._caller(intent, by), intent.call
        match call:
            case tools.AskUser():
                self._ask(call, agent, taken)
            case tools.ProposeTask():
                await self._propose(call, agent, taken)
            case tools.HandOff():
                await self._hand_off(call, agent, taken)
            case tools.StartRun():
                await self._runs.start(call, agent, taken)
            case tools.CancelRun():
                await self._runs.cancel(call, agent, taken)
            case _:
                text, events = await self._decided(call, agent)
                done = ev.IntentDone(taken.intent, agent.id, text)
                self._engine.record(taken, *events, done)

    def _caller(self, intent: Call, by: str) -> Agent:
        """Raises IntentError unless the agent runs, and may do that now."""
        agent = self._engine.fleet.agents.get(by)
        if agent is None or agent.launch != intent.launch or not agent.has_process:
            raise IntentError("only an agent that runs here now can call this")
        scope = tools.SCOPE_OF[type(intent.call)]
        if scope not in self._engine.scopes_of(agent):
            raise IntentError(f"the user has not given you the scope '{scope}'")
        now, calls = self._engine.clock(), self._calls[agent.id, scope]
        while calls and calls[0] < now - PACE_SECONDS:
            calls.popleft()
        if len(calls) >= PACE.get(scope, USUAL_PACE):
            raise IntentError(f"too often: {len(calls)} times in {PACE_SECONDS / 60:.0f} minutes")
        calls.append(now)
        return agent

    async def _decided(self, call: tools.Acting, agent: Agent) -> tuple[str, list[ev.Event]]:
        """What the agent is told, and what happened."""
        match call:
            case tools.ReportProgress():
                text = one_line(call.text, LONGEST_LINE)
                return "told", [bev.ProgressReported(agent.id, text, call.percent)]
            case tools.PostBoard():
                return "posted", [bev.NotePosted(agent.id, agent.name, plain(call.text))]
            case tools.WithdrawQuestion():
                return "withdrawn", [PleaEnded(agent.id, call.question)]
            case tools.ReservePaths():
                return self._reserve(call, agent)
            case tools.ReleasePaths():
                return self._release(call, agent)
            case tools.SendMessage():
                return self._message(call, agent)
            case tools.ClaimTask():
                return self._claim(call, agent)
            case tools.GiveVerdict():
                return await self._judge(call, agent)
            case (
                tools.AskUser()
                | tools.ProposeTask()
                | tools.HandOff()
                | tools.StartRun()
                | tools.CancelRun()
            ):
                raise AssertionError("these record for themselves")
            case _:
                assert_never(call)

    def _ask(self, call: tools.AskUser, agent: Agent, taken: ev.IntentTaken) -> None:
        if agent.plea is not None:
            raise IntentError("your last question is still open; one at a time")
        asked = Question(
            taken.intent,
            Kind.QUESTION,
            plain(call.question),
            self._engine.clock(),
            choices=tuple(one_line(words) for words in call.choices),
            is_told=True,
        )
        self._engine.record(taken, PleaMade(agent.id, agent.launch, asked))
        self._note_open()

    async def _propose(self, call: tools.ProposeTask, agent: Agent, taken: ev.IntentTaken) -> None:
        brief = Brief(
            title=one_line(call.title),
            repo=agent.order.repo,
            prompt=plain(call.prompt),
            kind=call.kind,
            touches=tuple(map(_tidied, call.touches)),
            needs=call.needs,
        )
        await self._backlog.take(AddTasks((brief,), is_queued=False), taken, agent.id)

    async def _hand_off(self, call: tools.HandOff, agent: Agent, taken: ev.IntentTaken) -> None:
        """Queued, and given to `to` at once where that one is named and may take it."""
        fleet = self._engine.fleet
        to = self._other(call.to, agent) if call.to else None
        if to is not None and (problem := why_not_taking(fleet, to)):
            raise IntentError(f"{problem}; leave `to` empty, and whoever fits gets it")
        if to is not None and to.order.repo != agent.order.repo:
            raise IntentError(f"{to.name} works on another repository")
        label = f"{agent.name} ({agent.id}) hands this work over, from branch {agent.order.branch}."
        brief = Brief(
            title=one_line(call.title),
            repo=agent.order.repo,
            prompt=fenced(plain(call.context), label, secrets.token_hex(4)),
            base=f"refs/heads/{agent.order.branch}",
        )
        await self._backlog.take(AddTasks((brief,)), taken, agent.id)
        made = self._engine.fleet.tasks[self._engine.fleet.answers[taken.intent].text]
        if to is not None:
            self._engine.record(assignment(made, to.id, f"{agent.name} handed it to it"))

    def _claim(self, call: tools.ClaimTask, agent: Agent) -> tuple[str, list[ev.Event]]:
        if problem := why_not_taking(self._engine.fleet, agent):
            raise IntentError(problem)
        task = self._claimable(call.task, agent)
        told = f"{task.id} is yours: {task.brief.title}. End your turn, and you are told the rest."
        return told, [assignment(task, agent.id, f"{agent.name} claimed it")]

    def _claimable(self, wanted: str, agent: Agent) -> Task:
        """The first queued task that fits the agent, or the wanted one."""
        tasks, worker = self._engine.fleet.tasks, worker_of(self._engine, agent)
        why = f"no task '{one_line(wanted, 20)}' is queued" if wanted else "no task is queued"
        for task in in_turn(tasks):
            if wanted in ("", task.id):
                missing = unmet(task, tasks)
                why = f"waits for {', '.join(missing)}" if missing else misfit(task, worker)
                why = RUNS_ALONE if task.brief.run else why
                if not why:
                    return task
                why = f"{task.id}: {why}"
        raise IntentError(why)

    async def _judge(self, call: tools.GiveVerdict, agent: Agent) -> tuple[str, list[ev.Event]]:
        review = on_agent(self._engine.fleet.tasks.values(), agent.id)
        if review is None or not review.brief.reviews:
            raise IntentError("you are not working on a review task")
        remarks = plain(call.remarks)
        told = f"{review.id}: told"
        if call.passes:
            return told, [await self._checker.passed(review, agent.id, remarks)]
        if not remarks.strip():
            raise IntentError("say what is wrong, each fault with its place")
        return told, [tev.TaskFailed(review.id, remarks)]

    def _reserve(self, call: tools.ReservePaths, agent: Agent) -> tuple[str, list[ev.Event]]:
        fleet, wanted = self._engine.fleet, [_tidied(path) for path in call.paths]
        kept = fleet.board.reservations.get(agent.id)
        for held in standing(fleet.board, fleet.agents):
            if held.agent == agent.id or held.repo != agent.order.repo:
                continue
            for one, other in clashes(wanted, held.patterns):
                why = f" ({held.reason})" if held.reason else ""
                name = fleet.agents[held.agent].name
                raise IntentError(f"{one}: {name} has reserved {other}{why}; nothing was reserved")
        mine = kept.patterns if kept is not None and kept.launch == agent.launch else ()
        patterns = tuple(dict.fromkeys((*mine, *wanted)))
        if len(patterns) > tools.MOST_PATHS:
            raise IntentError(f"{len(patterns)} patterns are too many; release some first")
        reason = one_line(call.reason) or (kept.reason if kept and mine else "")
        told = f"reserved for you: {', '.join(patterns)}"
        return told, [self._holding(agent, patterns, reason)]

    def _release(self, call: tools.ReleasePaths, agent: Agent) -> tuple[str, list[ev.Event]]:
        held = self._engine.fleet.board.reservations.get(agent.id)
        gone = {_tidied(path) for path in call.paths}
        kept = tuple(p for p in held.patterns if p not in gone) if held and gone else ()
        told = f"still reserved for you: {', '.join(kept)}" if kept else "nothing is reserved now"
        return told, [self._holding(agent, kept, held.reason if held else "")]

    def _holding(self, agent: Agent, patterns: tuple[str, ...], reason: str) -> bev.PathsReserved:
        return bev.PathsReserved(agent.id, agent.launch, agent.order.repo, patterns, reason)

    def _message(self, call: tools.SendMessage, agent: Agent) -> tuple[str, list[ev.Event]]:
        to, text = self._other(call.to, agent), plain(call.text)
        spec = self._engine.spec_or_none(to)
        if not to.has_process or spec is None or not spec.prompt.takes_prompts:
            raise IntentError(f"{to.name} cannot be told anything now: it is {to.state}")
        prompt = secrets.token_hex(4)
        words = fenced(text, f"Message from agent {agent.name} ({agent.id}).", secrets.token_hex(4))
        return f"{to.name} gets it when it is idle", [
            ev.PromptQueued(to.id, prompt, words, by=agent.id),
            bev.NotePosted(agent.id, agent.name, text, to=to.id),
        ]

    def _other(self, name: str, agent: Agent) -> Agent:
        found = self._engine.fleet.named(name)
        if found is None or found.id == agent.id:
            raise IntentError(f"no other agent '{one_line(name, 40)}'; list_fleet names them")
        return found


def _tidied(pattern: str) -> str:
    try:
        return tidied(pattern)
    except ValueError as error:
        raise IntentError(str(error)) from None
