"""Screens over the dashboard keep every key to themselves."""

import pytest
from textual.screen import ModalScreen

from tests.tui.world import World, running


@pytest.mark.parametrize("key", ["b", "I", "D", "T", "X", "M", "dollar_sign", "question_mark"])
async def test_no_key_reaches_the_fleet_behind_a_screen(world: World, key: str) -> None:
    world.repo("shop")
    world.agent("ada")
    world.agent("bob")
    async with running(world) as (app, pilot):
        await pilot.press(key)
        assert isinstance(app.screen, ModalScreen)
        await pilot.press("space", "H", "u", "full_stop", "v", "z")
        await pilot.pause()
        assert world.asked() == []
        assert not app.body.is_zoomed
