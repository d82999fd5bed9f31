"""All keys on one screen, greyed with the reason where they do not apply now."""

from collections.abc import Iterable, Iterator
from itertools import starmap
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from command_center.tui import theme
from command_center.tui.actions import ACTIONS, Action, Section
from command_center.tui.chord import LEAVE_KEY_NAME
from command_center.tui.following import Modal
from command_center.tui.reasons import Now

Line = tuple[Text, Text]
"""The key, and what it does."""
_BOLD = Style(bold=True)
_KEY_WIDTH = 9


class HelpScreen(Modal[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss", "Close", show=False)
    ]

    def __init__(self, now: Now) -> None:
        super().__init__()
        self._now = now

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as box:
            box.border_title = "Keys"
            box.border_subtitle = "esc closes"
            yield Static(Group(*_parts(self._now)))


def _parts(now: Now) -> Iterator[RenderableType]:
    for section in Section:
        lines = [_line(action, now) for action in ACTIONS if action.section is section]
        lines += starmap(_key_line, _BESIDE.get(section, ()))
        yield from _under(str(section), lines)
    yield from _under("In a pane that is zoomed or was clicked", starmap(_key_line, _IN_A_PANE))
    on_runs = "On the Runs screen, and on a run of the list"
    yield from _under(on_runs, starmap(_key_line, _ON_RUNS))
    yield from _under("States", starmap(_key_line, _states()))


def _under(title: str, lines: Iterable[Line]) -> Iterator[RenderableType]:
    """What takes more than one line stays beside its key."""
    yield Text(title, theme.KEY + _BOLD)
    table = Table.grid("", "")
    table.columns[0].min_width, table.columns[0].no_wrap = _KEY_WIDTH, True
    for line in lines:
        table.add_row(*line)
    yield table
    yield Text()


def _states() -> Iterator[tuple[str, str]]:
    for state, look in theme.LOOKS.items():
        yield look.glyph, _MEANINGS[state]
    yield theme.UNSEEN_GLYPH, "finished, and you have not looked at it yet"


_BESIDE = {
    Section.AGENT: ((LEAVE_KEY_NAME, "While typing: give the keys back to the dashboard"),),
    Section.VIEW: (
        ("drag", "A line: more room on one of its sides; a double click makes cells equal again"),
    ),
}
"""What is no action."""
_IN_A_PANE = (
    ("/", "Search everything it has shown; n older, N newer, esc ends"),
    ("pgup", "Look back, as the wheel and shift+up do; esc returns"),
    ("drag", "Select and copy"),
    ("double", "A double click types; while typing it copies a word"),
    ("click", "On a link: shows where it leads; once more opens it"),
)
_ON_RUNS = (
    ("enter", "Its curves, output and use"),
    ("x", "Cancel it; what it wrote stays"),
    ("r", "Run it again, once it is over"),
    ("L", "All of its output, in $PAGER"),
    ("p", "Tell an agent of its result"),
    ("space", "On the screen: mark it; * marks all"),
    ("c", "On the screen: compare those that are marked, or the sweep"),
    ("s o /", "On the screen: sort, show only some, filter"),
)
_MEANINGS = {
    "waiting": "waiting: a question or a permission request is open",
    "limited": "limited: a rate or quota limit holds it",
    "lost": "lost: its pane is gone; r brings it back",
    "busy": "busy: in the middle of a turn",
    "starting": "starting: not heard from yet",
    "idle": "idle: its turn is over",
    "exited": "exited: the program ended by itself",
    "parked": "parked: stopped on purpose; r resumes it",
    "unknown": "unknown: no source can say",
}


def _key_line(key: str, text: str) -> Line:
    return Text(f"  {key}", theme.KEY), Text(text)


def _line(action: Action, now: Now) -> Line:
    reason = action.why_not(now)
    if reason is None:
        return _key_line(action.shown, action.help)
    said = f"{action.help} · {reason}"
    return Text(f"  {action.shown}", theme.QUIET), Text(said, theme.QUIET)
