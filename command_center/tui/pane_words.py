"""What the pane says in words: its title line, and what can be done when there is no screen."""

from collections.abc import Sequence

from rich.cells import cell_len

from command_center.domain.model import Agent, Phase, State
from command_center.domain.text import one_line
from command_center.tui import theme
from command_center.tui.cells import Part, fitted, reason_of

_ROOM_FOR_WAYS = 50
"""Columns from which a title also says how to get out; the footer always does."""
TYPING_WORDS = " typing — ctrl+] leaves "


def title_parts(agent: Agent | None, cli_title: str, badge: str = "") -> list[Part]:
    """Name, state with its reason, and the title the CLI gave itself."""
    if agent is None:
        return []
    look = theme.LOOKS[agent.state]
    parts: list[Part] = [
        (f" {one_line(agent.name, 40)}", theme.STRONG),
        ("  ", theme.QUIET),
        (f"{look.glyph} {agent.state}", look.style),
    ]
    if badge:
        parts += [(" · ", theme.QUIET), (one_line(badge, 40), theme.BADGE)]
    for said in (reason_of(agent), one_line(cli_title, 200)):
        if said:
            parts += [(" · ", theme.QUIET), (said, theme.QUIET)]
    return parts


def lined(
    parts: Sequence[Part],
    marker: Sequence[Part],
    width: int,
    is_chosen: bool,
    is_held: bool = False,
) -> tuple[Part, ...]:
    """`parts` at the left of a line, as far as they leave room for `marker` at its right.

    `is_held`: whether the mouse has hold of the line.
    """
    room = width - sum(cell_len(text) for text, _ in marker)
    shown: list[Part] = []
    for text, style in parts:
        if room > 0 and text:
            fits = fitted(text, min(cell_len(text), room))
            shown.append((fits, style + theme.CURSOR if is_chosen else style))
            room -= cell_len(fits)
    rule = " " if is_chosen else theme.ROW_RULE
    sign, style = (theme.HELD_ROW_RULE, theme.HELD) if is_held else (rule, theme.RULE)
    return (*shown, ((" " + sign * room)[:room], theme.CURSOR if is_chosen else style))


def marker_parts(is_typing: bool, lines_back: int, width: int) -> list[Part]:
    """What the keyboard does at the moment, for the right end of a title of `width` columns."""
    parts: list[Part] = []
    has_room = width >= _ROOM_FOR_WAYS
    if lines_back:
        way = " — any key returns " if has_room else " "
        parts.append((f" {lines_back} lines back{way}", theme.QUIET))
    if is_typing:
        parts.append((TYPING_WORDS if has_room else " typing ", theme.CURSOR + theme.STRONG))
    return parts


def ended_words(agent: Agent) -> str:
    """The line above the last screen of a program that has ended."""
    why = reason_of(agent)
    return f"ended{f': {why}' if why else ''} — this is its last screen; {_WAYS_OUT}"


def calm_words(agent: Agent | None) -> tuple[str, ...]:
    """What stands in place of a screen."""
    if agent is None:
        return ("no agent selected", "n launches one")
    name, why = one_line(agent.name, 40), reason_of(agent)
    if agent.phase is Phase.LAUNCHING:
        return (f"{name} is starting", why or "its screen shows here in a moment")
    if agent.is_being_removed:
        return (f"{name} is being removed", why)
    if agent.state in _GONE:
        return (f"{name} {_GONE[agent.state]}", why, _WAYS_OUT)
    return (f"{name} has no screen", why, _WAYS_OUT)


_WAYS_OUT = "r resumes, x removes"
_GONE = {
    State.PARKED: "is parked: its worktree and conversation are kept",
    State.EXITED: "has exited",
    State.LOST: "is lost: its pane is gone",
}
