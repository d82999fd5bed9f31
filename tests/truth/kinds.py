"""The kinds of turns an agent is led through, and the real CLIs they are played with."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from command_center.drivers.glass import Key
from tests.agents.cases import AIDER, KNOWN, Case

ESCAPE = Key("escape", "\x1b")


class Kind(StrEnum):
    QUICK = "quick"
    SLOW = "slow"
    """The answer streams for a while."""
    THINK = "think"
    """Nothing comes for a while, then the answer."""
    TOOL = "tool"
    """A tool that needs no permission."""
    APPROVE = "approve"
    LONG_COMMAND = "long command"
    """Approved, then it runs for a while."""
    TWICE = "twice"
    """Two permissions, one after the other."""
    PARALLEL = "parallel"
    """Two calls in one answer, one dialog after the other."""
    DENY = "deny"
    ESCAPE = "escape"
    EARLY_ESCAPE = "early escape"
    """Before anything has come."""
    RETRY = "retry"
    """The server fails once and the CLI tries again."""
    RATE = "rate"
    """The same, with a rate limit."""
    LIMIT = "limit"
    """The plan's limit is reached; the CLI goes on by itself when it resets."""
    FAIL = "fail"
    """The server refuses for good."""
    SECOND = "second"
    """Another prompt is sent while the agent is busy."""
    CRASH = "crash"
    """Killed in a turn, and resumed."""
    BACKGROUND = "background"
    """A command outlives the turn, and the agent hears of its end."""


@dataclass(frozen=True, slots=True)
class Cli:
    case: Case
    dialog: str
    """On the screen while it waits for permission."""
    box: str
    """On the screen when it can take a prompt."""
    tool: str
    """A script step that needs no permission."""
    working: str = "esc to interrupt"
    """On the screen while a turn goes on."""
    publishes: bool = True
    """Whether it tells its state by a file, a status report or hooks."""
    refuse: tuple[Key, ...] = (ESCAPE,)
    """Refuses a permission and ends the turn."""
    interrupt: tuple[Key, ...] = (ESCAPE,)
    unheard: str = ""
    """On the screen of a turn for which those keys were not heard; empty: they are never lost."""
    environ: tuple[tuple[str, str], ...] = ()
    """More than the case's own."""
    asks_last: bool = False
    """Whether it asks about an edit once the answer is whole, which ends the turn."""
    limit_dialog: str = ""
    """On the screen while it wants to be told what to do at its plan's limit."""
    limit_ends: tuple[Key, ...] = ()
    """Keys that end the wait for the plan's limit; none: the next prompt does."""
    without: frozenset[Kind] = frozenset((Kind.BACKGROUND, Kind.PARALLEL))

    @property
    def name(self) -> str:
        return self.case.spec

    @property
    def kinds(self) -> list[Kind]:
        return [kind for kind in Kind if kind not in self.without]


_TOOLS_ONLY = frozenset(
    {Kind.TOOL, Kind.LONG_COMMAND, Kind.TWICE, Kind.PARALLEL, Kind.SECOND, Kind.BACKGROUND}
)
_CASES = {case.spec: case for case in KNOWN}
# Neighbours are measured together: one that takes much to start beside one that takes little.
CLIS = {
    "claude": Cli(
        _CASES["claude"],
        "Do you want to proceed",
        "^\u276f",
        "read:src/part0/file0.txt",
        # Plan limits are known to subscribers only.
        environ=(("CLAUDE_CODE_OAUTH_TOKEN", "scripted"), ("ANTHROPIC_AUTH_TOKEN", "")),
        without=frozenset(),
    ),
    "gemini": Cli(
        _CASES["gemini"],
        "Allow execution of",
        "Type your message",
        "read:src/part0/file0.txt",
        working="esc to cancel",
        publishes=False,
        limit_dialog="Usage limit reached",
        limit_ends=(Key("2", "2"),),
    ),
    "codex": Cli(
        _CASES["codex"],
        "Would you like to run the following",
        "^\u203a ",
        "sh:cat src/part0/file0.txt",
    ),
    "opencode": Cli(
        _CASES["opencode"],
        "Permission required",
        "ctrl\\+p commands",
        "read:src/part0/file0.txt",
        working="esc interrupt",
        interrupt=(ESCAPE, ESCAPE),
        limit_ends=(ESCAPE, ESCAPE),
    ),
    "copilot": Cli(
        _CASES["copilot"],
        "Do you want to run this command",
        "/ commands",
        "read:src/part0/file0.txt",
        working="Working esc",
        interrupt=(ESCAPE, ESCAPE),
        # The second Escape has to come soon, but not at once: a slow machine joins or parts them.
        unheard="esc (?:esc|again to) interrupt",
    ),
    "grok": Cli(
        _CASES["grok"],
        "Yes, proceed",
        "Shift\\+Tab:mode",
        "read:src/part0/file0.txt",
        working="Ctrl\\+c:cancel",
        publishes=False,
        refuse=(Key("3", "3"),),
        interrupt=(Key("ctrl+c", "\x03"),),
    ),
    "native": Cli(
        _CASES["native"],
        "^y yes",
        "^\u203a$",
        "read:src/part0/file0.txt",
        working="Esc interrupts",
        without=frozenset((Kind.BACKGROUND,)),
    ),
    "aider": Cli(
        AIDER,
        r"\(Y\)es/\(N\)o",
        r"^[\w-]*>\s*\Z",
        "",
        # Its spinner ends with the first word; what tells of the end is the box alone.
        working=r"\A(?![\s\S]*^[\w-]*>\s*\Z)",
        publishes=False,
        asks_last=True,
        refuse=(Key("n", "n"), Key("enter", "\r")),
        interrupt=(Key("ctrl+c", "\x03"),),
        without=_TOOLS_ONLY,
    ),
}


def drawn(seed: int, agent: int, cli: Cli) -> Iterator[tuple[Kind, random.Random]]:
    """Turns without end: every kind once in some order, then again in another."""
    chance = random.Random(f"{seed} {cli.name} {agent}")
    while True:
        yield from ((kind, chance) for kind in chance.sample(cli.kinds, len(cli.kinds)))
