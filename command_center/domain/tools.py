"""The tools that an agent calls through our MCP server. Docstrings and descriptions are for models.

A call that changes anything travels to the supervisor as the intent `Call`, which holds the tool
with its arguments; one that only reads is answered from the view.
"""

import re
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from command_center.domain.scopes import Scope
from command_center.domain.tasks import TaskKind

LONGEST_TEXT = 20_000
LONGEST_NOTE = 2_000
MOST_CHOICES = 9
MOST_PATHS = 50

Name: TypeAlias = Annotated[str, Meta(max_length=80)]
Path: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


class Tool(
    Struct,
    frozen=True,
    tag_field="tool",
    tag=_snake,
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """Base of every tool; its tag is the name under which a model calls it."""


class ReportProgress(Tool, frozen=True):
    """Tell the user in one line how far you are. Call it at milestones, not at every step."""

    text: Annotated[str, Meta(min_length=1, max_length=400, description="One line.")]
    percent: Annotated[int, Meta(ge=0, le=100)] | None = None


class AskUser(Tool, frozen=True):
    """Ask the user something you cannot decide yourself, and wait for the answer."""

    question: Annotated[str, Meta(min_length=1, max_length=4000)]
    choices: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=200)], ...],
        Meta(max_length=MOST_CHOICES, description="Answers to choose from; empty: any words."),
    ] = ()


class WithdrawQuestion(Tool, frozen=True):
    """Nobody waits for the answer any more."""

    question: Name


class ListFleet(Tool, frozen=True):
    """List the agents and the open tasks of this command center."""


class ProposeTask(Tool, frozen=True):
    """Propose a task. It becomes a draft that the user may queue; nobody works on it before."""

    title: Annotated[str, Meta(min_length=1, max_length=200)]
    prompt: Annotated[
        str,
        Meta(max_length=LONGEST_TEXT, description="All that whoever does it has to know."),
    ] = ""
    kind: TaskKind = TaskKind.FEATURE
    touches: Annotated[
        tuple[Path, ...],
        Meta(max_length=MOST_PATHS, description="Path patterns of what it will change."),
    ] = ()
    needs: Annotated[
        tuple[Name, ...], Meta(max_length=20, description="Ids of tasks to be done before.")
    ] = ()


class ClaimTask(Tool, frozen=True):
    """Take a queued task. It is sent to you as your next prompt, so end your turn afterwards."""

    task: Annotated[Name, Meta(description="Its id; empty: the next that fits you.")] = ""


class GiveVerdict(Tool, frozen=True):
    """Say the outcome of the review task that you are working on."""

    passes: bool
    remarks: Annotated[
        str,
        Meta(max_length=LONGEST_TEXT, description="Every fault with its place, if there are any."),
    ] = ""


class HandOff(Tool, frozen=True):
    """Hand work over, with everything that is needed to go on. Commit first: it starts there."""

    title: Annotated[str, Meta(min_length=1, max_length=200)]
    context: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=LONGEST_TEXT,
            description="What is to be done, what you found out, and where you stopped.",
        ),
    ]
    to: Annotated[Name, Meta(description="Name of an agent; empty: whoever fits.")] = ""


class PostBoard(Tool, frozen=True):
    """Post a note on the board that all agents and the user read."""

    text: Annotated[str, Meta(min_length=1, max_length=LONGEST_NOTE)]


class ReadBoard(Tool, frozen=True):
    """Read the newest notes on the shared board, messages to you, and who reserved which paths."""

    last: Annotated[int, Meta(ge=1, le=100, description="How many notes.")] = 20


class ReservePaths(Tool, frozen=True):
    """Tell the others that you are about to change these paths. Refused if somebody else did."""

    paths: Annotated[
        tuple[Path, ...],
        Meta(
            min_length=1,
            max_length=MOST_PATHS,
            description="Relative to the repository; a folder stands for all below it; * and **.",
        ),
    ]
    reason: Annotated[str, Meta(max_length=200)] = ""


class ReleasePaths(Tool, frozen=True):
    """Give reserved paths free again."""

    paths: Annotated[
        tuple[Path, ...],
        Meta(max_length=MOST_PATHS, description="As they were reserved; empty: all of yours."),
    ] = ()


class SendMessage(Tool, frozen=True):
    """Send another agent a message. It gets it when it is idle, marked as coming from you."""

    to: Annotated[Name, Meta(min_length=1, description="Name of the agent.")]
    text: Annotated[str, Meta(min_length=1, max_length=4000)]


class StartRun(Tool, frozen=True):
    """Queue a command as a run, one for each seed, at the last commit of your branch: commit first.

    You are prompted with the results, so end your turn instead of waiting for them.
    """

    command: Annotated[
        tuple[Annotated[str, Meta(max_length=4000)], ...],
        Meta(max_length=200, description="Its words; ${seed} in them is the seed. No shell."),
    ] = ()
    template: Annotated[Name, Meta(description="Name of a run template, instead of a command.")] = (
        ""
    )
    name: Annotated[str, Meta(max_length=200, description="What you try.")] = ""
    folder: Annotated[str, Meta(max_length=200, description="Inside the repository.")] = ""
    seeds: Annotated[Name, Meta(description="Such as 0..3.")] = ""
    metric: Annotated[Name, Meta(description="The printed figure that counts.")] = ""
    higher_is_better: bool = False
    cpus: Annotated[int, Meta(ge=1, le=4096)] | None = None
    gpus: Annotated[int, Meta(ge=0, le=64)] | None = None
    minutes: Annotated[float, Meta(gt=0, description="Until it is ended.")] | None = None
    against: Annotated[Name, Meta(description="Run to compare it with, instead of the best.")] = ""


class ListRuns(Tool, frozen=True):
    """List the newest runs of your repository: how they stand, and their results."""

    last: Annotated[int, Meta(ge=1, le=200, description="How many.")] = 20
    mine: Annotated[bool, Meta(description="Only those on your behalf.")] = False


class ReadRun(Tool, frozen=True):
    """Read one run: its figures, the curve of one of them, and the end of what it printed."""

    run: Annotated[Name, Meta(min_length=1)]
    metric: Annotated[Name, Meta(description="Whose curve; empty: none.")] = ""
    points: Annotated[int, Meta(ge=2, le=400)] = 40
    lines: Annotated[int, Meta(ge=0, le=200, description="Of its output.")] = 0


class CancelRun(Tool, frozen=True):
    """End a run of yours, or take it out of the queue."""

    run: Annotated[Name, Meta(min_length=1)]


Reading: TypeAlias = ListFleet | ReadBoard | ListRuns | ReadRun
Acting: TypeAlias = (
    ReportProgress
    | AskUser
    | WithdrawQuestion
    | ProposeTask
    | ClaimTask
    | GiveVerdict
    | HandOff
    | PostBoard
    | ReservePaths
    | ReleasePaths
    | SendMessage
    | StartRun
    | CancelRun
)

SCOPE_OF: dict[type[Tool], Scope] = {
    ReportProgress: Scope.REPORT,
    AskUser: Scope.ASK,
    WithdrawQuestion: Scope.ASK,
    ListFleet: Scope.LIST,
    ProposeTask: Scope.PROPOSE,
    ClaimTask: Scope.CLAIM,
    GiveVerdict: Scope.REVIEW,
    HandOff: Scope.HAND_OFF,
    PostBoard: Scope.BOARD,
    ReadBoard: Scope.BOARD,
    ReservePaths: Scope.RESERVE,
    ReleasePaths: Scope.RESERVE,
    SendMessage: Scope.MESSAGE,
    StartRun: Scope.RUN,
    ListRuns: Scope.RUN,
    ReadRun: Scope.RUN,
    CancelRun: Scope.RUN,
}
"""Every tool; the scope that an agent must have been given for it."""

UNLISTED = frozenset({WithdrawQuestion})
"""Called by our own server only."""


def name_of(tool: type[Tool]) -> str:
    return _snake(tool.__name__)
