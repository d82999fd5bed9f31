"""What was noticed about an agent's state beside its sources' words. A part of `events.Event`."""

from typing import TypeAlias

from command_center.domain.prompt_events import Happening


class LimitEnded(Happening, frozen=True):
    """The time has come for which the CLI told that it goes on."""

    agent: str
    launch: str


StateEvent: TypeAlias = LimitEnded
