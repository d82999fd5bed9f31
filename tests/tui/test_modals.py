"""Keys that come faster than a dialog goes."""

import pytest
from textual import events

from tests.tui.world import World, running, until

BURSTS = [
    ("V", "2 2"),
    ("V", "2 enter"),
    ("V", "escape escape"),
    ("question_mark", "escape escape"),
    ("s", "y y y"),
    ("s", "enter enter"),
    ("x", "y y n"),
    ("p", "h i enter enter enter"),
    ("d", "h i enter enter enter"),
    ("colon", "escape escape"),
    ("C", "enter enter escape"),
    ("f", "enter enter escape"),
    ("n", "enter enter enter"),
    ("dollar_sign", "q escape"),
    ("M", "q escape escape"),
]


@pytest.mark.parametrize(("opening", "burst"), BURSTS)
async def test_a_dialog_closes_once_and_nothing_else_with_it(
    world: World, opening: str, burst: str
) -> None:
    world.repo("shop")
    world.agent("ada", pane="%1", ago=30)
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press(opening)
        await until(pilot, lambda: len(app.screen_stack) == 2, f"{opening} opens it")
        for key in burst.split():
            # Without a pause between them, as from a held key or pasted text.
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause(0.2)
        assert app.return_code is None
