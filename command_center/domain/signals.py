"""What a spec says of the signals that tell an agent's state: one table for each source."""

from typing import Annotated

from msgspec import Meta, Struct

from command_center.domain.model import Source, State
from command_center.domain.trails import Trail


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a spec."""


class Meaning(Table, frozen=True):
    state: State
    reason: str = ""
    """Template over the payload: `{tool_name}` or `{tool_input.command}`."""
    until: str = ""
    """The same, for what tells when a limit ends, if the reason does not."""


class Published(Table, frozen=True):
    """A state file the CLI itself keeps, one JSON object."""

    path: str
    """Template; `${pid}` is the CLI's process id."""
    states: dict[str, State]
    state_key: str = "status"
    reason_key: str = ""
    reasons: dict[str, str] = {}
    """The CLI's words for a reason, in ours."""
    at_key: str = ""
    """Unix milliseconds of the last change."""
    until_key: str = ""
    """Unix milliseconds at which a limit ends."""
    start_key: str = ""
    """Process start time as field 22 of /proc/PID/stat; a file of another process is ignored."""
    session_key: str = ""


class Osc(Table, frozen=True):
    """The Program Status Protocol (OSC 7501), heard by our pty proxy."""

    is_complete: bool = True
    rules: tuple["Rule", ...] = ()
    """Over `STATE: MESSAGE`, such as `error: You've hit your limit`, where that means more."""


class Hooks(Table, frozen=True):
    events: dict[str, Meaning] = {}
    variants: dict[str, str] = {}
    """Payload field that tells an event's kinds apart: EVENT:VALUE is looked up before EVENT."""
    is_complete: bool = False
    event_key: str = "hook_event_name"
    session_key: str = "session_id"
    transcript_key: str = "transcript_path"
    prompt_event: str = ""
    """The event that proves a prompt was accepted."""
    prompt_key: str = "prompt"


class Rule(Table, frozen=True):
    """A regular expression over what a source tells, such as a title."""

    match: str
    state: State
    reason: str = ""
    """May refer to groups of the match: `{1}` or `{name}`."""


class Transcript(Table, frozen=True):
    """The conversation as the CLI writes it down; also what tells what the agent does now."""

    format: Trail
    path: str = ""
    """Template with wildcards, of which the file that changed last counts; empty: a hook tells it.
    `${short_session}` is the first eight characters of the session's id."""
    rules: tuple[Rule, ...] = ()
    """Over `WORD: TEXT`, such as `user: fix the bug`; the format's reader names the words."""
    is_complete: bool = False


class Titles(Table, frozen=True):
    rules: tuple[Rule, ...]
    is_complete: bool = False


class Screen(Table, frozen=True):
    rules: tuple[Rule, ...]
    lines: Annotated[int, Meta(ge=1, le=200)] = 15


class Signals(Table, frozen=True):
    published: Published | None = None
    osc7501: Osc | None = None
    hooks: Hooks | None = None
    transcript: Transcript | None = None
    title: Titles | None = None
    screen: Screen | None = None

    @property
    def is_silent(self) -> bool:
        """Whether nothing tells what the program is doing, only that it runs."""
        return not self.sources

    @property
    def sources(self) -> tuple[Source, ...]:
        """Those that are read beside the process, the most trusted first."""
        has_rules = self.transcript is not None and bool(self.transcript.rules)
        told = {
            Source.PUBLISHED: self.published,
            Source.OSC: self.osc7501,
            Source.HOOKS: self.hooks,
            Source.TRANSCRIPT: self.transcript if has_rules else None,
            Source.TITLE: self.title,
            Source.SCREEN: self.screen,
        }
        return tuple(source for source, how in told.items() if how is not None)
