"""All keys on one screen, greyed with the reason where they do not apply now."""

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from command_center.tui import theme
from command_center.tui.actions import ACTIONS, Action, Section
from command_center.tui.chord import LEAVE_KEY_NAME
from command_center.tui.following import Modal
from command_center.tui.reasons import Now


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
            yield Static(Content("\n").join(_lines(self._now)))


def _lines(now: Now) -> Iterator[Content]:
    for section in Section:
        yield Content.assemble((str(section), "bold $primary"))
        for action in ACTIONS:
            if action.section is section:
                yield _line(action, now)
        if section is Section.AGENT:
            yield _key_line(LEAVE_KEY_NAME, "While typing: give the keys back to the dashboard")
        yield Content("")
    yield Content.assemble(("In a pane that is zoomed or was clicked", "bold $primary"))
    for key, text in _IN_A_PANE:
        yield _key_line(key, text)
    yield Content("")
    yield Content.assemble(("On the Runs screen, and on a run of the list", "bold $primary"))
    for key, text in _ON_RUNS:
        yield _key_line(key, text)
    yield Content("")
    yield Content.assemble(("States", "bold $primary"))
    for state, look in theme.LOOKS.items():
        yield _key_line(look.glyph, _MEANINGS[state])
    yield _key_line(theme.UNSEEN_GLYPH, "finished, and you have not looked at it yet")


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


def _key_line(key: str, text: str) -> Content:
    return Content.assemble((f"  {key:<7}", "$primary"), text)


def _line(action: Action, now: Now) -> Content:
    reason = action.why_not(now)
    if reason is None:
        return _key_line(action.shown, action.help)
    return Content.assemble((f"  {action.shown:<7}{action.help}", "dim"), (f" · {reason}", "dim"))
