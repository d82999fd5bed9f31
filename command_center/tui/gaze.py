"""Tells when the user has looked at an agent for so long that they have seen how it ended."""

from command_center.domain.model import Agent

_ENOUGH = 2
"""Seconds."""


class Gaze:
    def __init__(self) -> None:
        self._rests_on = ("", 0.0)
        """The agent, and since when it is in its state."""
        self._seconds = 0

    def rest(self, agent: Agent | None) -> bool:
        """One more second with `agent` before the user's eyes: whether it has just been enough."""
        if agent is None or not agent.is_unseen:
            self._rests_on, self._seconds = ("", 0.0), 0
            return False
        at = (agent.id, agent.since)
        self._seconds = self._seconds + 1 if at == self._rests_on else 1
        self._rests_on = at
        return self._seconds == _ENOUGH
