"""When to look for edits where a pane writes: git does not know of them before they are staged."""

SOON_SECONDS = 5.0
"""From one look to the next."""
LATE_SECONDS = 20.0
"""The same where looks have found nothing new for long: each starts a git."""


class DiffPace:
    """By agent: each look that finds nothing new makes the next one wait twice as long."""

    def __init__(self) -> None:
        self._looked_at: dict[str, float] = {}
        self._pauses: dict[str, float] = {}

    def is_due(self, agent: str, wrote_at: int, now: float) -> bool:
        """Whether to look now. Its pane wrote last at `wrote_at`; both in Unix seconds."""
        looked_at = self._looked_at.get(agent, 0.0)
        # Whole seconds: what was written in the second of the look may have come after it.
        has_written = wrote_at >= int(looked_at)
        if not has_written or now - looked_at < self._pauses.get(agent, SOON_SECONDS):
            return False
        self._looked_at[agent] = now
        return True

    def note(self, agent: str, *, has_news: bool) -> None:
        """What a look has found, whoever asked for it."""
        longer = 2 * self._pauses.get(agent, SOON_SECONDS)
        self._pauses[agent] = SOON_SECONDS if has_news else min(longer, LATE_SECONDS)
