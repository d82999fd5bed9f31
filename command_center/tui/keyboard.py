"""What a key does, one after another, where the keyboard belongs to no pane and no dialog."""

import asyncio
from typing import TYPE_CHECKING

from command_center.tui.actions import ACTION_OF_KEY
from command_center.tui.following import Keyed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from command_center.tui.app import CommandCenter
    from command_center.tui.following import KeyDeed

_DIALOG_LOOKS, _LOOK_S = 500, 0.002
"""How often, and how far apart, to look whether an action's dialog stands."""


class Keyboard:
    """Textual hands a key to the focused widget and looks at the next; text typed ahead of
    what a key opens would then be keys too, and stop or remove agents.
    """

    def __init__(self, app: "CommandCenter") -> None:
        self._app = app

    async def take(self, key: str) -> bool:
        """Whether the key is ours; returns when it has acted."""
        if (deed := self._own_keys().get(key)) is not None:
            await self._settled(deed)
        elif key in ACTION_OF_KEY and self._takes(key):
            await self.act(ACTION_OF_KEY[key], key)
        else:
            return False
        return True

    async def act(self, action: str, key: str) -> None:
        """Returns when the action is over or its dialog stands, so that the next key is its."""
        await self._settled(lambda: self._app.perform(action, key))

    def _own_keys(self) -> "Mapping[str, KeyDeed]":
        """Those of what has the keyboard, where that is not the list."""
        app = self._app
        if len(app.screen_stack) > 1:
            return app.screen.keys if isinstance(app.screen, Keyed) else {}
        if app.moves.is_filtering and (line := app.moves.filter_line) is not None:
            return line.keys
        if app.has_board_focus:
            return app.deeds.tasks.part_keys
        return app.runs.keys(app.deeds.runs) if app.fleet.runs else {}

    def _takes(self, key: str) -> bool:
        app = self._app
        if (focused := app.focused) is None or app.is_typing:
            return False
        leaves_zoom = key == "escape" and app.body.is_zoomed and len(app.screen_stack) == 1
        is_part = focused.id in ("fleet", "wall", "board")
        return leaves_zoom or is_part or app.runs.has_part_focus

    async def _settled(self, deed: "KeyDeed") -> None:
        depth = len(self._app.screen_stack)
        worker = deed()
        for _ in range(_DIALOG_LOOKS):
            if worker is None or worker.is_finished or self._has_turned(depth):
                return
            await asyncio.sleep(_LOOK_S)

    def _has_turned(self, depth: int) -> bool:
        """Whether another screen is on top of so many, whole: a key may need any part of it."""
        stack = self._app.screen_stack
        return len(stack) != depth and (not stack or stack[-1].is_mounted)
