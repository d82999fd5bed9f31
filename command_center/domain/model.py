"""What Command Center knows about the fleet, as frozen values."""

from enum import StrEnum

from msgspec import Struct, field

from command_center.domain.asks import Question
from command_center.domain.board import Board
from command_center.domain.budgets import Budget
from command_center.domain.comebacks import Comebacks
from command_center.domain.runs import Run, Site
from command_center.domain.searches import Search
from command_center.domain.tasks import Task


class State(StrEnum):
    """What an agent is doing, as a person would say it."""

    STARTING = "starting"
    BUSY = "busy"
    WAITING = "waiting"
    IDLE = "idle"
    LIMITED = "limited"
    PARKED = "parked"
    EXITED = "exited"
    LOST = "lost"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """Who says so. Declared from the most to the least trusted: the truth ladder."""

    PROCESS = "process"
    PUBLISHED = "published"
    OSC = "osc7501"
    HOOKS = "hooks"
    TRANSCRIPT = "transcript"
    TITLE = "title"
    SCREEN = "screen"
    TOOLS = "tools"
    """An open question that the agent asked through our own tools; it stands beside the ladder."""


class Phase(StrEnum):
    """How far our own decisions have brought an agent."""

    LAUNCHING = "launching"
    LIVE = "live"
    STOPPING = "stopping"
    PARKED = "parked"
    EXITED = "exited"
    LOST = "lost"


class Claim(Struct, frozen=True):
    """One source's last word about one agent."""

    source: Source
    state: State
    at: float
    """Unix seconds at which the source said it."""
    reason: str = ""
    evidence: str = ""
    """File and offset, event name or screen lines that prove it."""
    is_complete: bool = True
    """Whether the source tells every change; if not, any newer lower word wins."""
    until: float = 0.0
    """Unix seconds at which the limit it tells of ends; 0 when it does not say."""


class Delivery(StrEnum):
    """The life of a prompt."""

    QUEUED = "queued"
    TYPING = "typing"
    TYPED = "typed"
    ACCEPTED = "accepted"
    FINISHED = "finished"
    HELD = "held"
    UNSENT = "unsent"
    DROPPED = "dropped"

    @property
    def is_over(self) -> bool:
        return self in (Delivery.FINISHED, Delivery.UNSENT, Delivery.DROPPED)


class Receipt(Struct, frozen=True):
    """A prompt and the proof of how far it got."""

    id: str
    text: str
    queued_at: float
    delivery: Delivery = Delivery.QUEUED
    changed_at: float = 0.0
    proof: str = ""
    by: str = ""
    """Id of the agent whose message it is; empty: ours or the user's."""


class Diff(Struct, frozen=True):
    """What a worktree holds against its base commit."""

    added: int = 0
    removed: int = 0
    files: int = 0
    uncommitted: int = 0
    """Changed or untracked paths that no commit holds yet."""
    ahead: int = 0
    """Commits since the base."""


class Repo(Struct, frozen=True):
    """A repository that agents work on."""

    id: str
    name: str
    root: str
    """Main checkout, or the bare repository's own folder."""
    common_dir: str
    is_bare: bool = False


class Order(Struct, frozen=True):
    """Everything a launch was asked for: enough to carry it out again after a crash."""

    spec: str
    repo: str
    branch: str
    base: str
    """The ref as given; the commit it meant then is `Agent.base_commit`."""
    worktree: str
    prompt: str = ""
    model: str = ""
    mode: str = ""
    trusts_repo: bool = False
    """The user vouches for the repository, so first-start dialogs may be pre-answered."""
    comes_back: bool = False
    """Whether it is resumed, once, when a limit of its plan has ended."""
    columns: int = 120
    rows: int = 40
    tags: tuple[str, ...] = ()
    scopes: tuple[str, ...] | None = None
    """What it may do through our tools; None: as the settings say."""


class Times(Struct, frozen=True):
    """Seconds of an agent's life that are over, by what it did; the present state comes on top."""

    busy: float = 0.0
    waiting: float = 0.0
    idle: float = 0.0

    def and_also(self, state: State, seconds: float) -> "Times":
        """With what a state took that has ended just now; other states are not kept."""
        spent = max(0.0, seconds)
        return Times(
            self.busy + (spent if state is State.BUSY else 0.0),
            self.waiting + (spent if state is State.WAITING else 0.0),
            self.idle + (spent if state is State.IDLE else 0.0),
        )


class Agent(Struct, frozen=True):
    """One running or parked instance of a spec."""

    id: str
    name: str
    order: Order
    created_at: float
    phase: Phase = Phase.LAUNCHING
    launch: str = ""
    """Id of the present incarnation; words about an older one are ignored."""
    incarnation: int = 1
    """1 for the launch, then one more with every resume."""
    base_commit: str = ""
    """Empty until the worktree stands."""
    pane: str = ""
    pid: int = 0
    pid_start: str = ""
    started_at: float = 0.0
    """Unix seconds at which the process of this incarnation was seen to start."""
    session: str = ""
    """The CLI's own conversation id; empty while unknown."""
    former: tuple[str, ...] = ()
    """Ids of its conversations before that one: what they spent stays its own."""
    session_at: float = 0.0
    """Unix seconds since when it has its present conversation; 0 for its first."""
    transcript: str = ""
    claims: tuple[Claim, ...] = ()
    state: State = State.STARTING
    reason: str = ""
    since: float = 0.0
    times: Times = Times()
    """How long it was busy, waited and idled up to `since`."""
    source: Source | None = None
    comebacks: Comebacks = Comebacks()
    limited_until: float = 0.0
    """Unix seconds at which its limit ends; 0 when there is none or it is not told.

    Stays when that time has come, until it works again or ends: the limit is over, and nothing
    has gone on.
    """
    is_unseen: bool = False
    is_hidden: bool = False
    diff: Diff | None = None
    question: Question | None = None
    """What was asked last; `asks` is what is asked now."""
    plea: Question | None = None
    """What it asks through our tools, until it is answered."""
    receipts: tuple[Receipt, ...] = ()
    """Newest last; of finished ones the last `receipts.KEPT_RECEIPTS`."""
    notes: tuple[str, ...] = ()
    intent: str = ""
    """The intent being carried out on it, to be answered at the end."""
    is_being_removed: bool = False
    keeps_branch: bool = False
    """Whether the removal under way leaves the branch."""

    @property
    def task(self) -> str:
        """First line of the prompt the agent was launched with."""
        return self.order.prompt.strip().partition("\n")[0]

    @property
    def has_process(self) -> bool:
        return self.phase in (Phase.LIVE, Phase.STOPPING)

    @property
    def is_resumable(self) -> bool:
        return self.phase in (Phase.PARKED, Phase.EXITED, Phase.LOST)

    @property
    def asks(self) -> Question | None:
        return self.question if self.state is State.WAITING else None

    def receipt(self, prompt: str) -> Receipt | None:
        return next((r for r in self.receipts if r.id == prompt), None)


class Removal(Struct, frozen=True):
    """An agent that was removed and can be brought back."""

    agent: Agent
    trashed: dict[str, object]
    """The git driver's own record, opaque here."""
    at: float
    intent: str = ""
    """The intent that is bringing it back; empty at rest."""


class Answer(Struct, frozen=True):
    """What became of an intent."""

    intent: str
    at: float
    is_refused: bool = False
    text: str = ""
    agent: str = ""


class Notice(Struct, frozen=True):
    """Something the user should read once."""

    seq: int
    at: float
    text: str
    agent: str = ""
    is_problem: bool = False


class Fleet(Struct, frozen=True):
    """Everything on the screen. Values inside are never mutated; `reduce` makes the next one."""

    seq: int = 0
    agents: dict[str, Agent] = field(default_factory=dict)
    repos: dict[str, Repo] = field(default_factory=dict)
    removals: dict[str, Removal] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    supervisor: int = 0
    """Process id of the last supervisor that started and has not said goodbye; 0 if none."""
    budgets: dict[str, Budget] = field(default_factory=dict)
    """By their scope; `domain/budgets.py` says what scopes there are."""
    tasks: dict[str, Task] = field(default_factory=dict)
    """Every task that was ever made, oldest first."""
    runs: dict[str, Run] = field(default_factory=dict)
    """Every run that was ever queued, oldest first."""
    sites: dict[str, Site] = field(default_factory=dict)
    """Where runs were carried out so far, by the executor's name."""
    searches: dict[str, Search] = field(default_factory=dict)
    """By their names; the newest of each."""
    board: Board = Board()
    dispatch: str = "manual"
    """Who hands out tasks: `manual`, `confirm` or `automatic`."""

    @property
    def names(self) -> frozenset[str]:
        """Of all agents, those in the trash included."""
        removed = (removal.agent for removal in self.removals.values())
        return frozenset(agent.name for agent in (*self.agents.values(), *removed))

    def named(self, name: str) -> Agent | None:
        """The agent with this id or, failing that, this name."""
        by_name = (a for a in self.agents.values() if a.name == name)
        return self.agents.get(name) or next(by_name, None)
