"""What agents spent: the counting rule, and the values it works on.

The rule, for every CLI (`docs/usage.md` has the evidence):

- One row per message: rows with the same key are one message, whatever file they are in.
- Of several rows with one key the greatest counts, kind by kind, for counts only grow while a
  message is written. So the order of reading changes no total.
- The message belongs to the session in which it was first counted; a fork or a resumed session
  that copies it adds nothing.
- Kinds are disjoint: `input` is what no cache served, `output` includes the reasoning.
"""

# Not from hashlib, which loads OpenSSL first: 2 ms of every start.
from _blake2 import blake2b
from bisect import bisect_left
from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct


class Shape(StrEnum):
    """How a CLI's files tell what it spent; each has a reader in `drivers/transcripts`."""

    ANALYTICS_LOG = "analytics-log"
    CHAT_RECORDS = "chat-records"
    EVENT_RECORDS = "event-records"
    MESSAGE_BLOCKS = "message-blocks"
    MESSAGE_TABLE = "message-table"
    ROLLOUT = "rollout"
    TURN_TOTALS = "turn-totals"


class Tokens(Struct, frozen=True, gc=False, array_like=True):
    """Counts of one message or of many."""

    input: int = 0
    """Prompt tokens that no cache served; excludes `cache_read` and `cache_write`."""
    output: int = 0
    """Everything generated, reasoning included."""
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0
    """The part of `output` that was reasoning; 0 where a CLI does not say."""
    cache_write_long: int = 0
    """The part of `cache_write` that is kept for an hour and costs more."""

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(
            self.input + other.input,
            self.output + other.output,
            self.cache_read + other.cache_read,
            self.cache_write + other.cache_write,
            self.reasoning + other.reasoning,
            self.cache_write_long + other.cache_write_long,
        )

    def __sub__(self, other: "Tokens") -> "Tokens":
        return Tokens(
            self.input - other.input,
            self.output - other.output,
            self.cache_read - other.cache_read,
            self.cache_write - other.cache_write,
            self.reasoning - other.reasoning,
            self.cache_write_long - other.cache_write_long,
        )

    def __or__(self, other: "Tokens") -> "Tokens":
        """The greater of each kind: two records of one message, joined."""
        if self == other:
            return self
        return Tokens(
            max(self.input, other.input),
            max(self.output, other.output),
            max(self.cache_read, other.cache_read),
            max(self.cache_write, other.cache_write),
            max(self.reasoning, other.reasoning),
            max(self.cache_write_long, other.cache_write_long),
        )

    @property
    def prompt(self) -> int:
        """The whole prompt, cached or not: what fills a context window."""
        return self.input + self.cache_read + self.cache_write

    @property
    def total(self) -> int:
        return self.prompt + self.output

    def __bool__(self) -> bool:
        return self.input + self.output + self.cache_read + self.cache_write > 0


NOTHING = Tokens()

NO_MODEL = "<synthetic>"
"""What CLIs write where no model made a message: it costs nothing, and its counts are made up."""

PROMPT_SIZES = (0, 32_000, 100_000, 128_000, 199_999, 200_000, 256_000, 272_000, 512_000, 524_288)
"""Prompts longer than one of these may cost more per token. Sums are kept apart by it, because a
sum has no prompt whose length could be looked at."""


def prompt_size(tokens: Tokens) -> int:
    """The greatest of PROMPT_SIZES that a message's prompt exceeds."""
    return size_of(tokens.prompt)


def size_of(prompt: int) -> int:
    return PROMPT_SIZES[bisect_left(PROMPT_SIZES, prompt) - 1] if prompt else 0


class UsageRow(Struct, frozen=True, gc=False, array_like=True):
    """One message as one record tells it."""

    key: int
    """`message_key` of whatever identifies the message to its CLI."""
    session: str
    model: str
    at: float
    """Unix seconds; 0 when the record has no readable time."""
    tokens: Tokens


class Context(Struct, frozen=True):
    """How full the main conversation's window is."""

    used: int
    """Tokens of the last prompt, its cached part included."""
    window: int = 0
    """Tokens that fit; 0 where the CLI does not say."""


class RateWindow(Struct, frozen=True):
    """One plan limit, as the provider reported it."""

    minutes: int
    """Length of the window: 300 for five hours, 10080 for a week."""
    used: float
    """Percent."""
    resets_at: float
    """Unix seconds; 0 when unknown."""


def quota_left(windows: Iterable[RateWindow], now: float) -> float | None:
    """Share that is left of the fullest window; None when nothing is known of a present one."""
    used = [window.used for window in windows if window.resets_at > now]
    return max(0.0, 1 - max(used) / 100) if used else None


class Cursor(Struct, frozen=True):
    """How far a file was read, and what must be remembered to read on."""

    inode: int = 0
    size: int = 0
    """Of the file when it was looked at; more than `offset` when its last line was incomplete."""
    changed: int = 0
    """Its modification time in nanoseconds."""
    offset: int = 0
    """Bytes of complete lines that were read."""
    seal: int = 0
    """Checksum of the last bytes before `offset`: they differ in a file that was replaced."""
    memory: bytes = b""
    """What the format carries from one read to the next; opaque."""


class SessionSeen(Struct, frozen=True):
    """What a read told about one conversation beside its tokens."""

    name: str
    folder: str = ""
    """Where it works; empty when not told."""
    context: Context | None = None
    """None when nothing new was said."""
    is_estimate: bool = False
    """Whether the CLI guesses its counts instead of passing on the provider's."""
    model: str = ""
    """Of its last message; empty when not told."""


class Finding(Struct, frozen=True):
    """What one read of one file brought."""

    path: str
    cursor: Cursor
    rows: tuple[UsageRow, ...] = ()
    sessions: tuple[SessionSeen, ...] = ()
    windows: tuple[RateWindow, ...] = ()
    """The newest that were reported; empty when nothing new was said."""


class Source(Struct, frozen=True):
    """Whose files these are. Two accounts of one CLI are two sources."""

    spec: str
    account: str
    """The CLI's configuration folder."""


_BLANK = blake2b(digest_size=8)
"""Copied for each message: to make one takes longer than to digest its names."""


def message_key(*parts: str) -> int:
    """64 bits that stand for a message, equal in every process."""
    joined = "\0".join(parts).encode("utf-8", "surrogatepass")
    digest = _BLANK.copy()
    digest.update(joined)
    return int.from_bytes(digest.digest(), "big", signed=True)
