"""Terminals without Unicode, and users who want nothing to move."""

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace
from rich.cells import cell_len
from textual.widgets import Input

from command_center.cli.here import lacks_unicode
from command_center.domain.model import State
from command_center.store.settings import Settings
from command_center.tui import theme
from command_center.tui.ascii import SIGNS, as_ascii
from command_center.tui.lanes import FILLS, MARKS
from tests.tui.world import World, fleet, painted, running, screen, until


@given(st.text())
def test_what_is_shown_in_ascii_takes_as_many_columns(text: str) -> None:
    assert as_ascii(text).isascii()
    assert cell_len(as_ascii(text)) == cell_len(text)


def test_states_can_be_told_apart_in_ascii() -> None:
    signs = [as_ascii(look.glyph) for look in theme.LOOKS.values()]
    signs += [as_ascii(theme.UNSEEN_GLYPH), as_ascii(theme.CURSOR_GLYPH)]
    assert len(set(signs)) == len(signs)


def test_fills_and_marks_of_the_timeline_can_be_told_apart_in_ascii() -> None:
    # Both that end an agent share one.
    for glyphs in (set(FILLS.values()), set(MARKS.values())):
        assert len(set(map(as_ascii, glyphs))) == len(glyphs)
    assert as_ascii(MARKS["answer"]) != FILLS[State.UNKNOWN]


def test_every_glyph_of_ours_has_a_sign_of_its_own() -> None:
    glyphs = {g for name, g in vars(theme).items() if name.endswith("GLYPH")} | set(theme.SPARKS)
    assert glyphs <= set(SIGNS)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("╭─ Keys ─╮", "+- Keys -+"), ("│ ▸ é", "| > e"), ("日本", "????"), ("a…", "a.")],
)
def test_boxes_and_letters_become_what_they_resemble(text: str, shown: str) -> None:
    assert as_ascii(text) == shown


@pytest.mark.parametrize("keys", [(), ("question_mark",), ("n",), ("V",)])
async def test_nothing_but_ascii_is_painted_on_such_a_terminal(
    world: World, keys: tuple[str, ...]
) -> None:
    fleet(world)
    world.is_ascii = True
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press(*keys)
        await pilot.pause()
        lines = painted(app)
        assert "".join(lines).isascii()
        assert any("* 1 waiting" in line for line in lines) or keys


@pytest.mark.parametrize(
    ("environ", "lacks"),
    [
        ({}, False),
        ({"LANG": "de_DE.UTF-8"}, False),
        ({"LANG": "de_DE.ISO-8859-1"}, True),
        ({"LANG": "de_DE.ISO-8859-1", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, True),
        ({"LC_ALL": "", "LANG": "en_US.utf8"}, False),
    ],
)
def test_the_locale_tells_what_a_terminal_can_show(environ: dict[str, str], lacks: bool) -> None:
    assert lacks_unicode(environ) is lacks


async def test_reduced_motion_stops_animations_and_blinking(world: World) -> None:
    fleet(world)
    world.settings = replace(Settings(), reduced_motion=True)
    async with running(world) as (app, pilot):
        assert app.animation_level == "none"
        await pilot.press("slash")
        await until(pilot, lambda: app.screen.query("#filter"), "the filter is open")
        await pilot.pause()
        assert not app.screen.query_one("#filter", Input).cursor_blink


async def test_a_small_screen_offers_first_what_applies(world: World) -> None:
    world.repo("shop")
    world.agent("ada", State.PARKED, task="Ship it")
    async with running(world, (80, 24)) as (app, _):
        keys = ("n new", "p prompt", "/ filter", "r resume", "x remove", "v layout")
        shown = screen(app)[-1]
        assert [key for key in keys if key not in shown] == ["p prompt"]
