"""The one resume that an agent gets when a limit of its plan ends."""

from msgspec import Struct

KEPT_RESUMES = 20
SAME_LIMIT = 60.0
"""Seconds; CLIs tell the same time once to the second and once to the minute."""


class Comeback(Struct, frozen=True):
    """The one resume that an agent gets for a limit."""

    limit: float
    """When that limit ends, in Unix seconds: which limit it is for."""
    at: float
    """When it is resumed; later than `limit`."""
    words: str = ""
    is_over: bool = False
    """Whether it was carried out or given up; it never happens again."""


class Comebacks(Struct, frozen=True):
    """The last one, and when there were others."""

    last: Comeback | None = None
    times: tuple[float, ...] = ()
    """Unix seconds of those that were carried out, oldest first."""

    @property
    def words(self) -> str:
        """What to say of it beside the limit."""
        return self.last.words if self.last is not None else ""

    @property
    def is_pending(self) -> bool:
        return self.last is not None and not self.last.is_over

    def is_known(self, limit: float) -> bool:
        """Whether this limit has had its resume, planned or over."""
        return self.last is not None and abs(self.last.limit - limit) < SAME_LIMIT
