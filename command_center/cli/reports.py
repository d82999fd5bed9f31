"""What `--json` prints: one object per line, `kind` says which. `docs/cli.md` shows each.

A field may be added; none is renamed or removed. Times are Unix seconds.
"""

from msgspec import UNSET, Struct, UnsetType

from command_center.domain.asks import Kind, Question
from command_center.domain.budgets import Level
from command_center.domain.model import Agent, Claim, Delivery, Diff, Fleet, Receipt, Source, State
from command_center.domain.task_life import on_agent


class Report(Struct, frozen=True, tag_field="kind"):
    pass


class Spending(Struct, frozen=True):
    """Tokens by disjoint kinds; `reasoning` is a part of `output`."""

    messages: int
    input: int
    output: int
    cache_read: int
    cache_write: int
    reasoning: int
    total: int
    dollars: float | None
    """At the providers' list prices; null when no price is known."""
    unpriced: tuple[str, ...]
    """Models whose price is unknown: their tokens are not in `dollars`."""
    is_estimate: bool
    """Whether any of it is the CLI's guess."""


class AgentReport(Report, frozen=True, tag="agent"):
    id: str
    name: str
    spec: str
    state: State
    reason: str
    source: Source | None
    since: float
    is_unseen: bool
    is_hidden: bool
    repo: str
    """Root folder of the repository."""
    branch: str
    base: str
    base_commit: str
    worktree: str
    tags: tuple[str, ...]
    task: str
    """First line of the prompt it was launched with."""
    model: str
    mode: str
    pane: str
    pid: int
    session: str
    transcript: str
    created_at: float
    diff: Diff | None
    question: Question | None
    """What it asks now."""
    works_on: str
    """Id of the task that it has from the backlog; empty for none."""
    receipts: tuple[Receipt, ...]
    claims: tuple[Claim, ...]
    notes: tuple[str, ...]
    spent: Spending | UnsetType = UNSET
    """Left out while nothing is known."""
    pace: dict[str, float] | UnsetType = UNSET
    """As domain/pace.py has it; left out while nothing was measured today."""


class AnswerReport(Report, frozen=True, tag="answer", omit_defaults=True):
    """What became of one request; fields that do not apply are left out."""

    asked: str
    """The command: launch, send, answer, stop, resume, remove, undo, tag, task approve, ..."""
    is_refused: bool
    agent: str = ""
    name: str = ""
    text: str = ""
    branch: str = ""
    worktree: str = ""
    intent: str = ""
    delivery: Delivery | None = None
    proof: str = ""
    losses: tuple[str, ...] = ()
    task: str = ""


class QuestionReport(Report, frozen=True, tag="question"):
    agent: str
    name: str
    id: str
    asks: Kind
    text: str
    tool: str
    detail: str
    choices: tuple[str, ...]
    since: float

    @classmethod
    def of(cls, agent: Agent, asked: Question) -> "QuestionReport":
        return cls(
            agent=agent.id,
            name=agent.name,
            id=asked.id,
            asks=asked.kind,
            text=asked.text,
            tool=asked.tool,
            detail=asked.detail,
            choices=asked.choices,
            since=asked.since,
        )


class UsageReport(Report, frozen=True, tag="usage"):
    by: str
    """What `name` is: agent, repo, task, turn, spec, model or day."""
    name: str
    spent: Spending


class BudgetReport(Report, frozen=True, tag="budget"):
    scope: str
    """`day`, `fleet`, `agent:ID` or `task:ID`."""
    name: str
    dollars: float | None
    """The limit; null for none."""
    tokens: int | None
    spent_dollars: float | None
    spent_tokens: int
    unpriced: tuple[str, ...]
    """Models whose price is unknown: their tokens are not in `spent_dollars`."""
    level: Level
    words: str
    blind: str
    """Why it cannot be kept; empty when it can."""
    since: str
    """Local date from which a fleet's spending counts."""
    stops: bool
    by: str
    """Who set it last."""


class RungReport(Report, frozen=True, tag="rung"):
    """One source on the truth ladder, the most trusted first."""

    agent: str
    source: Source
    state: State | None
    """None, and no time, where it has not spoken."""
    at: float
    reason: str
    evidence: str
    is_complete: bool
    verdict: str
    until: float = 0.0
    """When the limit it tells of ends; 0 for none."""


class EventReport(Report, frozen=True, tag="event"):
    seq: int
    at: float
    type: str
    name: str
    """Of the agent, if it is about one."""
    event: dict[str, object]


class Finding(Report, frozen=True, tag="finding"):
    """What `acc doctor` saw."""

    area: str
    level: str
    """ok, note or problem."""
    text: str
    next: str = ""
    """The command to run about it."""


class NoteReport(Report, frozen=True, tag="note"):
    agent: str
    name: str
    at: float
    text: str
    """Written by a model."""
    to: str
    """Name of the agent that a message is for; empty: everybody."""


class ProgressReport(Report, frozen=True, tag="progress"):
    agent: str
    name: str
    at: float
    text: str
    percent: int | None


class ReservationReport(Report, frozen=True, tag="reservation"):
    agent: str
    name: str
    at: float
    repo: str
    """Root folder of the repository."""
    paths: tuple[str, ...]
    reason: str


class TrustReport(Report, frozen=True, tag="trust"):
    folder: str
    hash: str
    files: tuple[str, ...]
    is_trusted: bool


class PeekReport(Report, frozen=True, tag="screen"):
    agent: str
    name: str
    lines: tuple[str, ...]


def agent_report(
    fleet: Fleet,
    agent: Agent,
    spent: Spending | UnsetType = UNSET,
    pace: dict[str, float] | UnsetType = UNSET,
) -> AgentReport:
    order = agent.order
    repo = fleet.repos.get(order.repo)
    return AgentReport(
        id=agent.id,
        name=agent.name,
        spec=order.spec,
        state=agent.state,
        reason=agent.reason,
        source=agent.source,
        since=agent.since,
        is_unseen=agent.is_unseen,
        is_hidden=agent.is_hidden,
        repo=repo.root if repo else order.repo,
        branch=order.branch,
        base=order.base,
        base_commit=agent.base_commit,
        worktree=order.worktree,
        tags=order.tags,
        task=agent.task,
        model=order.model,
        mode=order.mode,
        pane=agent.pane,
        pid=agent.pid,
        session=agent.session,
        transcript=agent.transcript,
        created_at=agent.created_at,
        diff=agent.diff,
        question=agent.asks,
        works_on=task.id if (task := on_agent(fleet.tasks.values(), agent.id)) else "",
        receipts=agent.receipts,
        claims=agent.claims,
        notes=agent.notes,
        spent=spent,
        pace=pace,
    )
