"""What a user or an agent asks for: a closed union, imperative. Each is one file in the inbox."""

from typing import TypeAlias

import msgspec
from msgspec import Struct

from command_center.domain.asks import Verdict
from command_center.domain.budgets import Cap
from command_center.domain.run_intents import RunIntent
from command_center.domain.task_intents import TaskIntent
from command_center.domain.tools import Acting
from command_center.domain.wire import read_json


class _Intent(Struct, frozen=True, tag=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class AddRepository(_Intent, frozen=True):
    path: str


class Launch(_Intent, frozen=True):
    """One agent; several at once are several intents."""

    spec: str
    repo: str
    """Absolute path inside the repository."""
    prompt: str = ""
    name: str = ""
    """Empty: the supervisor picks a free one."""
    base: str = "HEAD"
    branch: str = ""
    """Branch template with {name}, {spec} and {slug}; empty: the configured one."""
    model: str = ""
    mode: str = ""
    """Permission mode: ask, edits, plan or full; empty: the spec's own default."""
    trusts_repo: bool = False
    budget: Cap = Cap()
    """Of this agent alone; empty: as the settings say."""
    comes_back: bool | None = None
    """Whether it is resumed when a limit of its plan ends; None: as the settings say."""
    columns: int = 120
    rows: int = 40
    tags: tuple[str, ...] = ()
    scopes: tuple[str, ...] | None = None
    """What it may do through our tools; None: as the settings say."""


class SetBudget(_Intent, frozen=True):
    """What a scope may cost: `day`, `fleet`, `agent:ID` or `task:ID`."""

    scope: str
    cap: Cap
    """Empty: no limit."""
    raises: bool = False
    """Whether `cap` comes on top of what is there; else what a fleet spends counts from today."""
    stops: bool | None = None
    """Whether turns under way are interrupted when it is reached; None: as it was."""


class Send(_Intent, frozen=True):
    agent: str
    text: str


class Drop(_Intent, frozen=True):
    """Take a prompt back that has not been typed yet."""

    agent: str
    prompt: str


class Interrupt(_Intent, frozen=True):
    agent: str


class Answer(_Intent, frozen=True):
    """To one question of one agent; refused when it is not the open one any more."""

    agent: str
    question: str
    verdict: Verdict
    choice: int = 0
    """Number of the choice, from 1."""
    text: str = ""
    """The typed reply; with a no, what the agent is told instead."""


class Stop(_Intent, frozen=True):
    agent: str


class Resume(_Intent, frozen=True):
    agent: str


class Remove(_Intent, frozen=True):
    agent: str
    keeps_branch: bool = False


class Undo(_Intent, frozen=True):
    """Bring a removed agent back, with its branch and files."""

    agent: str


class Hide(_Intent, frozen=True):
    agent: str


class Show(_Intent, frozen=True):
    agent: str


class Retag(_Intent, frozen=True):
    agent: str
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


class MarkSeen(_Intent, frozen=True):
    agent: str


class Call(_Intent, frozen=True):
    """An agent calls one of our tools; `Envelope.by` is its id."""

    launch: str
    """Its incarnation: words of an older one are refused."""
    call: Acting


class Shutdown(_Intent, frozen=True):
    """Ask the supervisor to leave; agents go on."""


AgentIntent: TypeAlias = (
    Send | Drop | Interrupt | Stop | Resume | Remove | Hide | Show | Retag | MarkSeen
)
Intent: TypeAlias = (
    AddRepository
    | Launch
    | SetBudget
    | Undo
    | Shutdown
    | Answer
    | Call
    | AgentIntent
    | TaskIntent
    | RunIntent
)


class Envelope(Struct, frozen=True, forbid_unknown_fields=True):
    """An intent as it lies in the inbox. `id` makes it happen once."""

    id: str
    at: float
    by: str
    """Who asks: `dashboard`, `cli`, or an agent's id."""
    intent: Intent


def encode(envelope: Envelope) -> bytes:
    return msgspec.json.encode(envelope)


def decode(body: bytes) -> Envelope:
    """Raises msgspec.DecodeError."""
    envelope = read_json(body, Envelope)
    try:
        # A number that no snapshot holds would end the supervisor that takes it.
        msgspec.msgpack.encode(envelope)
    except OverflowError as error:
        raise msgspec.DecodeError(str(error)) from None
    return envelope
