"""What an agent that waits wants to know, and what can be answered."""

from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    """What a waiting agent wants."""

    PERMISSION = "permission"
    QUESTION = "question"
    TRUST = "trust"
    AUTH = "auth"


class Verdict(StrEnum):
    """What is said to it."""

    YES = "yes"
    NO = "no"
    CHOICE = "choice"
    TEXT = "text"


class Question(Struct, frozen=True):
    """What a waiting agent asks. Texts are plain already."""

    id: str
    kind: Kind
    text: str
    """What to show, whole; may have several lines."""
    since: float
    tool: str = ""
    """As the CLI names it; empty when only a sentence is known."""
    detail: str = ""
    """The command, path or address that the tool is to be used on, verbatim."""
    is_exact: bool = False
    """Whether `tool` and `detail` are all of what the CLI said, nothing cut and nothing hidden."""
    choices: tuple[str, ...] = ()
    is_told: bool = False
    """Whether the CLI itself told what it asks; else it is read from the reason of its state."""
    hook: str = ""
    """Name of the FIFO in the agent's own folder at which the CLI's hook waits; empty for none."""
    carried: str = ""
    """JSON out of the CLI's question that its answer has to repeat."""
    answer: str = ""
    """The verdict on its way to the CLI; empty while nobody has answered."""
    intent: str = ""
    """The intent that answers it; empty when a policy does."""
