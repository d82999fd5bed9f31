"""Agent specs: how to start, prompt, recognise and resume one kind of agent CLI.

A spec is a TOML file; `docs/agent-specs.md` explains every key with examples. Strings in
`argv`, `args`, `env`, `path` and `text` are templates: `${name}` is replaced as one word and never
passes through a shell, `$$` is a dollar sign. A word, or an inner list of words, is dropped when
one of its placeholders is empty.
"""

import re
from enum import StrEnum
from string import Template
from typing import Annotated, TypeAlias

from msgspec import Meta, field

from command_center.domain.answering import Answering, problem_in
from command_center.domain.errors import SpecError
from command_center.domain.signals import Rule, Signals, Table
from command_center.domain.strict import decode_toml_table
from command_center.domain.usage import Shape

Argv: TypeAlias = tuple[str | tuple[str, ...], ...]

PLACEHOLDERS = frozenset(
    {"agent", "binary", "common", "config", "gitdir", "hook", "inbox", "launch", "mcp", "mode"}
    | {"model", "name", "prompt", "python", "quoted_python", "quoted_repo", "repo", "session"}
    | {"state", "trust", "worktree"}
)
"""`mcp`, `mode` and `trust` stand for several words; `common` is the repository's git folder,
`gitdir` the worktree's own inside it; `quoted_repo` and `quoted_python` are escaped for use inside
a double-quoted string."""

_MORE = {"signals.published.path": ("pid",), "signals.transcript.path": ("short_session",)}


class Mode(StrEnum):
    """What the agent may do without asking, in our words; each spec maps them to its flags."""

    ASK = "ask"
    EDITS = "edits"
    PLAN = "plan"
    FULL = "full"


class Binary(Table, frozen=True):
    names: Annotated[tuple[str, ...], Meta(min_length=1)]
    """Executables to look for on PATH, best first; a template such as `${python}` may stand."""
    version: tuple[str, ...] = ("--version",)
    """Arguments that print the version; empty when there is none."""
    minimum: str = ""


class File(Table, frozen=True):
    """A file of our own, written before each launch."""

    path: str
    text: str
    """In .json and .toml files placeholders are escaped for use inside a double-quoted string."""


class Borrowed(Table, frozen=True):
    """A command in the user's own settings that a setting of ours stands before: ours calls it."""

    path: str
    """The file that it is written into before each launch; an empty one if there is none."""
    files: Annotated[tuple[str, ...], Meta(min_length=1)]
    """JSON files, the one that counts most first."""
    key: str
    """Path of the command in them."""


class Launch(Table, frozen=True):
    argv: Annotated[Argv, Meta(min_length=1)]
    env: dict[str, str] = field(default_factory=dict)
    drop_env: tuple[str, ...] = ()
    """Variables around us that would mislead the CLI; a trailing * makes a prefix."""
    files: tuple[File, ...] = ()
    borrowed: tuple[Borrowed, ...] = ()
    modes: dict[Mode, tuple[str, ...]] = field(default_factory=dict)
    """Arguments that `${mode}` stands for."""
    default_mode: Mode = Mode.ASK
    presets_session: bool = False
    """Whether `${session}` is a UUID that we choose; else it is learned from the CLI."""


class Resume(Table, frozen=True):
    argv: Annotated[Argv, Meta(min_length=1)]


class Trust(Table, frozen=True):
    """How to pre-answer first-start dialogs in a repository that the user vouches for."""

    args: tuple[str, ...] = ()
    """Arguments that `${trust}` stands for."""
    env: dict[str, str] = field(default_factory=dict)


class Mcp(Table, frozen=True):
    """How the CLI is told of our MCP server, and that its tools need no permission."""

    args: tuple[str, ...] = ()
    """Arguments that `${mcp}` stands for, unless the agent is to have no tools."""
    env: dict[str, str] = field(default_factory=dict)
    """Likewise; over `launch.env`."""


class First(StrEnum):
    """How the first prompt reaches the CLI."""

    ARGV = "argv"
    PASTE = "paste"


class Prompting(Table, frozen=True):
    first: First = First.PASTE
    settle_ms: Annotated[int, Meta(ge=0, le=5000)] = 250
    """Pause between the paste and the submitting key."""
    submit: str = "Enter"
    clear: tuple[str, ...] = ()
    """Keys that take a line out of the CLI's input box; empty: unknown, so a person has to."""
    interrupt: tuple[str, ...] = ("Escape",)
    unheard: str = ""
    """Pattern on the screen of a turn which shows that `interrupt` was lost; then it is pressed
    again. Empty: it never is."""
    queues_when_busy: bool = False
    """Whether the CLI keeps a prompt that is typed during a turn."""
    takes_prompts: bool = True
    fresh: str = ""
    """The CLI's own command that begins a new conversation; empty: it is started anew for one."""


class PlanWindow(Table, frozen=True):
    """Where a payload tells of one limit of the user's plan."""

    minutes: Annotated[int, Meta(gt=0)]
    """Length of the window: 300 for five hours."""
    used: str
    """Path of the percentage in the payload."""
    resets_at: str
    """Path of the Unix seconds at which it begins anew."""


class Told(Table, frozen=True):
    """What a hook's payload tells that no transcript does."""

    event: str
    """The hook's event. It tells nothing of the agent's state."""
    context: str = ""
    """Path of the tokens of the last prompt."""
    window: str = ""
    """Path of the tokens that fit."""
    windows: tuple[PlanWindow, ...] = ()


class Usage(Table, frozen=True):
    """Where the CLI writes what it spent; `docs/usage.md` says what is counted."""

    format: Shape
    paths: Annotated[tuple[str, ...], Meta(min_length=1)]
    """Templates with wildcards, `**` and `~`, of every conversation's files, sub-agents' included.
    A placeholder that has no value there matches any name."""
    told: Told | None = None


class Limit(Table, frozen=True):
    """How an agent goes on when a limit of its plan has ended, if it was launched to do so."""

    prompt: str = "continue"
    """Typed as a prompt; empty where keys do it."""
    keys: tuple[str, ...] = ()
    """Pressed instead of a prompt, in a dialog that stands then."""
    screen: str = ""
    """Pattern of that dialog; keys are pressed only while it is on the screen."""
    grace_s: Annotated[float, Meta(ge=0, le=600)] = 0.0
    """Seconds within which the CLI goes on by itself; it is resumed only later."""


class Headless(Table, frozen=True):
    """How the CLI answers one question and ends: it reads it from its standard input."""

    argv: Annotated[Argv, Meta(min_length=1)]
    """Such that it changes nothing and asks nothing."""
    answer: str
    """Path of the answer's text in the JSON that it prints: one object, or one for each line."""
    where: dict[str, str] = field(default_factory=dict)
    """What stands at other paths of the object that holds the answer. The last such one counts."""
    env: dict[str, str] = field(default_factory=dict)


class AgentSpec(Table, frozen=True):
    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,31}\Z")]
    name: str
    binary: Binary
    launch: Launch
    extends: str = ""
    install: str = ""
    """Command that installs the CLI, shown when it is missing."""
    badge: str = ""
    """Shown wherever the agent appears, such as `demo: no model`."""
    config_env: str = ""
    config_dir: str = ""
    """Folder `${config}`: the value of `config_env`, or this path with `~` for home."""
    resume: Resume | None = None
    prompt: Prompting = field(default_factory=Prompting)
    trust: Trust = field(default_factory=Trust)
    mcp: Mcp = field(default_factory=Mcp)
    signals: Signals = field(default_factory=Signals)
    answer: Answering = field(default_factory=Answering)
    usage: Usage | None = None
    limit: Limit = field(default_factory=Limit)
    headless: Headless | None = None


def parse(table: dict[str, object], file: str) -> AgentSpec:
    """Raises SpecError naming the file, the key, and the nearest valid key."""
    spec = decode_toml_table(table, AgentSpec, file)
    for where, template in _templates(spec):
        _check_template(template, f"{file}: {where}", _MORE.get(where, ()))
    patterns = [(where, rule.match) for where, rule in _rules(spec)]
    patterns += [("limit.screen", spec.limit.screen), ("prompt.unheard", spec.prompt.unheard)]
    for where, pattern in patterns:
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise SpecError(f"{file}: {where}: bad pattern {pattern!r}: {error}") from None
    if (spec.limit.keys == ()) == (spec.limit.screen != ""):
        raise SpecError(f"{file}: limit: `keys` and `screen` go together")
    if problem := problem_in(spec.answer):
        raise SpecError(f"{file}: answer.{problem}")
    return spec


def _templates(spec: AgentSpec) -> list[tuple[str, str]]:
    found = [("launch.env." + key, value) for key, value in spec.launch.env.items()]
    found += [("binary.names", name) for name in spec.binary.names]
    found += [("launch.argv", word) for word in _words(spec.launch.argv)]
    found += [("resume.argv", w) for w in _words(spec.resume.argv if spec.resume else ())]
    found += [("trust.args", word) for word in spec.trust.args]
    found += [("mcp.args", word) for word in spec.mcp.args]
    found += [("mcp.env." + key, value) for key, value in spec.mcp.env.items()]
    for file in spec.launch.files:
        found += [("launch.files.path", file.path), ("launch.files.text", file.text)]
    for each in spec.launch.borrowed:
        found += [("launch.borrowed.path", each.path)]
        found += [("launch.borrowed.files", file) for file in each.files]
    found += [("usage.paths", path) for path in (spec.usage.paths if spec.usage else ())]
    found += [("trust.env." + key, value) for key, value in spec.trust.env.items()]
    if spec.headless:
        found += [("headless.argv", word) for word in _words(spec.headless.argv)]
        found += [("headless.env." + key, value) for key, value in spec.headless.env.items()]
    if spec.signals.published:
        found.append(("signals.published.path", spec.signals.published.path))
    if spec.signals.transcript:
        found.append(("signals.transcript.path", spec.signals.transcript.path))
    return found


def _words(argv: Argv) -> list[str]:
    return [w for word in argv for w in ((word,) if isinstance(word, str) else word)]


def _rules(spec: AgentSpec) -> list[tuple[str, Rule]]:
    signals = spec.signals
    ruled = {
        "osc7501": signals.osc7501,
        "transcript": signals.transcript,
        "title": signals.title,
        "screen": signals.screen,
    }
    return [(f"signals.{at}", rule) for at, how in ruled.items() if how for rule in how.rules]


def _check_template(text: str, where: str, more: tuple[str, ...] = ()) -> None:
    template = Template(text)
    if not template.is_valid():
        raise SpecError(f"{where}: stray '$' in {text!r}; write '$$' for a dollar sign")
    unknown = set(template.get_identifiers()) - PLACEHOLDERS - set(more)
    if unknown:
        known = ", ".join(sorted(PLACEHOLDERS))
        raise SpecError(f"{where}: unknown placeholder ${{{unknown.pop()}}}; known are {known}")
