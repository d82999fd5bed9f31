"""The agents' shared board: what they write, how far they say they are, what they reserved."""

import time
from collections.abc import Callable, Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from command_center.domain.board import standing
from command_center.domain.model import Fleet
from command_center.domain.text import one_line, plain
from command_center.tui.cells import age
from command_center.tui.dialogs.fields import Dialog

MOST_NOTES = 50


class NotesDialog(Dialog[None]):
    """The board as it is when the dialog opens, the newest notes first."""

    DEFAULT_CSS = """
    NotesDialog {
        & > #box { width: 96; }
        #notes { height: auto; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,enter", "close", show=False)]

    def __init__(self, fleet: Fleet, clock: Callable[[], float] = time.time) -> None:
        """`clock` tells Unix seconds, for the ages."""
        super().__init__()
        self._fleet = fleet
        self._now = clock()

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="box") as box:
            box.border_title = "Shared board"
            lines = list(_lines(self._fleet, self._now))
            yield Static(Content("\n").join(lines or [Content(NOTHING)]), id="notes")

    def on_mount(self) -> None:
        self.query_one("#box").focus()


NOTHING = "No agent has written, reserved or reported anything yet."


def _lines(fleet: Fleet, now: float) -> Iterator[Content]:
    names = {agent.id: one_line(agent.name, 40) for agent in fleet.agents.values()}
    for each in standing(fleet.board, fleet.agents):
        why = f"  {one_line(each.reason)}" if each.reason else ""
        paths = one_line(" ".join(each.patterns))
        yield _line(names[each.agent], "reserves", f"{paths}{why}", now - each.at)
    for agent, told in fleet.board.progress.items():
        if agent in names:
            share = "" if told.percent is None else f" ({told.percent} %)"
            yield _line(names[agent], "is at", f"{one_line(told.text)}{share}", now - told.at)
    for post in reversed(fleet.board.posts[-MOST_NOTES:]):
        verb = f"to {names.get(post.to, 'one that is gone')}" if post.to else "writes"
        yield _line(one_line(post.name, 40), verb, plain(post.text), now - post.at)


def _line(name: str, verb: str, text: str, seconds: float) -> Content:
    return Content.assemble(
        (name, "bold"), f" {verb} ", (f"{age(seconds)} ago", "dim"), f"\n  {text}"
    )
