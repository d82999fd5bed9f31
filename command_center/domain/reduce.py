"""The next fleet after an event: pure, total, and the only place state changes."""

from collections.abc import Iterable
from typing import TypeAlias, assert_never

from msgspec.structs import replace

from command_center.domain import events as ev
from command_center.domain.board_events import boarded, without
from command_center.domain.budget_events import budget_words, budgeted
from command_center.domain.budgets import AGENT
from command_center.domain.limit_events import came_back
from command_center.domain.model import (
    Agent,
    Answer,
    Delivery,
    Fleet,
    Notice,
    Phase,
    Receipt,
    Removal,
)
from command_center.domain.pleas import pleaded
from command_center.domain.questions import questioned
from command_center.domain.receipts import prompted
from command_center.domain.run_events import RunEvent
from command_center.domain.run_life import ran
from command_center.domain.search_events import SearchEvent, searched
from command_center.domain.sights import settled, sighted
from command_center.domain.task_events import TaskEvent
from command_center.domain.task_life import tasked

KEPT_ANSWERS = 200
KEPT_NOTICES = 50
_Step: TypeAlias = (
    ev.WorktreeAdded
    | ev.ResumeIntended
    | ev.PaneOpened
    | ev.StopIntended
    | ev.AgentParked
    | ev.RemovalIntended
)


def replay(records: Iterable[ev.Record], fleet: Fleet | None = None) -> Fleet:
    fleet = fleet or Fleet()
    for record in records:
        fleet = reduce(fleet, record)
    return fleet


def reduce(fleet: Fleet, record: ev.Record) -> Fleet:
    event = record.event
    if isinstance(event, ev.HouseEvent):
        fleet = _house(fleet, event, record)
    elif isinstance(event, ev.LifeEvent):
        fleet = _life(fleet, event, record)
    elif isinstance(event, TaskEvent):
        fleet = replace(fleet, tasks=tasked(fleet.tasks, event, record.at))
    elif isinstance(event, RunEvent):
        fleet = replace(fleet, runs=ran(fleet.runs, event, record.at))
    elif isinstance(event, SearchEvent):
        fleet = replace(fleet, searches=searched(fleet.searches, event))
    elif isinstance(event, ev.BudgetEvent):
        fleet = _budgeted(fleet, event, record)
    elif isinstance(event, ev.BoardEvent):
        fleet = replace(fleet, board=boarded(fleet.board, event, record.at))
    elif (agent := fleet.agents.get(event.agent)) is not None:
        if isinstance(event, ev.SightEvent):
            fleet = _with(fleet, sighted(agent, event, record.at))
        elif isinstance(event, ev.ComebackEvent):
            known = replace(agent, comebacks=came_back(agent.comebacks, event, record.at))
            fleet = _with(fleet, settled(known, record.at))
        elif isinstance(event, ev.PleaEvent):
            fleet = _with(fleet, settled(pleaded(agent, event), record.at))
        elif isinstance(event, ev.QuestionEvent):
            fleet = _with(fleet, questioned(agent, event))
        else:
            fleet = _with(fleet, prompted(agent, event, record.at))
    return replace(fleet, seq=record.seq)


def _with(fleet: Fleet, agent: Agent) -> Fleet:
    if fleet.agents.get(agent.id) is agent:
        return fleet
    return replace(fleet, agents={**fleet.agents, agent.id: agent})


def _without(fleet: Fleet, agent: str) -> Fleet:
    return replace(fleet, agents={k: v for k, v in fleet.agents.items() if k != agent})


def _noticed(fleet: Fleet, record: ev.Record, text: str, agent: str, is_problem: bool) -> Fleet:
    notice = Notice(record.seq, record.at, text, agent, is_problem)
    return replace(fleet, notices=(*fleet.notices, notice)[-KEPT_NOTICES:])


def _answered(fleet: Fleet, answer: Answer) -> Fleet:
    kept = list(fleet.answers.items())[-KEPT_ANSWERS + 1 :]
    fleet = replace(fleet, answers={**dict(kept), answer.intent: answer})
    agent = fleet.agents.get(answer.agent)
    if agent is not None and agent.intent == answer.intent:
        return _with(fleet, replace(agent, intent=""))
    return fleet


def _budgeted(fleet: Fleet, event: ev.BudgetEvent, record: ev.Record) -> Fleet:
    budget = budgeted(fleet.budgets.get(event.scope), event, record.at)
    if budget is None:
        return fleet
    subject = fleet.agents.get(event.scope.removeprefix(AGENT))
    text, is_problem = budget_words(event, subject.name if subject else "")
    if text:
        fleet = _noticed(fleet, record, text, subject.id if subject else "", is_problem)
    return replace(fleet, budgets={**fleet.budgets, event.scope: budget})


def _house(fleet: Fleet, event: ev.HouseEvent, record: ev.Record) -> Fleet:
    match event:
        case ev.SupervisorStarted():
            return replace(fleet, supervisor=event.pid)
        case ev.SupervisorStopped():
            return replace(fleet, supervisor=0)
        case ev.RepositoryAdded():
            return replace(fleet, repos={**fleet.repos, event.repo.id: event.repo})
        case ev.IntentTaken():
            return fleet
        case ev.IntentDone():
            return _answered(fleet, Answer(event.intent, record.at, False, event.text, event.agent))
        case ev.IntentRefused():
            refusal = Answer(event.intent, record.at, True, event.reason, event.agent)
            return _answered(fleet, refusal)
        case ev.Noticed():
            return _noticed(fleet, record, event.text, event.agent, event.is_problem)
        case ev.DispatchSet():
            return replace(fleet, dispatch=event.mode)
        case ev.ExecutorMeasured():
            return replace(fleet, sites={**fleet.sites, event.name: event.site})
        case _:
            assert_never(event)


def _life(fleet: Fleet, event: ev.LifeEvent, record: ev.Record) -> Fleet:
    match event:
        case ev.LaunchIntended():
            return _with(fleet, _launching(event, record.at))
        case ev.AgentAdopted():
            return _with(fleet, settled(event.agent, record.at))
        case ev.RemovalUndone():
            return _brought_back(fleet, event, record.at)
        case ev.UndoIntended():
            return _with_removal(fleet, event.agent, event.intent)
        case ev.UndoFailed():
            return _with_removal(fleet, event.agent, "")
        case _:
            pass
    agent = fleet.agents.get(event.agent)
    if agent is None:
        return fleet
    match event:
        case ev.LaunchFailed():
            fleet = _noticed(fleet, record, event.problem, agent.name, True)
            return _failed(fleet, agent, event, record.at)
        case ev.AgentRemoved():
            return _removed(fleet, agent, event, record.at)
        case ev.RemovalRefused():
            return _with(fleet, replace(agent, is_being_removed=False))
        case _:
            return _with(fleet, settled(_stepped(agent, event), record.at))


def _launching(event: ev.LaunchIntended, at: float) -> Agent:
    receipts: tuple[Receipt, ...] = ()
    if event.prompt:
        receipts = (Receipt(event.prompt, event.order.prompt, at, Delivery.QUEUED, at),)
    agent = Agent(
        id=event.agent,
        name=event.name,
        order=event.order,
        created_at=at,
        launch=event.launch,
        session=event.session,
        receipts=receipts,
        since=at,
        intent=event.intent,
    )
    return settled(agent, at)


def _failed(fleet: Fleet, agent: Agent, event: ev.LaunchFailed, at: float) -> Fleet:
    if not event.was_resume:
        return _without(fleet, agent.id)
    failed = replace(agent, phase=Phase.EXITED, reason=event.problem)
    return _with(fleet, settled(failed, at))


def _removed(fleet: Fleet, agent: Agent, event: ev.AgentRemoved, at: float) -> Fleet:
    rest = replace(agent, is_being_removed=False, intent="")
    removals = {**fleet.removals, agent.id: Removal(rest, event.trashed, at)}
    fleet = replace(fleet, removals=removals, board=without(fleet.board, agent.id))
    return _without(fleet, agent.id)


def _stepped(agent: Agent, event: _Step) -> Agent:
    match event:
        case ev.WorktreeAdded():
            return replace(agent, base_commit=event.commit, notes=event.notes)
        case ev.ResumeIntended():
            return replace(
                agent,
                phase=Phase.LAUNCHING,
                launch=event.launch,
                incarnation=agent.incarnation + 1,
                pane="",
                pid=0,
                pid_start="",
                claims=(),
                is_unseen=False,
                intent=event.intent,
            )
        case ev.PaneOpened():
            if event.launch != agent.launch or agent.phase is not Phase.LAUNCHING:
                return agent
            return replace(agent, phase=Phase.LIVE, pane=event.pane)
        case ev.StopIntended():
            return replace(agent, phase=Phase.STOPPING, intent=event.intent)
        case ev.AgentParked():
            return replace(agent, phase=Phase.PARKED, pane="", pid=0, pid_start="", claims=())
        case ev.RemovalIntended():
            return replace(
                agent,
                is_being_removed=True,
                intent=event.intent,
                keeps_branch=event.keeps_branch,
            )
        case _:
            assert_never(event)


def _with_removal(fleet: Fleet, agent: str, intent: str) -> Fleet:
    removal = fleet.removals.get(agent)
    if removal is None:
        return fleet
    return replace(fleet, removals={**fleet.removals, agent: replace(removal, intent=intent)})


def _brought_back(fleet: Fleet, event: ev.RemovalUndone, at: float) -> Fleet:
    removal = fleet.removals.get(event.agent)
    if removal is None:
        return fleet
    removals = {k: v for k, v in fleet.removals.items() if k != event.agent}
    agent = replace(removal.agent, phase=Phase.PARKED, pane="", pid=0, pid_start="", claims=())
    return _with(replace(fleet, removals=removals), settled(agent, at))
