"""What the agent may do without asking."""

from enum import StrEnum

from command_center.agent.tools.kit import Need, Told
from command_center.agent.tools.shell import Shell
from command_center.domain.specs import Mode


class Leave(StrEnum):
    FREE = "free"
    ASK = "ask"
    NEVER = "never"


_TABLE = {
    Mode.ASK: {Need.EDIT: Leave.ASK, Need.RUN: Leave.ASK},
    Mode.EDITS: {Need.EDIT: Leave.FREE, Need.RUN: Leave.ASK},
    Mode.PLAN: {Need.EDIT: Leave.NEVER, Need.RUN: Leave.NEVER},
    Mode.FULL: {Need.EDIT: Leave.FREE, Need.RUN: Leave.FREE},
}


class Permits:
    """Of one process: what the user allowed for good is forgotten with it."""

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self._always: set[str] = set()

    def leave(self, need: Need, told: Told) -> Leave:
        leave = _TABLE[self.mode].get(need, Leave.FREE)
        is_known = leave is Leave.ASK and _what(need, told) in self._always
        return Leave.FREE if is_known else leave

    def allow_always(self, need: Need, told: Told) -> None:
        """All edits, or the same command again."""
        self._always.add(_what(need, told))

    @property
    def needs(self) -> tuple[Need, ...]:
        """What the model is offered tools for."""
        return tuple(
            need for need in Need if _TABLE[self.mode].get(need, Leave.FREE) is not Leave.NEVER
        )


def _what(need: Need, told: Told) -> str:
    return f"{need} {told.command}" if isinstance(told, Shell) else str(need)
