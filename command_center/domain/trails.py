"""What an agent's transcript tells while it grows: one trace per record that says anything."""

from enum import StrEnum

from msgspec import Struct


class Trail(StrEnum):
    """How a CLI writes its transcript; each has a reader in `drivers/trails`."""

    CHAT_MARKDOWN = "chat-markdown"
    CHAT_RECORDS = "chat-records"
    EVENT_RECORDS = "event-records"
    MESSAGE_BLOCKS = "message-blocks"
    PLAIN_RECORDS = "plain-records"
    ROLLOUT = "rollout"
    SESSION_UPDATES = "session-updates"


class Trace(Struct, frozen=True):
    """One record, in the format's own words. Texts are as untrusted as the transcript."""

    word: str
    """What happened, such as `user` or `assistant:tool_use`."""
    text: str = ""
    at: float = 0.0
    """Unix seconds; 0 when the record has no readable time."""
    doing: str | None = None
    """What the agent does by it: a tool call or a sentence, empty at the start of a turn. None
    when the record does not say."""

    @property
    def told(self) -> str:
        """What rules are matched against."""
        return f"{self.word}: {self.text}" if self.text else self.word
