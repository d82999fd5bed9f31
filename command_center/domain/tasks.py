"""Tasks: macro actions that wait for an agent, run on one, and are checked before they are done."""

from enum import StrEnum

from msgspec import Struct

LONGEST_OUTPUT = 4000
"""Characters that are kept of the end of what a done-check printed."""


class TaskKind(StrEnum):
    FEATURE = "feature"
    BUGFIX = "bugfix"
    RESEARCH = "research"
    PLAN = "plan"
    REVIEW = "review"
    EXPERIMENT = "experiment"
    CHORE = "chore"

    @property
    def is_question(self) -> bool:
        """Whether an answer, not a branch, is what it brings."""
        return self in (TaskKind.RESEARCH, TaskKind.PLAN, TaskKind.REVIEW)


class Life(StrEnum):
    """How far a task has come, in this order."""

    DRAFT = "draft"
    QUEUED = "queued"
    ASSIGNED = "assigned"
    RUNNING = "running"
    CHECK = "check"
    REVIEW = "review"
    MERGED = "merged"
    ANSWERED = "answered"
    DISCARDED = "discarded"
    FAILED = "failed"

    @property
    def is_on_agent(self) -> bool:
        """Whether an agent has it."""
        return self in (Life.ASSIGNED, Life.RUNNING, Life.CHECK)

    @property
    def is_done(self) -> bool:
        """Whether what needs it may start: its done-check was passed."""
        return self in (Life.REVIEW, Life.MERGED, Life.ANSWERED)

    @property
    def is_over(self) -> bool:
        return self in (Life.MERGED, Life.ANSWERED, Life.DISCARDED, Life.FAILED)


class Judge(StrEnum):
    """Who says that a task is done."""

    COMMAND = "command"
    REVIEW = "review"
    USER = "user"


class Check(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How we know that a task is done, once its agent says so."""

    judge: Judge = Judge.USER
    command: tuple[str, ...] = ()
    """Run in the agent's worktree, without a shell; exit status 0 passes."""
    seconds: float = 600.0
    """Until the command is killed, which counts as a failure."""
    returns: int = 2
    """How often a failure goes back to the agent before it goes to the user."""


class Conversation(StrEnum):
    """What the agent that takes a task remembers."""

    FRESH = "fresh"
    KEPT = "kept"


class Allowance(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a task may cost; 0 is no limit."""

    money: float = 0.0
    """US dollars at API prices."""
    tokens: int = 0
    minutes: float = 0.0
    """From its start to its done-check."""


class Brief(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a task asks for, as its maker gave it."""

    title: str
    repo: str = ""
    """Id of the repository."""
    prompt: str = ""
    """What the agent is told; empty: the title."""
    kind: TaskKind = TaskKind.FEATURE
    check: Check = Check()
    allowance: Allowance = Allowance()
    touches: tuple[str, ...] = ()
    """Path patterns of what it will change, relative to the repository."""
    needs: tuple[str, ...] = ()
    """Ids of the tasks that must be done before."""
    priority: int = 0
    """The higher, the sooner."""
    tags: tuple[str, ...] = ()
    spec: str = ""
    """Wanted agent spec; empty: any."""
    niche: str = ""
    """Wanted kind of model, such as `frontier`; empty: any."""
    conversation: Conversation = Conversation.FRESH
    reviews: str = ""
    """Id of the task whose work it judges; its own outcome decides that one's check."""
    base: str = ""
    """Ref it starts from; empty: what it needs, else the repository's HEAD."""
    run: str = ""
    """Of an experiment: a template of runs, or a command with its words quoted as for a shell."""

    @property
    def words(self) -> str:
        return self.prompt or self.title


class Task(Struct, frozen=True):
    """One macro action and how far it has come."""

    id: str
    """`T` and a number, counted through the whole log."""
    brief: Brief
    created_at: float
    by: str = ""
    """Who made it: `dashboard`, `cli`, `planner`, or an agent's id."""
    life: Life = Life.DRAFT
    since: float = 0.0
    reason: str = ""
    """Why it is where it is: why this agent, why it waits, why it failed."""
    agent: str = ""
    """The agent that is at work on it, or was last."""
    prompt: str = ""
    """Receipt id of the prompt that is under way."""
    branch: str = ""
    base_commit: str = ""
    started_at: float = 0.0
    """When its first prompt was accepted; 0 before."""
    ended_at: float = 0.0
    """When its done-check was passed, or it was given up; 0 before."""
    returns: int = 0
    """How often a failed check went back to the agent."""
    output: str = ""
    """The end of what its last done-check printed; untrusted."""
    files: tuple[str, ...] = ()
    """What its branch changes, once its check was passed."""
    is_held: bool = False
    """Whether it waits for a decision of the user; `reason` says which."""
    proposed: str = ""
    """Agent id, or `new SPEC`, that the dispatcher would give it to."""
    runs: tuple[str, ...] = ()
    """Ids of the runs that are its experiment, the oldest first."""
    is_measuring: bool = False
    """Whether their end is awaited."""

    @property
    def takes_agent(self) -> bool:
        """Whether its agent can take no other; one that waits for the user lets it go."""
        runs_alone = self.is_measuring and not self.agent
        return self.life.is_on_agent and not self.is_held and not runs_alone

    @property
    def number(self) -> int:
        return int(self.id[1:])
