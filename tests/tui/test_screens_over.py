"""Screens over the dashboard keep every key to themselves."""

import asyncio
import time

import pytest
from textual.screen import ModalScreen

from command_center.tui.actions import ACTION_OF_KEY
from tests.tui.world import World, running, until


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


@pytest.mark.parametrize("key", ["b", "I", "D", "X", "M"])
async def test_a_fleet_that_changes_while_a_screen_is_being_opened_ends_nothing(
    world: World, key: str
) -> None:
    world.repo("shop")
    async with running(world) as (app, pilot):
        app.perform(ACTION_OF_KEY[key])
        deadline = time.monotonic() + 60
        while len(app.screen_stack) == 1:
            assert time.monotonic() < deadline
            await asyncio.sleep(0)
        assert not app.screen.is_mounted
        app.show_fleet()
        await until(pilot, lambda: app.screen.is_mounted, "the screen stands")
    assert not app.return_code


async def test_a_key_is_over_when_the_screen_that_it_opens_stands(world: World) -> None:
    world.repo("shop")
    async with running(world) as (app, pilot):
        await app.action_act("board", "b")
        assert app.screen.is_mounted
        app.screen.query_one("#task-details")
        await pilot.pause()
