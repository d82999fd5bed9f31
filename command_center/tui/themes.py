"""Colours other than the terminal's own: two themes of ours, and those that come with Textual."""

import asyncio
from typing import TYPE_CHECKING

from msgspec.structs import replace
from rich.terminal_theme import TerminalTheme
from textual.app import App
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from command_center.domain.errors import SpecError
from command_center.domain.strict import nearest
from command_center.store.habits import read_habits, write_habits
from command_center.tui import theme

if TYPE_CHECKING:
    from command_center.tui.app import CommandCenter

TERMINAL = "terminal"
"""What the user calls the default."""

_NIGHT = {
    "black": "#232a33",
    "red": "#ff8a86",
    "green": "#83d38d",
    "yellow": "#eac36c",
    "blue": "#1d4a8c",
    "magenta": "#dea4f2",
    "cyan": "#6fd3e3",
    "white": "#d9dfe7",
    "bright_black": "#5b6675",
    "bright_white": "#ffffff",
}
_DAY = {
    "black": "#24292f",
    "red": "#a31621",
    "green": "#17601f",
    "yellow": "#6d4c00",
    "blue": "#16407a",
    "magenta": "#742f94",
    "cyan": "#004f5c",
    "white": "#24292f",
    "bright_black": "#9aa2ab",
    "bright_white": "#ffffff",
}
_ORDER = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")


def _own(name: str, colors: dict[str, str], background: str, panel: str, dark: bool) -> Theme:
    return Theme(
        name=name,
        dark=dark,
        primary=colors["cyan"],
        secondary=colors["magenta"],
        accent=colors["cyan"],
        warning=colors["yellow"],
        error=colors["red"],
        success=colors["green"],
        foreground=colors["white"],
        background=background,
        surface=background,
        panel=panel,
        boost=panel,
        variables={
            "border": colors["cyan"],
            "border-blurred": colors["bright_black"],
            "block-cursor-foreground": colors["bright_white"],
            "block-cursor-background": colors["blue"],
            "input-cursor-background": colors["cyan"],
            "input-cursor-foreground": background,
            "scrollbar": colors["bright_black"],
            "scrollbar-background": background,
        },
    )


NIGHT = _own("night", _NIGHT, "#11151a", "#1b2129", dark=True)
DAY = _own("day", _DAY, "#fbfbf8", "#eeeee8", dark=False)
_COLORS = {NIGHT.name: _NIGHT, DAY.name: _DAY}


def names() -> tuple[str, ...]:
    others = (name for name, found in BUILTIN_THEMES.items() if not found.ansi)
    return (TERMINAL, NIGHT.name, DAY.name, *others)


def dress(app: App[None], name: str) -> None:
    """Show the theme with this name. Raises SpecError naming what there is."""
    if name in ("", TERMINAL):
        app.ansi_color, app.theme = True, theme.THEME.name
        return
    if name not in names():
        raise SpecError(f"no theme '{name}' ({nearest(name, names())})")
    found = {NIGHT.name: NIGHT, DAY.name: DAY}.get(name) or BUILTIN_THEMES[name]
    app.register_theme(found)
    if found.dark:
        app.ansi_theme_dark = terminal_colors(found)
    else:
        app.ansi_theme_light = terminal_colors(found)
    app.ansi_color, app.theme = False, name


async def choose(app: "CommandCenter", name: str) -> None:
    """Show the theme, now and at the next start."""
    dress(app, name)
    file = app.deck.places.habits
    try:
        await asyncio.to_thread(lambda: write_habits(file, replace(read_habits(file), theme=name)))
    except OSError as error:
        app.crier.complain(f"the theme cannot be remembered: {error}")


def terminal_colors(found: Theme) -> TerminalTheme:
    """What the sixteen colours of our own lines, and of the agents' screens, become."""
    made = found.to_color_system().generate()
    ground, ink = Color.parse(made["background"]), Color.parse(made["foreground"])
    colors = _COLORS.get(found.name) or _derived(made, ground, ink)
    base = [Color.parse(colors[name]).rgb for name in _ORDER]
    bright = [Color.parse(colors[f"bright_{n}"]).rgb for n in ("black", "white")]
    return TerminalTheme(ground.rgb, ink.rgb, base, [bright[0], *base[1:-1], bright[1]])


def _derived(made: dict[str, str], ground: Color, ink: Color) -> dict[str, str]:
    roles = ("panel", "error", "success", "warning", "primary", "secondary", "accent", "foreground")
    colors = {name: made[role] for name, role in zip(_ORDER, roles, strict=True)}
    # What is written upon the blue of the selected line.
    white = Color.parse(colors["blue"]).get_contrast_text(1.0).hex
    return {**colors, "bright_black": ink.blend(ground, 0.5).hex, "bright_white": white}
