"""How things look: one glyph, one word and one style for each state.

Only the terminal's own sixteen colours and its own background are used, so that light and
dark terminals, and the agents' screens between ours, all keep their looks.
"""

from msgspec import Struct
from rich.style import Style
from textual.theme import BUILTIN_THEMES, Theme

from command_center.domain.model import State

THEME = Theme(
    name="command-center",
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_blue",
    accent="ansi_cyan",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        **BUILTIN_THEMES["ansi-dark"].variables,
        "border": "ansi_cyan",
        "border-blurred": "ansi_bright_black",
        "block-cursor-foreground": "ansi_bright_white",
        "block-cursor-background": "ansi_blue",
        "input-cursor-background": "ansi_cyan",
        "input-cursor-foreground": "ansi_black",
        "scrollbar": "ansi_bright_black",
        "scrollbar-background": "ansi_default",
    },
)

PLAIN = Style()
QUIET = Style(dim=True)
STRONG = Style(bold=True)
BRAND = Style(color="cyan", bold=True)
KEY = Style(color="cyan")
ADDED = Style(color="green")
REMOVED = Style(color="red")
PROBLEM = Style(color="red", bold=True)
UNSEEN = Style(color="yellow", bold=True)
BADGE = Style(color="magenta")
CURSOR = Style(color="bright_white", bgcolor="blue")
"""Laid over the selected line; a bar at its left says the same without colour."""
CURSOR_BAR = Style(color="cyan", bold=True)
RULE = Style(color="bright_black")
RULE_TYPING = Style(color="cyan")
"""Around the pane that the keys go into."""
HELD = Style(color="cyan", bold=True)
"""A line that the mouse has hold of; it is heavier too."""


class Look(Struct, frozen=True):
    glyph: str
    style: Style


LOOKS = {
    State.WAITING: Look("●", Style(color="yellow", bold=True)),
    State.LIMITED: Look("▲", Style(color="magenta", bold=True)),
    State.LOST: Look("✗", Style(color="red", bold=True)),
    State.BUSY: Look("◐", Style(color="cyan")),
    State.IDLE: Look("○", Style(color="green")),
    State.STARTING: Look("◌", Style(color="cyan")),
    State.EXITED: Look("■", PLAIN),
    State.PARKED: Look("‖", QUIET),
    State.UNKNOWN: Look("?", PLAIN),
}
"""In the order in which the header counts them."""

UNSEEN_GLYPH = "•"
OUT_GLYPH = "⧉"
"""After the name of an agent whose screen stands open beside the dashboard."""
CURSOR_GLYPH = "▌"
PROBLEM_GLYPH = "✗"
ROW_RULE, COLUMN_RULE = "─", "│"
HELD_ROW_RULE, HELD_COLUMN_RULE = "━", "┃"
SPARKS = "▁▂▃▄▅▆▇█"
METER_FULL, METER_HALF, METER_EMPTY = "━", "╸", "─"
FOLDED_GLYPH, OPEN_GLYPH = "▸", "▾"
TREND = Style(color="cyan")
TAG = Style(color="magenta")
