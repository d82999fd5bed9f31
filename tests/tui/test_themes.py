"""Colours: that every text of our own themes can be read, and that themes are found."""

import pytest
from rich.style import Style
from textual.color import Color
from textual.constants import DIM_FACTOR
from textual.theme import Theme

from command_center.domain.errors import SpecError
from command_center.store.habits import read_habits
from command_center.tui import theme
from command_center.tui.themes import DAY, NIGHT, dress, names, terminal_colors
from tests.tui.world import World, fleet, running, until, until_shown

ENOUGH = 4.5
"""Of contrast for text, by the Web Content Accessibility Guidelines, level AA."""
OURS = pytest.mark.parametrize("ours", [NIGHT, DAY], ids=lambda ours: ours.name)
RULES = ("RULE", "RULE_TYPING")
"""Lines, not text."""


def styles() -> dict[str, Style]:
    found = {n: s for n, s in vars(theme).items() if isinstance(s, Style) and n not in RULES}
    return found | {str(state): look.style for state, look in theme.LOOKS.items()}


def luminance(color: Color) -> float:
    parts = (part / 255 for part in color.rgb)
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def ratio(one: Color, other: Color) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def contrast(style: Style, ours: Theme) -> float:
    """As it is painted, dimming included."""
    colors = terminal_colors(ours)
    ink = style.color.get_truecolor(colors) if style.color else colors.foreground_color
    paper = style.bgcolor.get_truecolor(colors, False) if style.bgcolor else colors.background_color
    front, back = Color(*ink), Color(*paper)
    return ratio(back.blend(front, DIM_FACTOR) if style.dim else front, back)


@OURS
@pytest.mark.parametrize("name", styles())
def test_every_text_can_be_read(ours: Theme, name: str) -> None:
    assert contrast(styles()[name], ours) >= ENOUGH


@OURS
@pytest.mark.parametrize("name", styles())
def test_every_text_can_be_read_on_the_selected_line(ours: Theme, name: str) -> None:
    assert contrast(styles()[name] + theme.CURSOR, ours) >= ENOUGH


@OURS
@pytest.mark.parametrize("ground", ["background", "surface", "panel"])
@pytest.mark.parametrize("ink", ["foreground", "primary", "error", "warning", "success", "accent"])
def test_every_text_of_a_dialog_can_be_read(ours: Theme, ground: str, ink: str) -> None:
    made = ours.to_color_system().generate()
    assert ratio(Color.parse(made[ink]), Color.parse(made[ground])) >= ENOUGH


def test_there_are_ours_and_those_of_textual() -> None:
    assert {"terminal", "night", "day", "nord", "gruvbox"} <= set(names())


async def test_a_theme_paints_in_its_own_colours(world: World) -> None:
    fleet(world)
    world.theme = "night"
    async with running(world, (80, 24)) as (app, _):
        painted = [s for strip in app.screen._compositor.render_strips() for s in strip]
        grounds = {s.style.bgcolor.name for s in painted if s.style and s.style.bgcolor}
        assert "#11151a" in grounds
        assert "default" not in {name.lower() for name in grounds}


async def test_the_terminals_own_colours_come_back(world: World) -> None:
    world.theme = "day"
    async with running(world, (80, 24)) as (app, _):
        dress(app, "terminal")
        assert app.theme == theme.THEME.name
        assert app.native_ansi_color


def test_an_unknown_theme_is_told_with_the_nearest(world: World) -> None:
    world.theme = "nght"
    with pytest.raises(SpecError, match=r"no theme 'nght' \(did you mean 'night'\?\)"):
        world.app()


async def test_a_theme_chosen_in_the_palette_is_remembered(world: World) -> None:
    async with running(world, (120, 40)) as (app, pilot):
        await pilot.press("colon", *"Theme night")
        await until_shown(pilot, app, "from now on")
        await pilot.press("enter")
        await until(pilot, lambda: app.theme == "night", "it is dark")
        await until(pilot, lambda: read_habits(world.places.habits).theme == "night", "remembered")
