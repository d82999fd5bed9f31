"""What `--json` prints about tasks and where they go; see `reports` for what holds for all."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import UNSET, Struct, UnsetType

from command_center.cli.reports import Report, Spending
from command_center.cli.spending import Spent
from command_center.domain.decisions import held_up
from command_center.domain.model import Fleet
from command_center.domain.task_life import unmet
from command_center.domain.tasks import Brief, Conversation, Judge, Life, Task, TaskKind


class Asked(Struct, frozen=True):
    """What a task asks for."""

    kind: TaskKind
    prompt: str
    """What its agent is told."""
    judge: Judge
    check: tuple[str, ...]
    """The words of the command."""
    check_seconds: float
    returns: int
    touches: tuple[str, ...]
    needs: tuple[str, ...]
    priority: int
    tags: tuple[str, ...]
    spec: str
    niche: str
    conversation: Conversation
    dollars: float | None
    """What it may cost; null for no limit."""
    tokens: int | None
    minutes: float | None
    base: str
    run: str
    """Of an experiment: a template of runs, or a command."""

    @classmethod
    def of(cls, brief: Brief) -> "Asked":
        return cls(
            kind=brief.kind,
            prompt=brief.words,
            judge=brief.check.judge,
            check=brief.check.command,
            check_seconds=brief.check.seconds,
            returns=brief.check.returns,
            touches=brief.touches,
            needs=brief.needs,
            priority=brief.priority,
            tags=brief.tags,
            spec=brief.spec,
            niche=brief.niche,
            conversation=brief.conversation,
            dollars=brief.allowance.money or None,
            tokens=brief.allowance.tokens or None,
            minutes=brief.allowance.minutes or None,
            base=brief.base,
            run=brief.run,
        )


class BriefReport(Report, frozen=True, tag="brief"):
    """A task that would be added. A need `#N` is the N-th of them, from 1."""

    number: int
    title: str
    asked: Asked


class TaskReport(Report, frozen=True, tag="task"):
    id: str
    title: str
    life: Life
    since: float
    is_held: bool
    """Whether it waits for a decision of the user."""
    reason: str
    agent: str
    """Name of the agent at work on it, or of the last one."""
    proposed: str
    """Agent, or `new SPEC`, to which the dispatcher would give it."""
    unmet: tuple[str, ...]
    """What it still waits for."""
    waiting_behind: int
    """How many tasks wait for this one."""
    repo: str
    """Root folder of the repository."""
    branch: str
    base_commit: str
    reviews: str
    by: str
    created_at: float
    started_at: float
    ended_at: float
    returned: int
    """How often a failed check went back to the agent."""
    output: str
    """The end of what its last done-check printed."""
    files: tuple[str, ...]
    runs: tuple[str, ...]
    """Its experiment."""
    asked: Asked
    spent: Spending | UnsetType = UNSET
    """Left out while nothing is known."""


class DispatchReport(Report, frozen=True, tag="dispatch"):
    mode: str


class WorkerReport(Report, frozen=True, tag="worker"):
    """An idle agent."""

    agent: str
    name: str
    spec: str
    idle_since: float
    why_not: str
    """Why it gets no task; empty when it can."""


class PlacementReport(Report, frozen=True, tag="placement"):
    """Where a queued task would go, in the order in which they are served."""

    task: str
    title: str
    agent: str
    """Name of the agent; empty for a new one, or for none."""
    spec: str
    """Of the new agent that would be launched; empty for none."""
    reason: str


def task_reports(
    fleet: Fleet, tasks: Iterable[Task], spent: Mapping[str, Spent] | None = None
) -> Iterator[TaskReport]:
    """`spent` is by the task's id."""
    behind = held_up(fleet.tasks)
    for task in tasks:
        known = (spent or {}).get(task.id)
        yield _task_report(fleet, task, behind[task.id], known.report if known else UNSET)


def _task_report(fleet: Fleet, task: Task, behind: int, spent: Spending | UnsetType) -> TaskReport:
    repo = fleet.repos.get(task.brief.repo)
    return TaskReport(
        id=task.id,
        title=task.brief.title,
        life=task.life,
        since=task.since,
        is_held=task.is_held,
        reason=task.reason,
        agent=agent_name(fleet, task.agent),
        proposed=agent_name(fleet, task.proposed),
        unmet=tuple(unmet(task, fleet.tasks)),
        waiting_behind=behind,
        repo=repo.root if repo else task.brief.repo,
        branch=task.branch,
        base_commit=task.base_commit,
        reviews=task.brief.reviews,
        by=agent_name(fleet, task.by),
        created_at=task.created_at,
        started_at=task.started_at,
        ended_at=task.ended_at,
        returned=task.returns,
        output=task.output,
        files=task.files,
        runs=task.runs,
        asked=Asked.of(task.brief),
        spent=spent,
    )


def agent_name(fleet: Fleet, agent: str) -> str:
    """As people call it; what is no agent of the fleet stays as it is."""
    removal = fleet.removals.get(agent)
    found = fleet.agents.get(agent) or (removal.agent if removal else None)
    return found.name if found else agent
